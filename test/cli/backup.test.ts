import { generateIdentity, identityToRecipient } from 'age-encryption'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { command as backup } from '../../src/cli/backup.ts'
import type { Command } from '../../src/cli/command.ts'
import { command as init } from '../../src/cli/init.ts'
import { command as keys } from '../../src/cli/keys.ts'
import { command as restore } from '../../src/cli/restore.ts'
import { parseTenantId } from '../../src/core/id.ts'
import type { TenantId } from '../../src/core/id.ts'
import { secret } from '../../src/core/secret.ts'
import { backUp, backupKeys } from '../../src/runtime/node/backup/backup.ts'
import { keepTombstones } from '../../src/runtime/node/backup/keep-tombstones.ts'
import { openVault } from '../../src/runtime/node/compose.ts'
import { readConfig } from '../../src/runtime/node/config.ts'
import {
  createParty,
  findParty,
  issueCredential,
  revokeCredential,
} from '../../src/vault/principals/service.ts'
import { issuePlatformCredential } from '../../src/vault/principals/tenants.ts'
import type { PlatformCaller } from '../../src/vault/principals/principal.ts'
import { approveDestruction, askDestruction } from '../../src/vault/keys/destroy.ts'
import { rotate } from '../../src/vault/keys/rotate.ts'
import type { Vault } from '../../src/vault/vault.ts'
import { runCommand } from './run-command.ts'
import type { Outcome } from './run-command.ts'

const TENANT = parseTenantId('default') as TenantId

let root: string
let env: NodeJS.ProcessEnv
let recipient: string
const at = (name: string) => join(root, name)

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'backup-command-'))
  env = { CLOAKROOM_DATA: at('data'), CLOAKROOM_KEYS: at('keys'), CLOAKROOM_TOMBSTONES: at('tombstones') }
  const identity = await generateIdentity()
  writeFileSync(at('identity'), `# made for a test\n${identity}\n`)
  recipient = await identityToRecipient(identity)
})
afterEach(() => rmSync(root, { recursive: true }))

async function run(command: Command, ...args: string[]): Promise<Outcome> {
  return runCommand(command, env, ...args)
}

/** A shop's credential, and what revokes it while tombstones are kept or not. */
async function onVault<T>(
  work: (vault: Vault, caller: PlatformCaller) => Promise<T>,
  keeps = true,
): Promise<T> {
  const { vault, close } = await openVault(readConfig(env))
  const kept = keeps ? await keepTombstones(vault, at('tombstones'), () => {}) : undefined
  try {
    const { rows } = await vault.store.listEvents(
      TENANT,
      { types: ['credential.issued'], order: 'oldest' },
      { limit: 1 },
    )
    const leaf = JSON.parse(Buffer.from(rows[0]!.bytes).toString().split('\n')[1]!)
    return await work(kept?.vault ?? vault, { kind: 'platform', tenant: TENANT, credential: leaf.concerns })
  } finally {
    await kept?.stop()
    await close()
  }
}

async function withCredential() {
  return onVault(async (vault, caller) => {
    const { id } = await createParty(vault, { caller }, { kind: 'merchant', name: 'one' })
    return (await issueCredential(vault, { caller }, id, 'till')).id
  })
}

async function revokedAt(folder: string, id: Awaited<ReturnType<typeof withCredential>>) {
  const { vault, close } = await openVault(readConfig({ ...env, CLOAKROOM_DATA: folder }))
  const credential = await vault.store.findCredential(TENANT, id)
  await close()
  return credential?.revokedAt
}

test('what was revoked after the backup is revoked in what is restored, and the figures are printed', async () => {
  await run(init)
  const id = await withCredential()
  expect(await run(backup, '--to', at('b.age'), '--recipient', recipient)).toMatchObject({ exit: 0 })
  await onVault((vault, caller) => revokeCredential(vault, { caller }, id))
  const from = [at('b.age'), '--identity', at('identity')]
  const done = await run(restore, ...from, '--to', at('r'), '--newer-log', at('tombstones'))
  expect(done).toMatchObject({ exit: 0, stderr: '' })
  expect(done.stdout).toMatch(/1 revocations/)
  expect(done.stdout).toMatch(/RPO +\d+\.\d s/)
  expect(done.stdout).toMatch(/RTO +\d+\.\d s/)
  expect(await revokedAt(at('r'), id)).not.toBeNull()
  // The control: restored as it was, it would be let in again, and the command says so.
  const blind = await run(restore, ...from, '--to', at('blind'), '--accept-loss')
  expect(blind.stderr).toContain('WARNING: What was erased or revoked after')
  expect(await revokedAt(at('blind'), id)).toBeNull()
})

test('a key that was destroyed after the backup is destroyed in what is restored, and what it held is readable', async () => {
  await run(init)
  const party = await onVault((vault, caller) =>
    createParty(vault, { caller }, { kind: 'merchant', name: 'one', contact: 'till@shop.example' }),
  )
  await run(backup, '--to', at('b.age'), '--recipient', recipient)
  const second = await onVault((vault) => issuePlatformCredential(vault, TENANT, 'second'))
  await onVault(async (vault, caller) => {
    await rotate(vault, TENANT, 'note')
    const { id } = await askDestruction(vault, { caller }, { kind: 'note', version: 1 })
    await approveDestruction(vault, { caller: { ...caller, credential: second.id } }, id)
  })
  // The file of tombstones opens although the note key of its time is gone.
  await onVault(async () => {})
  const args = [at('b.age'), '--identity', at('identity'), '--to', at('r'), '--newer-log', at('tombstones')]
  const restored = await run(restore, ...args)
  expect(restored).toMatchObject({ exit: 0, stderr: '', stdout: expect.stringContaining('1 keys destroyed') })
  env = { ...env, CLOAKROOM_DATA: at('r') }
  await onVault(async (vault, caller) => {
    const notes = (await vault.store.listTenantKeys(TENANT)).filter(({ kind }) => kind === 'note')
    expect(notes.map(({ state }) => state)).toEqual(['destroyed', 'primary'])
    expect((await findParty(vault, caller, party.id)).contact).toBe('till@shop.example')
  })
})

test('a vault whose root key is in shares is restored with enough of them, and not with fewer', async () => {
  env = { ...env, CLOAKROOM_ENV: 'production' }
  const { stdout } = await run(keys, 'init', '--shares', '3', '--threshold', '2')
  const shares = stdout.match(/cks1-\S+/g) ?? []
  const files = [0, 1].map((i) => at(`share-${i}`))
  for (const [i, file] of files.entries()) writeFileSync(file, `${shares[i]}\n`)
  const opened = await openVault(readConfig(env), { maySeal: true })
  for (const share of shares.slice(0, 2)) await opened.keys.unseal({ kind: 'share', share: secret(share) })
  const job = { target: at('b.age'), recipients: [recipient] }
  const source = {
    dataFolder: at('data'),
    clock: opened.vault.clock,
    copyTo: opened.copyTo,
    keys: () => backupKeys(opened.vault),
    tombstones: async () => null,
  }
  await backUp(source, job, () => {})
  await opened.close()
  const args = [at('b.age'), '--identity', at('identity'), '--to', at('r'), '--accept-loss']
  expect((await run(restore, ...args)).exit).toBe('shares_missing')
  expect((await run(restore, ...args, '--share-file', files[0]!)).exit).toBe('shares_missing')
  const twice = ['--share-file', files[0]!, '--share-file', files[0]!]
  expect((await run(restore, ...args, ...twice)).exit).toBe('share_invalid')
  const enough = files.flatMap((file) => ['--share-file', file])
  expect((await run(restore, ...args, ...enough)).exit).toBe(0)
})

test('a file of tombstones at an address is as good as one on a disk', async () => {
  await run(init)
  const id = await withCredential()
  await run(backup, '--to', at('b.age'), '--recipient', recipient)
  await onVault((vault, caller) => revokeCredential(vault, { caller }, id))
  const served = createServer((request, response) => {
    if (request.url === '/tombstones') response.end(readFileSync(at('tombstones')))
    else response.writeHead(404).end()
  }).listen(0, '127.0.0.1')
  await once(served, 'listening')
  const { port } = served.address() as AddressInfo
  const from = [at('b.age'), '--identity', at('identity'), '--to', at('r')]
  const where = (path: string) => ['--newer-log', `http://127.0.0.1:${port}${path}`]
  expect((await run(restore, ...from, ...where('/nothing'))).exit).toBe('invalid_request')
  expect(await run(restore, ...from, ...where('/tombstones'))).toMatchObject({ exit: 0, stderr: '' })
  expect(await revokedAt(at('r'), id)).not.toBeNull()
  served.close()
})

test('what ended while the file of tombstones was not written is in it after the next start', async () => {
  await run(init)
  const id = await withCredential()
  await run(backup, '--to', at('b.age'), '--recipient', recipient)
  await onVault((vault, caller) => revokeCredential(vault, { caller }, id), false)
  expect(readFileSync(at('tombstones'), 'utf8')).not.toContain(id)
  await onVault(async () => {})
  expect(readFileSync(at('tombstones'), 'utf8')).toContain(id)
})

test('the lost folder itself serves as the newer log', async () => {
  await run(init)
  const id = await withCredential()
  await run(backup, '--to', at('b.age'), '--recipient', recipient)
  await onVault((vault, caller) => revokeCredential(vault, { caller }, id), false)
  const args = [at('b.age'), '--identity', at('identity'), '--to', at('r'), '--newer-log', at('data')]
  expect(await run(restore, ...args)).toMatchObject({ exit: 0, stderr: '' })
  expect(await revokedAt(at('r'), id)).not.toBeNull()
})

test('an old copy of the tombstones, changed ones and none at all are not taken for the whole truth', async () => {
  await run(init)
  const id = await withCredential()
  const old = readFileSync(at('tombstones'), 'utf8')
  await onVault((vault, caller) => revokeCredential(vault, { caller }, id))
  await run(backup, '--to', at('b.age'), '--recipient', recipient)
  writeFileSync(at('old'), old)
  writeFileSync(at('changed'), readFileSync(at('tombstones'), 'utf8').replace(id, id.replace(/.$/, 'z')))
  const from = [at('b.age'), '--identity', at('identity'), '--to', at('r')]
  expect(await run(restore, ...from)).toMatchObject({ exit: 'invalid_request' })
  expect(await run(restore, ...from, '--newer-log', at('old'))).toMatchObject({ exit: 'invalid_request' })
  expect(await run(restore, ...from, '--newer-log', at('changed'))).toMatchObject({ exit: 'log_damaged' })
  expect(await run(restore, ...from, '--newer-log', at('tombstones'))).toMatchObject({ exit: 0 })
})

test('a call that cannot be understood does nothing and exits with 2', async () => {
  for (const [command, ...args] of [
    [backup],
    [backup, '--to', at('b')],
    [backup, '--recipient', recipient],
    [backup, '--to', at('b'), '--recipient'],
    [restore],
    [restore, at('b'), '--to', at('r')],
    [restore, at('b'), at('c'), '--to', at('r'), '--identity', at('identity')],
  ] as [Command, ...string[]][]) {
    const { exit, stderr } = await run(command, ...args)
    expect(exit, args.join(' ')).toBe(2)
    expect(stderr).toContain('Usage: cloakroom')
  }
})
