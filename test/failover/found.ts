import { leafHash } from '../../src/tlog/merkle.ts'
import { equalBytes } from '../../src/core/bytes.ts'
import type { Acknowledged, Book, Kind } from './book.ts'
import type { Cluster } from './cluster.ts'
import type { MemberNo } from './network.ts'

// What stands in the database of whoever leads, against what callers were told.

/** When something came to be, by its id. */
type Moments = ReadonlyMap<string, number>

export type Found = {
  rows: Record<Kind, Moments>
  stages: ReadonlyMap<string, string>
  /** Of each disclosure: which parcel. */
  shown: ReadonlyMap<string, { at: number; parcel: string | null; type: string }>
  events: number
  /** Places that do not follow, leaves that are not what their hash says. */
  brokenLog: string[]
}

const QUERIES = {
  person: `select id, created_at as at from subjects`,
  parcel: `select id, created_at as at, stage from shipments`,
  revocation: `select id, revoked_at as at from grants where revoked_at is not null`,
}

type Row = { id: string; at: string; stage: string }
type EventRow = { id: string; at: string; type: string; bytes: Buffer; leaf_hash: Buffer; place: string }

export async function readFound(cluster: Cluster, leader: MemberNo): Promise<Found> {
  const ask = async (query: string) => (await cluster.ask<Row>(query, leader, 'cloakroom')).rows
  const moments = (rows: Row[]) => new Map(rows.map(({ id, at }) => [id, Number(at)]))
  const [people, parcels] = [await ask(QUERIES.person), await ask(QUERIES.parcel)]
  const revoked = await ask(QUERIES.revocation)
  const log = await readEvents(cluster, leader)
  const stages = new Map(parcels.map(({ id, stage }) => [id, stage]))
  return {
    rows: {
      person: moments(people),
      parcel: moments(parcels),
      stage: moments(parcels),
      reveal: new Map([...log.shown].map(([id, { at }]) => [id, at])),
      revocation: moments(revoked),
    },
    stages,
    ...log,
  }
}

const DISCLOSES = ['reveal.allowed', 'reveal.replayed']

async function readEvents(
  cluster: Cluster,
  leader: MemberNo,
): Promise<Pick<Found, 'shown' | 'events' | 'brokenLog'>> {
  const { rows } = await cluster.ask<EventRow>(
    `select id, at, type, bytes, leaf_hash, place from events order by place`,
    leader,
    'cloakroom',
  )
  const first = Number(rows[0]?.place ?? 0)
  const shown = new Map<string, { at: number; parcel: string | null; type: string }>()
  const brokenLog: string[] = []
  for (const [i, { id, at, type, bytes, leaf_hash: hash, place }] of rows.entries()) {
    if (Number(place) !== first + i) brokenLog.push(`place ${place} where ${first + i} should be`)
    if (!equalBytes(leafHash(bytes), hash)) brokenLog.push(`event ${id} is not what its leaf hash says`)
    if (DISCLOSES.includes(type)) shown.set(id, { at: Number(at), parcel: parcelIn(bytes), type })
  }
  return { shown, events: rows.length, brokenLog }
}

function parcelIn(leaf: Buffer): string | null {
  return /"shipment":"(shp_[0-9a-z]+)"/.exec(leaf.toString('utf8'))?.[1] ?? null
}

export type Compared = {
  lost: string[]
  /** More rows of a kind than calls that were told that they are done. */
  doubled: string[]
  withoutEvent: string[]
}

/**
 * @param told acknowledged before `found` was read.
 * @param isAll whether no call is still open, so that there is nothing but what was acknowledged.
 */
export function compare(told: readonly Acknowledged[], found: Found, isAll: boolean): Compared {
  const lost = told.filter((one) => one.kind !== 'reveal' && !stands(one, found)).map(sentence)
  const withoutEvent = told.filter((one) => one.kind === 'reveal' && !stands(one, found)).map(sentence)
  const doubled = isAll
    ? (['person', 'parcel', 'reveal'] as const).flatMap((kind) => more(kind, told, found))
    : []
  return { lost, doubled, withoutEvent }
}

const ORDER = ['created', 'picked_up', 'out_for_delivery']

function stands({ kind, id, about }: Acknowledged, found: Found): boolean {
  if (kind === 'reveal') return found.shown.get(id)?.parcel === about
  if (kind === 'stage') return ORDER.indexOf(found.stages.get(id) ?? '') >= ORDER.indexOf(about)
  return found.rows[kind].has(id)
}

function sentence({ kind, id, about }: Acknowledged): string {
  return `${kind} ${id} ${about} was acknowledged and is not there`
}

function more(kind: 'person' | 'parcel' | 'reveal', told: readonly Acknowledged[], found: Found): string[] {
  const known = new Set(told.filter((one) => one.kind === kind).map(({ id }) => id))
  return [...found.rows[kind].keys()]
    .filter((id) => !known.has(id) && (kind !== 'reveal' || found.shown.get(id)?.type === 'reveal.allowed'))
    .map((id) => `${kind} ${id} is there and nobody was told`)
}

/** How what was told as "may be done, or not" ended: it had been done by then, or was when it was asked for again. */
export function endedHow(book: Book, found: Found): { done: number; undone: number } {
  const unknown = book.acknowledged.filter(({ unknownAt }) => unknownAt !== undefined)
  const done = unknown.filter(({ kind, id, unknownAt = 0 }) => {
    const at = found.rows[kind].get(id)
    return kind !== 'stage' && at !== undefined && at < unknownAt
  })
  return { done: done.length, undone: unknown.filter(({ kind }) => kind !== 'stage').length - done.length }
}
