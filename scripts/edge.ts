// Serves the vault at the edge's way on this machine: workerd with one SQLite-backed Durable Object per tenant, or, where
// CLOAKROOM_DATABASE_URL is set, with that PostgreSQL database and the root key in CLOAKROOM_KEYS.
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { newKey } from '../src/crypto/envelope.ts'
import { formatRootKeyFile } from '../src/runtime/root-key-file.ts'
import { OBJECTS_CONFIG, POSTGRES_CONFIG, WRANGLER, wranglerEnv } from './edge/wrangler.ts'

const DEFAULT_PORT = '8787'
/** What wrangler takes for the database behind the binding HYPERDRIVE on this machine. */
const LOCAL_DATABASE = 'CLOUDFLARE_HYPERDRIVE_LOCAL_CONNECTION_STRING_HYPERDRIVE'
const port = process.env['PORT'] ?? DEFAULT_PORT
const databaseUrl = process.env['CLOAKROOM_DATABASE_URL'] ?? ''
const folder = join(process.env['CLOAKROOM_DATA'] ?? 'data', databaseUrl === '' ? 'edge' : 'edge-postgres')
const secrets = join(folder, 'dev.vars')

/** The database's own key, which made its tenants; objects begin with a new one. */
function rootKeyFile(): string {
  if (databaseUrl !== '')
    return readFileSync(join(process.env['CLOAKROOM_KEYS'] ?? 'keys', 'root.key'), 'utf8')
  const key = newKey((length) => new Uint8Array(randomBytes(length)))
  return formatRootKeyFile({ protection: 'none', keyId: key.id, key: key.material })
}

/** A root key in plain and an admin secret, for this machine alone. They stay, or what is stored could not be read any more. */
function makeSecrets(): void {
  const lines = [
    'CLOAKROOM_ENV=development',
    `CLOAKROOM_ROOT_KEY='${rootKeyFile().replaceAll(/\s+/g, '')}'`,
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
    `--config=${databaseUrl === '' ? OBJECTS_CONFIG : POSTGRES_CONFIG}`,
    `--port=${port}`,
    `--persist-to=${folder}`,
    `--env-file=${secrets}`,
    `--var=CLOAKROOM_PUBLIC_URL:http://localhost:${port}`,
    ...process.argv.slice(2),
  ],
  { stdio: 'inherit', env: { ...wranglerEnv(), [LOCAL_DATABASE]: databaseUrl } },
)
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => wrangler.kill(signal))
wrangler.on('exit', (code) => process.exit(code ?? 1))
