import Database from 'better-sqlite3'
import { generateIdentity, identityToRecipient } from 'age-encryption'
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { timedId } from '../../../src/core/id.ts'
import type { TenantId } from '../../../src/core/id.ts'
import { DAY_MS, instant } from '../../../src/core/time.ts'
import type { Instant } from '../../../src/core/time.ts'
import { restoreBackup } from '../../../src/runtime/node/backup/restore.ts'
import { backUpStopped } from '../../../src/runtime/node/backup/stopped.ts'
import { openVault } from '../../../src/runtime/node/compose.ts'
import { readConfig } from '../../../src/runtime/node/config.ts'
import type { Config } from '../../../src/runtime/node/config.ts'
import { fsck } from '../../../src/runtime/node/fsck.ts'
import { sealEvent } from '../../../src/vault/audit/event.ts'
import type { AuditEvent } from '../../../src/vault/audit/event.ts'
import type { Change } from '../../../src/vault/changes.ts'
import { integrateLogs } from '../../../src/vault/log/integrate.ts'
import { cleanUp } from '../../../src/vault/retention/clean.ts'
import { ruleOf } from '../../../src/vault/retention/policy.ts'
import type { Vault } from '../../../src/vault/vault.ts'
import { dumpTables, openInside } from '../../storage/opened.ts'

const DEFAULT = 'default' as TenantId
const REFUSALS = 20

let root: string
let config: Config
let recipient: string
const at = (name: string) => join(root, name)

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'emptied-'))
  config = readConfig({ CLOAKROOM_DATA: at('data'), CLOAKROOM_KEYS: at('keys') })
  const identity = await generateIdentity()
  writeFileSync(at('identity'), `${identity}\n`)
  recipient = await identityToRecipient(identity)
})
afterEach(() => rmSync(root, { recursive: true }))

async function withVault(task: (vault: Vault) => Promise<void>): Promise<void> {
  const { vault, close } = await openVault(config)
  try {
    await task(vault)
  } finally {
    await close()
  }
}

function refusal(vault: Vault, when: Instant): Change {
  const event: AuditEvent = {
    id: timedId('evt', vault.random, when),
    at: when,
    type: 'call.refused',
    actor: 'platform',
  }
  return { type: 'event.append', event: sealEvent(DEFAULT, event, vault.random) }
}

async function refuse(vault: Vault): Promise<void> {
  const now = vault.clock.now()
  await vault.store.commit(
    DEFAULT,
    Array.from({ length: REFUSALS }, () => refusal(vault, now)),
  )
}

/** What retention does once those refusals have had their time. */
async function empty(vault: Vault): Promise<void> {
  await integrateLogs(vault)
  const { keepMs, waitMs } = ruleOf('other_events')
  const later = instant(vault.clock.now() + keepMs + waitMs + DAY_MS)
  await cleanUp({ ...vault, clock: { ...vault.clock, now: () => later } })
  await integrateLogs(vault)
}

async function backup(target = at('backup.age')): Promise<string> {
  await backUpStopped(config, undefined, { target, recipients: [recipient] }, () => {})
  return target
}

function restore(file: string, more: { newerLogs?: string[]; acceptLoss?: boolean } = {}) {
  const order = {
    file,
    identityFile: at('identity'),
    folder: at('restored'),
    newerLogs: [],
    acceptLoss: true,
    shareFiles: [],
    ...more,
  }
  return restoreBackup(config, order)
}

function change(sql: string): void {
  const client = new Database(join(at('data'), 'cloakroom.sqlite'))
  try {
    expect(client.prepare(sql).run().changes).toBe(1)
  } finally {
    client.close()
  }
}

function emptiedIn(folder: string): number {
  const { client } = openInside(folder)
  try {
    return (
      client.prepare<[], number>('select count(*) from events where length(bytes) = 0').pluck().get() ?? 0
    )
  } finally {
    client.close()
  }
}

describe('a log of which retention has emptied events', () => {
  beforeEach(() => withVault(refuse))

  test('is backed up and restored row by row, and fsck has nothing to say of it', async () => {
    await withVault(empty)
    expect(emptiedIn(at('data'))).toBe(REFUSALS)
    const before = openInside(at('data'))
    const tables = dumpTables(before.client)
    before.client.close()
    await restore(await backup())
    const after = openInside(at('restored'))
    expect(dumpTables(after.client)).toEqual(tables)
    after.client.close()
    config = readConfig({ CLOAKROOM_DATA: at('restored'), CLOAKROOM_KEYS: at('keys') })
    const report = { start: () => {}, found: () => {}, advanced: () => {} }
    const checked = await fsck(config, { database: undefined, witnessed: [], vkeys: [] }, report)
    expect(checked).toMatchObject({ findings: 0, unsigned: 0 })
    expect(checked.events).toBeGreaterThan(REFUSALS)
  })

  const first = '(select min(place) from events where length(bytes) = 0)'
  test.each([
    [
      'another hash beside an emptied event',
      `update events set leaf_hash = zeroblob(32) where place = ${first}`,
    ],
    ['a hash that is none', `update events set leaf_hash = x'00' where place = ${first}`],
    ['bytes in an emptied event', `update events set bytes = x'00' where place = ${first}`],
    ['a type in an emptied event', `update events set type = 'call.refused' where place = ${first}`],
    [
      'one event emptied that retention did not empty',
      `update events set type = '', bytes = x'' where place = (select min(place) from events where length(bytes) > 0)`,
    ],
    [
      'what retention said of it emptied',
      `update events set type = '', bytes = x'' where type = 'retention.cleaned'`,
    ],
  ])('is not backed up with %s', async (_what, sql) => {
    await withVault(empty)
    await backup(at('control.age'))
    change(sql)
    await expect(backup()).rejects.toMatchObject({
      code: 'database_unreadable',
      message: expect.stringMatching(/is not what was hashed|checkpoint|are empty, the log accounts for/),
    })
  })

  test('says as --newer-log all that it knows, if what it has lost lies before the backup', async () => {
    const file = await backup()
    await withVault(empty)
    await restore(file, { newerLogs: [at('data')], acceptLoss: false })
  })

  test('is as --newer-log not enough, if retention has emptied what came after the backup', async () => {
    const file = await backup()
    await withVault(refuse)
    cpSync(at('data'), at('lost-before'), { recursive: true })
    await withVault(empty)
    const lossy = restore(file, { newerLogs: [at('data')], acceptLoss: false })
    await expect(lossy).rejects.toMatchObject({
      code: 'invalid_request',
      message: expect.stringContaining(`retention has emptied ${REFUSALS} events since the backup`),
    })
    // The control: before retention came by, the same folder was enough.
    await restore(file, { newerLogs: [at('lost-before')], acceptLoss: false })
  })
})
