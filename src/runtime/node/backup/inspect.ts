import Database from 'better-sqlite3'
import { concat, equalBytes, toHex } from '../../../core/bytes.ts'
import type { Bytes } from '../../../core/bytes.ts'
import { parseTenantId } from '../../../core/id.ts'
import { instant } from '../../../core/time.ts'
import { indexOf, placeOf } from '../../../storage/log-place.ts'
import { parseCheckpoint } from '../../../tlog/checkpoint.ts'
import { HASH_BYTES, leafHash } from '../../../tlog/merkle.ts'
import { parseNote } from '../../../tlog/note.ts'
import { RunningRoot } from '../../../tlog/running-root.ts'
import { readLeaf } from '../../../vault/audit/event.ts'
import { EmptiedEvents, cleanedBy, isEmptied } from '../../../vault/log/fsck/emptied.ts'
import type { LogFacts } from './format.ts'

/** Looks at a database that nobody else has open: whether it is whole, and what its logs are. */

const MAX_COMPLAINTS = 5

/** Why a database is not what it should be, as the end of a sentence. */
export class Unsound extends Error {
  override readonly name = 'Unsound'
}

export type Inspected = { logs: readonly LogFacts[] }

export type SeenEvent = {
  index: number
  /** Empty: retention has removed all but the hash. */
  bytes: Buffer
  /** Of the person whom it concerns. */
  subject: string | null
}

/** Is given each event of the logs, in their order. `root` is the log's own up to and without this event, if asked for. */
export type OnEvent = (log: { tenant: string; no: number; root: RunningRoot }, event: SeenEvent) => void

/**
 * Opens a database file that is whole in itself, and makes sure that it stays so: without a write-ahead log.
 * @throws Unsound, or what SQLite throws of a damaged file.
 */
export function openAlone(path: string): Database.Database {
  const client = new Database(path, { timeout: 0 })
  try {
    client.pragma('locking_mode = EXCLUSIVE')
    client.pragma('secure_delete = ON')
    const mode = client.pragma('journal_mode = DELETE', { simple: true })
    if (mode !== 'delete') throw new Unsound('its write-ahead log cannot be folded in')
    return client
  } catch (error) {
    client.close()
    throw error
  }
}

/** @throws Unsound naming the first things that are wrong. */
export function requireWhole(client: Database.Database): void {
  const said = client.pragma(`integrity_check(${MAX_COMPLAINTS})`) as { integrity_check: string }[]
  const complaints = said.map((row) => row.integrity_check).filter((text) => text !== 'ok')
  if (complaints.length > 0) throw new Unsound(`its database is damaged (${complaints.join('; ')})`)
  const programs = client
    .prepare("select count(*) from sqlite_master where type in ('trigger', 'view')")
    .pluck()
    .get()
  if (programs !== 0) throw new Unsound('its database holds triggers or views, of which the vault has none')
}

type TenantRow = { no: number; slug: string }
type EventRow = {
  place: number
  at: number
  type: string
  bytes: Buffer
  leafHash: Buffer
  subject: string | null
}
type StateRow = { origin: string; size: number; root: Buffer; checkpoint: string }

const EVENTS = `
  select place, at, type, bytes, leaf_hash as leafHash, s.id as subject
  from events left join subjects s on s.no = events.person
  where place between ? and ? order by place`

/**
 * Hashes every leaf of every log anew and compares: no gap, each stored hash that of its bytes, as many without bytes as
 * retention says that it emptied, each checkpoint that of the tree at its size.
 * @throws Unsound
 */
export function inspectLogs(client: Database.Database, onEvent: OnEvent = () => {}): LogFacts[] {
  const tenants = client.prepare<[], TenantRow>('select no, slug from tenants order by no').all()
  const states = logStates(client)
  const read = client.prepare<[number, number], EventRow>(EVENTS)
  const logs = tenants.map((tenant) => inspectLog(read, tenant, states.get(tenant.no), onEvent))
  const found = client.prepare<[], number>('select count(*) from events').pluck().get()
  const told = logs.reduce((sum, { size }) => sum + size, 0)
  if (found !== told) throw new Unsound(`its logs have ${told} events, and ${found} lie there`)
  return logs
}

function inspectLog(
  read: Database.Statement<[number, number], EventRow>,
  { no, slug }: TenantRow,
  state: StateRow | undefined,
  onEvent: OnEvent,
): LogFacts {
  const tenant = parseTenantId(slug)
  if (tenant === undefined) throw new Unsound('a tenant has no possible name')
  const root = new RunningRoot()
  const emptied = new EmptiedEvents()
  let newest: number | null = null
  for (const row of read.iterate(placeOf(no, 0), placeOf(no + 1, 0) - 1)) {
    const index = indexOf(row.place)
    if (index !== root.size) throw new Unsound(`the log of ${tenant} has a gap at ${root.size}`)
    if (state?.size === index) requireCheckpoint(tenant, state, root)
    const hash = hashOf(row)
    if (!hash) throw new Unsound(`event ${index} of ${tenant} is not what was hashed`)
    countEmptied(emptied, row)
    onEvent({ tenant, no, root }, { index, bytes: row.bytes, subject: row.subject })
    root.add(hash)
    newest = newest === null ? row.at : Math.max(newest, row.at)
  }
  const [fault] = emptied.countFaults()
  if (fault) throw new Unsound(`in the log of ${tenant} ${fault.seen}`)
  if (state && state.size > root.size)
    throw new Unsound(`the log of ${tenant} is shorter than its checkpoint`)
  if (state?.size === root.size) requireCheckpoint(tenant, state, root)
  return {
    tenant,
    size: root.size,
    root: toHex(root.root()),
    newestAt: newest === null ? null : instant(newest),
    checkpoint: state?.checkpoint ?? null,
  }
}

/** @returns undefined if bytes and hash are not one. Of an emptied event the hash is all there is; the checkpoint covers it. */
function hashOf(row: EventRow): Bytes | undefined {
  const { bytes, leafHash: stored } = row
  if (isEmptied(row)) return bytes.length === 0 && stored.length === HASH_BYTES ? concat(stored) : undefined
  const hash = leafHash(bytes)
  return equalBytes(hash, stored) ? hash : undefined
}

function countEmptied(emptied: EmptiedEvents, row: EventRow): void {
  if (isEmptied(row)) emptied.addEmptied()
  if (row.type !== 'retention.cleaned') return
  const cleaned = cleanedBy(leafOf(row))
  if (cleaned) emptied.addCleaned(cleaned)
}

function leafOf({ place, bytes }: EventRow): Record<string, unknown> {
  try {
    return readLeaf(bytes)
  } catch (cause) {
    throw new Unsound(`event ${indexOf(place)} is no leaf of a known version`, { cause })
  }
}

function requireCheckpoint(tenant: string, state: StateRow, tree: RunningRoot): void {
  const note = parseNote(state.checkpoint)
  const said = note && parseCheckpoint(note.text)
  const root = tree.root()
  const agrees =
    said?.origin === state.origin &&
    said.size === state.size &&
    equalBytes(said.root, root) &&
    equalBytes(state.root, root)
  if (!agrees) throw new Unsound(`the checkpoint of ${tenant} is not that of its log`)
}

/** A database from before there were checkpoints has no table of them. */
function logStates(client: Database.Database): Map<number, StateRow> {
  const table = client.prepare("select 1 from sqlite_master where type = 'table' and name = 'logs'").get()
  if (!table) return new Map()
  const rows = client
    .prepare<[], StateRow & { tenant: number }>('select tenant, origin, size, root, checkpoint from logs')
    .all()
  return new Map(rows.map((row) => [row.tenant, row]))
}
