import type Database from 'better-sqlite3'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { seeded } from '../../../scripts/seeded.ts'
import { toHex } from '../../../src/core/bytes.ts'
import type { Verifier } from '../../../src/tlog/note.ts'
import { EVENT_TYPES } from '../../../src/vault/audit/event.ts'
import { integrateLogs } from '../../../src/vault/log/integrate.ts'
import { publicCheckpoint } from '../../../src/vault/log/proofs.ts'
import { openHarness } from '../../http/harness.ts'
import type { Harness } from '../../http/harness.ts'
import { BusyTenant } from './busy-tenant.ts'
import { check, insideStore, verifierOfLog } from './inspected.ts'
import type { Checked, Inside } from './inspected.ts'
import { IN_THE_LOG } from './fsck-log-cases.ts'
import { IN_THE_STATE } from './fsck-state-cases.ts'
import { FIRST, run, whileTampered } from './tampering.ts'
import type { Tamper } from './tampering.ts'

let harness: Harness
let inside: Inside
let client: Database.Database
let busy: BusyTenant
let verifiers: Verifier[]
let witnessed: string

beforeAll(async () => {
  const engine = insideStore()
  harness = await openHarness(engine)
  inside = engine.inside()
  client = inside.client
  busy = await BusyTenant.open(harness, 'acme', seeded(1))
  const other = await BusyTenant.open(harness, 'other', seeded(2))
  for (const act of Object.values(busy.acts)) for (let i = 0; i < 3; i++) await act()
  for (let i = 0; i < 6; i++) await busy.acts.erase()
  await busy.act(300)
  await other.act(60)
  await integrateLogs(harness.vault)
  witnessed = await publicCheckpoint(harness.vault, busy.tenant)
  await busy.acts.store()
  await integrateLogs(harness.vault)
  verifiers = await Promise.all([busy, other].map(({ tenant }) => verifierOfLog(harness.vault, tenant)))
})
afterAll(() => harness.close())

function checked(more: Partial<Parameters<typeof check>[0]> = {}): Promise<Checked> {
  return check({ reader: inside.reader(), verifiers, witnessed: [witnessed], ...more })
}

async function foundAfter(tamper: Tamper, more = {}): Promise<Checked['findings']> {
  return whileTampered(client, tamper, async () => (await checked(more)).findings)
}

function codes(findings: Checked['findings']): string[] {
  return [...new Set(findings.map(({ code }) => code))].sort()
}

describe('a store that nobody has tampered with', () => {
  test('gives no finding, with every kind of event and thing in it', async () => {
    const { findings, counts } = await checked()
    expect(findings).toEqual([])
    const size = (table: string) => Number(client.prepare(`select count(*) from ${table}`).pluck().get())
    const held = ['tenants', 'parties', 'credentials', 'subjects', 'grants', 'shipments', 'sessions']
    expect(counts).toEqual({
      tenants: 2,
      events: size('events'),
      tiles: size('tiles'),
      rows: held.reduce((sum, table) => sum + size(table), 0),
      uncovered: 0,
      unsigned: 0,
      findings: 0,
    })
    const seen = new Set(client.prepare('select distinct type from events').pluck().all())
    const state = EVENT_TYPES.filter((type) =>
      /^(party|credential|subject|grant|shipment|session)\./.test(type),
    )
    expect(state.filter((type) => type !== 'credential.refused' && !seen.has(type))).toEqual([])
    expect(size('events')).toBeGreaterThan(256)
  })

  test('gives none before its first checkpoint, nor with events that no checkpoint covers yet', async () => {
    await busy.acts.store()
    const { findings, counts } = await checked()
    expect(findings).toEqual([])
    expect(counts.uncovered).toBe(1)
    const none = run('delete from logs', 'delete from tiles')
    expect(await foundAfter(none, { witnessed: [] })).toEqual([])
    await integrateLogs(harness.vault)
  })

  test('says when it had no key for the signatures', async () => {
    const { findings, counts } = await checked({ verifiers: [], witnessed: [] })
    expect(findings).toEqual([])
    expect(counts.unsigned).toBe(2)
  })
})

describe('finds, and finds nothing else,', () => {
  test.each(IN_THE_LOG)('in the log: %s', async (_, tamper, expected) => {
    expect(codes(await foundAfter(tamper))).toEqual(expected)
  })

  test.each(IN_THE_STATE)('in the state: %s', async (_, tamper, expected) => {
    expect(codes(await foundAfter(tamper))).toEqual(expected)
    expect((await checked()).findings).toEqual([])
  })

  test('rows that an index no longer shows', async () => {
    client.unsafeMode(true)
    const shown = `select sql from sqlite_master where name = 'events_person'`
    const sql = String(client.prepare(shown).pluck().get())
    const narrower = sql.replace('person is not null', 'person is not null and person <> 1')
    const findings = await foundAfter((db) => {
      db.pragma('writable_schema = on')
      db.exec(`drop index events_person; ${narrower}`)
      db.prepare(`update sqlite_master set sql = ? where name = 'events_person'`).run(sql)
      db.pragma('schema_version = 4711')
    })
    client.unsafeMode(false)
    client.pragma('writable_schema = reset')
    expect(codes(findings)).toEqual(['database_damaged'])
  })
})

describe('what a finding says', () => {
  test('names tenant, event and index, and what it may mean', async () => {
    const id = String(
      client
        .prepare(`select id from events where place = ${FIRST + 2}`)
        .pluck()
        .get(),
    )
    const [finding] = await foundAfter(run(`update events set at = at + 1 where place = ${FIRST + 2}`))
    expect(finding).toEqual({
      tenant: 'acme',
      code: 'column_differs',
      id: `${id} at 2`,
      seen: '`at` is not what the leaf says',
      means: 'the row was changed so that the event is listed for somebody or something else',
    })
  })

  test('a checkpoint that was kept outside finds what the store cannot know of itself', async () => {
    const keyless = { witnessed: [], verifiers: [] }
    const rolledBack = run(
      `delete from logs`,
      `delete from tiles`,
      `delete from events where place between ${FIRST + 200} and ${2 * FIRST - 1}`,
    )
    const state = /^(grant|party|credential|subject|shipment|session)_/
    const left = (findings: Checked['findings']) => codes(findings).filter((code) => !state.test(code))
    expect(left(await foundAfter(rolledBack, keyless))).toEqual([])
    expect(left(await foundAfter(rolledBack))).toEqual(['log_missing'])
  })

  test('one that this log never signed says nothing about it, and is a finding itself', async () => {
    const forged = witnessed.replace(/\n\d+\n/, '\n3\n')
    expect(forged).not.toBe(witnessed)
    const { findings } = await checked({ witnessed: [forged] })
    expect(codes(findings)).toEqual(['checkpoint_unsigned'])
    expect(codes((await checked({ witnessed: ['x'] })).findings)).toEqual(['checkpoint_unreadable'])
  })

  test('nothing in it is a person’s', async () => {
    const findings = await foundAfter(
      run(`update events set bytes = x'ff'`, `update grants set revoked_at = 1`),
    )
    const text = JSON.stringify(findings)
    expect(findings.length).toBeGreaterThan(100)
    for (const value of ['王小明', '13812345678', 'xm.wang', '科技园']) expect(text).not.toContain(value)
    expect(toHex(new TextEncoder().encode(text))).not.toContain(toHex(new TextEncoder().encode('王')))
  })
})
