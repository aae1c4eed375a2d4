// Serves the vault at the edge's way on this machine: workerd with one SQLite-backed Durable Object per tenant.
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { newKey } from '../src/crypto/envelope.ts'
import { formatRootKeyFile } from '../src/runtime/root-key-file.ts'
import { WRANGLER, wranglerEnv } from './edge/wrangler.ts'

const DEFAULT_PORT = '8787'
const port = process.env['PORT'] ?? DEFAULT_PORT
const folder = join(process.env['CLOAKROOM_DATA'] ?? 'data', 'edge')
const secrets = join(folder, 'dev.vars')

/** A root key in plain and an admin secret, for this machine alone. They stay, or what is stored could not be read any more. */
function makeSecrets(): void {
  const key = newKey((length) => new Uint8Array(randomBytes(length)))
  const file = formatRootKeyFile({ protection: 'none', keyId: key.id, key: key.material })
  const lines = [
    'CLOAKROOM_ENV=development',
    `CLOAKROOM_ROOT_KEY='${file.replaceAll(/\s+/g, '')}'`,
    `CLOAKROOM_ADMIN_SECRET=${randomBytes(32).toString('base64url')}`,
  ]
  writeFileSync(secrets, `${lines.join('\n')}\n`, { mode: 0o600, flag: 'wx' })
}

mkdirSync(folder, { recursive: true, mode: 0o700 })
if (!existsSync(secrets)) makeSecrets()
const admin = /^CLOAKROOM_ADMIN_SECRET=(.+)$/m.exec(readFileSync(secrets, 'utf8'))?.[1]
console.log(`To make a tenant and its first credential:

  curl -X PUT http://localhost:${port}/admin/tenants/default -H 'authorization: Bearer ${admin}'
`)
const wrangler = spawn(
  process.execPath,
  [
    WRANGLER,
    'dev',
    '--local',
    `--port=${port}`,
    `--persist-to=${folder}`,
    `--env-file=${secrets}`,
    `--var=CLOAKROOM_PUBLIC_URL:http://localhost:${port}`,
    ...process.argv.slice(2),
  ],
  { stdio: 'inherit', env: wranglerEnv() },
)
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => wrangler.kill(signal))
wrangler.on('exit', (code) => process.exit(code ?? 1))
