import { Decrypter, Encrypter, generateIdentity, identityToRecipient } from 'age-encryption'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { parseTenantId } from '../../../src/core/id.ts'
import type { TenantId } from '../../../src/core/id.ts'
import {
  END,
  HEAD_START_BYTES,
  formatHead,
  manifestLength,
  parseManifest,
} from '../../../src/runtime/node/backup/format.ts'
import { MAGIC } from '../../../src/runtime/node/backup/format.ts'
import { backUp, backupKeys } from '../../../src/runtime/node/backup/backup.ts'
import { restoreBackup } from '../../../src/runtime/node/backup/restore.ts'
import { takeFolder } from '../../../src/runtime/node/backup/restore-folder.ts'
import { backUpStopped } from '../../../src/runtime/node/backup/stopped.ts'
import { createClock } from '../../../src/runtime/clock.ts'
import { addTenant, openVault } from '../../../src/runtime/node/compose.ts'
import { readConfig } from '../../../src/runtime/node/config.ts'
import type { Config } from '../../../src/runtime/node/config.ts'
import { openSqliteStore } from '../../../src/runtime/node/sqlite.ts'
import { dumpTables, openInside } from '../../storage/opened.ts'

let root: string
let config: Config
let recipient: string
let decrypter: Decrypter
const at = (name: string) => join(root, name)

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'backup-'))
  config = readConfig({ CLOAKROOM_DATA: at('data'), CLOAKROOM_KEYS: at('keys') })
  const identity = await generateIdentity()
  writeFileSync(at('identity'), `${identity}\n`)
  recipient = await identityToRecipient(identity)
  decrypter = new Decrypter()
  decrypter.addIdentity(identity)
  await (await openVault(config)).close()
})
afterEach(() => rmSync(root, { recursive: true }))

async function backup(target = at('backup.age')): Promise<string> {
  await backUpStopped(config, undefined, { target, recipients: [recipient] }, () => {})
  return target
}

function restore(
  file: string,
  folder = at('restored'),
  more: { newerLogs?: string[]; acceptLoss?: boolean } = {},
) {
  const order = {
    file,
    identityFile: at('identity'),
    folder,
    newerLogs: [],
    acceptLoss: true,
    shareFiles: [],
    ...more,
  }
  return restoreBackup(config, order)
}

function tablesOf(folder: string) {
  const { client } = openInside(folder)
  try {
    return dumpTables(client)
  } finally {
    client.close()
  }
}

describe('a backup', () => {
  test('restores every row of every table', async () => {
    const before = tablesOf(at('data'))
    await restore(await backup())
    expect(tablesOf(at('restored'))).toEqual(before)
  })

  test('of a vault that is being written holds all that was acknowledged before, whole', async () => {
    const { vault, close } = await openVault(config)
    const keys = await backupKeys(vault)
    await close()
    const { client, store } = openInside(at('data'))
    const live = { ...vault, store }
    const tenants = Array.from({ length: 60 }, (_, no) => parseTenantId(`t${no}`) as TenantId)
    const early = tenants.splice(0, 20)
    for (const tenant of early) await addTenant(live, tenant)
    let writing = true
    const writer = (async () => {
      for (const tenant of tenants) if (writing) await addTenant(live, tenant)
    })()
    const source = {
      dataFolder: at('data'),
      clock: createClock(0),
      copyTo: (path: string, onStep: (left: number, total: number) => number) =>
        client.backup(path, { progress: (p) => Math.min(8, onStep(p.remainingPages, p.totalPages)) }),
      keys: () => Promise.resolve(keys),
      tombstones: () => Promise.resolve(null),
    }
    await backUp(source, { target: at('live.age'), recipients: [recipient] }, () => {})
    writing = false
    await writer
    await store.close()
    const { manifest } = await restore(at('live.age'))
    const names = new Set(manifest.logs.map(({ tenant }) => tenant))
    expect(early.every((tenant) => names.has(tenant))).toBe(true)
    expect(readdirSync(at('data')).filter((name) => name.startsWith('backup-copy'))).toEqual([])
  })

  test('is never written over, and none is left of one that failed', async () => {
    await backup()
    await expect(backup()).rejects.toMatchObject({ code: 'state_conflict' })
    const order = { target: at('no/such/folder.age'), recipients: [recipient] }
    await expect(backUpStopped(config, undefined, order, () => {})).rejects.toThrow('ENOENT')
    const bad = { target: at('other.age'), recipients: ['age1nonsense'] }
    await expect(backUpStopped(config, undefined, bad, () => {})).rejects.toMatchObject({
      code: 'invalid_request',
    })
    expect(readdirSync(root).toSorted()).toEqual(['backup.age', 'data', 'identity', 'keys'])
    expect(readdirSync(at('data')).filter((name) => name.startsWith('backup-copy'))).toEqual([])
  })

  test('of a folder without a vault is refused, and makes none there', async () => {
    const empty = { ...config, dataFolder: at('nothing') }
    const order = { target: at('b.age'), recipients: [recipient] }
    await expect(backUpStopped(empty, undefined, order, () => {})).rejects.toMatchObject({
      code: 'not_found',
    })
    expect(existsSync(at('nothing'))).toBe(false)
  })

  test('holds no root key', async () => {
    const plain = await decrypter.decrypt(readFileSync(await backup()))
    const { key } = JSON.parse(readFileSync(at('keys/root.key'), 'utf8')) as { key: string }
    const found = Buffer.from(plain)
    expect(found.includes(key) || found.includes(Buffer.from(key, 'base64'))).toBe(false)
  })
})

describe('a restore', () => {
  test('goes into an empty folder only, and one at a time', async () => {
    const file = await backup()
    mkdirSync(at('full'))
    writeFileSync(join(at('full'), 'note'), 'mine')
    await expect(restore(file, at('full'))).rejects.toMatchObject({ code: 'folder_not_empty' })
    const held = await takeFolder(at('taken'))
    await expect(restore(file, at('taken'))).rejects.toMatchObject({ code: 'folder_not_empty' })
    held.release()
    const both = await Promise.allSettled([restore(file, at('two')), restore(file, at('two'))])
    expect(both.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
  })

  test('that was broken off is opened by no service', async () => {
    const held = await takeFolder(at('half'))
    held.release()
    const opening = openSqliteStore(at('half'), { onFatal: () => {} })
    await expect(opening).rejects.toMatchObject({ code: 'database_unreadable' })
  })

  test('that fails leaves the folder as empty as it was, and can be done again', async () => {
    const file = await backup()
    await expect(restore(file, at('again'), { acceptLoss: false })).rejects.toMatchObject({
      code: 'invalid_request',
    })
    await restore(file, at('again'))
  })

  test('needs the root key that the backup was made with', async () => {
    const file = await backup()
    const other = readConfig({ CLOAKROOM_DATA: at('other'), CLOAKROOM_KEYS: at('other-keys') })
    await (await openVault(other)).close()
    const order = {
      file,
      identityFile: at('identity'),
      folder: at('r'),
      newerLogs: [],
      acceptLoss: true,
      shareFiles: [],
    }
    await expect(restoreBackup(other, order)).rejects.toMatchObject({
      code: expect.stringMatching(/^root_key_/),
    })
    expect(existsSync(join(at('r'), 'cloakroom.sqlite'))).toBe(false)
  })

  test('refuses another identity', async () => {
    const file = await backup()
    writeFileSync(at('identity'), `${await generateIdentity()}\n`)
    await expect(restore(file)).rejects.toMatchObject({ code: 'backup_invalid' })
  })

  test('refuses what somebody made who knows recipient and format, and has no root key', async () => {
    const plain = await decrypter.decrypt(readFileSync(await backup()))
    const forged = forge(plain, (manifest) => ({ ...manifest, madeAt: createClock(0).now() }))
    writeFileSync(at('forged.age'), await encrypted(forged))
    await expect(restore(at('forged.age'))).rejects.toMatchObject({
      code: 'backup_invalid',
      message: expect.stringContaining('root key'),
    })
    // The control: put together again without a change, it is taken.
    writeFileSync(at('same.age'), await encrypted(forge(plain, (manifest) => manifest)))
    await restore(at('same.age'))
  })
})

type Manifest = ReturnType<typeof parseManifest>

/** Every length and digest right again; the seal is the old one. */
function forge(plain: Uint8Array, change: (manifest: Manifest) => Manifest): Uint8Array {
  const bodyAt = HEAD_START_BYTES + manifestLength(plain.subarray(MAGIC.length))
  const manifest = change(parseManifest(plain.subarray(HEAD_START_BYTES, bodyAt)))
  const database = plain.subarray(bodyAt, bodyAt + manifest.database.bytes)
  const content = Buffer.concat([formatHead(manifest), database, END])
  const digest = createHash('sha256').update(content).digest()
  return Buffer.concat([content, digest, plain.subarray(-32)])
}

async function encrypted(plain: Uint8Array): Promise<Uint8Array> {
  const encrypter = new Encrypter()
  encrypter.addRecipient(recipient)
  return encrypter.encrypt(plain)
}
