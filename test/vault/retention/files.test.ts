import Database from 'better-sqlite3'
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, onTestFinished, test, vi } from 'vitest'
import { DAY_MS, instant } from '../../../src/core/time.ts'
import type { Change } from '../../../src/vault/changes.ts'
import { RETENTION_RULES, isEventKind } from '../../../src/vault/retention/policy.ts'
import type { RetentionKind } from '../../../src/vault/retention/policy.ts'
import { eventTypesOf } from '../../../src/vault/retention/event-kinds.ts'
import type { VaultStore } from '../../../src/vault/store.ts'
import { openInside, removeFolder, tempFolder } from '../../storage/opened.ts'
import { ACME, AT, OTHER, event, newTenant, random, storeParcel, storePerson } from '../../storage/sample.ts'

afterEach(() => vi.restoreAllMocks())

const EVENTS = 600
const BEFORE = instant(AT + DAY_MS)

type Inside = ReturnType<typeof openInside>

function open(): Inside & { folder: string } {
  const folder = tempFolder()
  const inside = openInside(folder)
  onTestFinished(async () => {
    await inside.store.close()
    removeFolder(folder)
  })
  return { ...inside, folder }
}

/** How many of these leaves stand, by a piece of their middle, in any file of the folder. */
function found(folder: string, leaves: readonly Uint8Array[]): number {
  const files = readdirSync(folder).map((name) => readFileSync(join(folder, name)))
  return leaves.filter((leaf) => files.some((file) => file.includes(Buffer.from(leaf.subarray(200, 240)))))
    .length
}

async function removeAll(store: VaultStore, kind: RetentionKind): Promise<number> {
  const query = isEventKind(kind)
    ? { kind, before: BEFORE, types: eventTypesOf(kind) }
    : { kind, before: BEFORE }
  for (let removed = 0; ;) {
    const { keys, walk } = await store.listDue(ACME, query, 500)
    if (keys.length === 0) return removed
    removed += keys.length
    await store.commit(ACME, [{ type: 'retention.remove', kind, before: BEFORE, keys, walk }])
  }
}

/** Two tenants whose events come by turns, so that pages split in the middle; one's are then removed. */
async function removedAndScanned({ scrub = true, secureDelete = true } = {}) {
  const { store, driver, client, folder } = open()
  if (!secureDelete) client.pragma('secure_delete = OFF')
  const kept: Uint8Array[] = []
  const gone: Uint8Array[] = []
  const world = newTenant(ACME)
  const person = storePerson(world.merchant)
  await store.commit(ACME, [
    ...world.changes,
    ...person.changes.filter(({ type }) => type !== 'event.append'),
  ])
  await store.commit(OTHER, newTenant(OTHER).changes)
  const about = { type: 'reveal.allowed', subject: person.subject.id, party: world.courier } as const
  for (let i = 0; i < EVENTS / 10; i++) {
    const theirs = Array.from({ length: 10 }, () => event(about))
    const others = Array.from({ length: 10 }, () => event())
    gone.push(...theirs.map(({ bytes }) => bytes))
    kept.push(...others.map(({ bytes }) => bytes))
    await store.commit(ACME, theirs.map(appended))
    await store.commit(OTHER, others.map(appended))
  }
  const state = { origin: 'o', size: EVENTS, root: random(32), checkpoint: 'c', madeAt: AT }
  await store.commit(ACME, [{ type: 'log.integrate', expectedSize: 0, state, tiles: [] }])
  expect(await removeAll(store, 'disclosure_events')).toBe(EVENTS)
  if (scrub) driver.scrub()
  return { gone: found(folder, gone), kept: found(folder, kept) }
}

function appended(one: ReturnType<typeof event>): Change {
  return { type: 'event.append', event: one }
}

test('the bytes of removed events are in no file once the write-ahead log is emptied; all others are', async () => {
  expect(await removedAndScanned()).toEqual({ gone: 0, kept: EVENTS })
})

test('negative control: before that they are in the write-ahead log', async () => {
  expect((await removedAndScanned({ scrub: false })).gone).toBeGreaterThan(0)
})

test('negative control: without secure_delete they stay on their pages', async () => {
  expect((await removedAndScanned({ secureDelete: false })).gone).toBeGreaterThan(0)
})

test('who has nothing due costs a look into an index: no table is gone through but that of tenants', async () => {
  const prepared = new Set<string>()
  const prepare = Database.prototype.prepare
  vi.spyOn(Database.prototype, 'prepare').mockImplementation(function (this: Database.Database, sql: string) {
    prepared.add(sql)
    return prepare.call(this, sql)
  })
  const { store, client } = open()
  const world = newTenant(ACME)
  const person = storePerson(world.merchant)
  const parcel = storeParcel(person, world.merchant, world.courier)
  await store.commit(ACME, [...world.changes, ...person.changes, ...parcel.changes])
  for (const { kind } of RETENTION_RULES) {
    await store.listOldest(kind)
    await removeAll(store, kind)
  }
  const plans = [...prepared].flatMap((sql) => {
    // Walks of a key's rotation are prepared too, and go through a table on purpose; of incidents and notices an index holds those alone that are looked for.
    const ofRetention =
      /min\(|retention_walks|limit \?$/i.test(sql) && !/data_keys|"fields"|"incidents"|"notices"/.test(sql)
    if (!/^select/i.test(sql) || !ofRetention) return []
    const rows = client.prepare(`explain query plan ${sql}`).all(...bound(sql)) as { detail: string }[]
    return rows.map(({ detail }) => detail)
  })
  expect(plans.length).toBeGreaterThan(14)
  expect(plans.filter((detail) => /^SCAN (?!tenants|CONSTANT ROW)/.test(detail))).toEqual([])
  for (const index of [
    'idempotency_created_at',
    'paid_items_at',
    'sessions_expires_at',
    'sessions_ended_at',
    'tokens_expires_at',
    'tokens_retired_at',
    'shipments_settled',
  ]) {
    expect(
      plans.filter((detail) => detail.includes(`INDEX ${index} (tenant=?`)).length,
      index,
    ).toBeGreaterThan(1)
  }
})

function bound(sql: string): null[] {
  return Array.from({ length: sql.split('?').length - 1 }, () => null)
}
