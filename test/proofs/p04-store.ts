import Database from 'better-sqlite3'
import { seeded } from '../../scripts/seeded.ts'
import { sqliteDriver } from '../../src/runtime/node/sqlite.ts'
import { placeOf, tilePlaceOf } from '../../src/storage/log-place.ts'
import { sqliteFsckReader } from '../../src/storage/sqlite/reads/fsck.ts'
import { signCheckpoint } from '../../src/tlog/checkpoint.ts'
import { leafHash, rootOf } from '../../src/tlog/merkle.ts'
import type { Signer, Verifier } from '../../src/tlog/note.ts'
import { growTiles } from '../../src/tlog/tree.ts'
import { integrateLogs } from '../../src/vault/log/integrate.ts'
import { publicCheckpoint } from '../../src/vault/log/proofs.ts'
import { logSigners } from '../../src/vault/log/signer.ts'
import { openHarness } from '../http/harness.ts'
import { BusyTenant } from '../vault/log/busy-tenant.ts'
import { insideStore } from '../vault/log/inspected.ts'
import type { Inside } from '../vault/log/inspected.ts'

/** The only tenant of the store that is attacked. */
const TENANT_NO = 1
const FIRST = placeOf(TENANT_NO, 0)
const LAST = placeOf(TENANT_NO + 1, 0) - 1

/** A store with one log, and what an auditor has of it: its key, and the last checkpoint that a witness has seen. */
export type Attacked = Inside & {
  verifier: Verifier
  /** The log's own key, as somebody has it who has stolen it. */
  signer: Signer
  witnessed: string
  witnessedSize: number
  /** The whole store as it was at earlier times, each with a log shorter than the witnessed one. */
  earlier: readonly Buffer[]
  close(): Promise<void>
}

export async function openAttacked(events: number, snapshots: number): Promise<Attacked> {
  const engine = insideStore()
  const harness = await openHarness(engine)
  const inside = engine.inside()
  const busy = await BusyTenant.open(harness, 'acme', seeded(4))
  const earlier: Buffer[] = []
  for (let i = 0; i < snapshots; i++) {
    await busy.act(Math.ceil(events / snapshots))
    await integrateLogs(harness.vault)
    earlier.push(inside.client.serialize())
  }
  await busy.act(10)
  await integrateLogs(harness.vault)
  const witnessed = await publicCheckpoint(harness.vault, busy.tenant)
  const [signer] = await logSigners(harness.vault, busy.tenant, `${harness.vault.logName}/${busy.tenant}`)
  const { size } = (await harness.store.findLog(busy.tenant))!
  return {
    ...insideCopy(inside.client.serialize()),
    verifier: signer.verifier,
    signer,
    witnessed,
    witnessedSize: size,
    earlier,
    close: () => harness.close(),
  }
}

/** Bytes 18 and 19 of the file say that it has a write-ahead log, which memory cannot hold (sqlite.org/fileformat2.html §1.3). */
function inMemory(copy: Buffer): Buffer {
  return Buffer.from(copy).fill(1, 18, 20)
}

/** A whole store in memory, under a connection of its own. */
export function insideCopy(copy: Buffer): Inside {
  const client = new Database(inMemory(copy))
  return { client, reader: () => sqliteFsckReader(sqliteDriver(client).db) }
}

export type Row = Record<string, unknown> & { bytes: Buffer }

/** The log's rows in order, without their places. */
export function readRows(db: Database.Database): Row[] {
  const names = db.prepare(`select name from pragma_table_info('events') where name <> 'place'`).pluck().all()
  const rows = db.prepare(`select ${names.join()} from events where place between ? and ? order by place`)
  return rows.all(FIRST, LAST) as Row[]
}

/** Puts these rows in the place of all that were there, at indices without a gap. */
export function writeRows(db: Database.Database, rows: readonly Row[]): void {
  db.prepare(`delete from events where place between ? and ?`).run(FIRST, LAST)
  const [first] = rows
  if (!first) return
  const columns = Object.keys(first)
  const names = columns.map((name) => `@${name}`).join(', ')
  const insert = db.prepare(`insert into events (place, ${columns.join(', ')}) values (@place, ${names})`)
  rows.forEach((row, index) => insert.run({ ...row, place: placeOf(TENANT_NO, index) }))
}

/** Makes everything that can be derived from the events fit them again, as somebody does who knows the formats. */
export async function deriveAnew(
  db: Database.Database,
  origin: string,
): Promise<{ size: number; root: Uint8Array }> {
  const rows = readRows(db)
  const hashes = rows.map(({ bytes }) => leafHash(bytes))
  writeRows(
    db,
    rows.map((row, i) => ({ ...row, leaf_hash: hashes[i] })),
  )
  const tiles = await growTiles(0, hashes, () => Promise.resolve([]))
  db.exec('delete from tiles')
  const insert = db.prepare('insert into tiles (place, bytes) values (?, ?)')
  for (const { tile, bytes } of tiles) insert.run(tilePlaceOf(TENANT_NO, tile), bytes)
  const root = rootOf(hashes)
  db.prepare('update logs set size = ?, root = ?, origin = ?').run(hashes.length, root, origin)
  return { size: hashes.length, root }
}

/** And signs it, as somebody does who has the key too. */
export async function signAnew(db: Database.Database, signer: Signer): Promise<void> {
  const origin = signer.verifier.name
  const { size, root } = await deriveAnew(db, origin)
  const note = await signCheckpoint({ origin, size, root: Uint8Array.from(root), extensions: [] }, signer)
  db.prepare('update logs set checkpoint = ?').run(note)
}
