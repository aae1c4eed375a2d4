import { equalBytes } from '../../../core/bytes.ts'
import type { TenantId } from '../../../core/id.ts'
import { HOUR_MS } from '../../../core/time.ts'
import { TILE_WIDTH, hashesAt, tilePath } from '../../../tlog/tile.ts'
import type { TileBytes } from '../../../tlog/tree.ts'
import { EmptiedEvents, isEmptied } from './emptied.ts'
import type { Fault } from './finding.ts'
import { beyondFault, rootFault } from './heads.ts'
import type { Head } from './heads.ts'
import { examineEvent } from './leaf.ts'
import type { EventRow, FsckReader } from './reader.ts'
import type { Said } from './said.ts'
import { RunningTree } from './tree.ts'

const EVENTS_A_PAGE = 1_000
const TILES_A_PAGE = 1_000

/** The integrator covers an event within a second; an hour without is no busy moment any more. */
const LATE_MS = HOUR_MS

export type LogCounts = { events: number; tiles: number; uncovered: number }

/** `emptiedUntil`: what the log said before then, it may not say any more. */
export type CheckedLog = { counts: LogCounts; emptiedUntil: number }

export type LogCheck = {
  reader: FsckReader
  tenant: TenantId
  /** How many events the store says are in the tree; 0 before the first checkpoint. */
  covered: number
  heads: readonly Head[]
  found: (faults: readonly Fault[]) => void
  advanced: (events: number) => void
}

/**
 * Reads one log from its beginning and derives all that stands beside it.
 * @param examine how one event is looked at; its hash is what the tree is derived from.
 */
export async function checkLog(check: LogCheck, examine = examineEvent): Promise<CheckedLog> {
  const { reader, tenant } = check
  const derived = new DerivedLog(check)
  const emptied = new EmptiedEvents()
  for (let page = await reader.listEvents(tenant, 0, EVENTS_A_PAGE); page.length > 0;) {
    const said: Said[] = []
    for (const row of page) {
      const examined = examine(tenant, row)
      check.found(examined.faults)
      for (const one of examined.said) said.push(one)
      derived.add(row, examined.hash)
      if (examined.emptied) emptied.addEmptied()
      if (examined.cleaned) emptied.addCleaned(examined.cleaned)
    }
    await reader.note(tenant, said)
    for (const tile of derived.takeTiles()) check.found(await tileFaults(reader, tenant, tile))
    check.advanced(page.length)
    page = await reader.listEvents(tenant, (page.at(-1)?.index ?? 0) + 1, EVENTS_A_PAGE)
  }
  check.found(derived.end())
  await checkEmptied(check, emptied)
  const tiles = await checkTileNames(check)
  const { events, uncovered } = derived
  return { counts: { events, tiles, uncovered }, emptiedUntil: await emptiedUntil(check, emptied) }
}

async function checkEmptied({ reader, tenant, found }: LogCheck, emptied: EmptiedEvents): Promise<void> {
  found(emptied.countFaults())
  if (!emptied.any) return
  for (let page = await reader.listEmptied(tenant, 0, EVENTS_A_PAGE); page.length > 0;) {
    found(page.flatMap((index) => emptied.placeFaults(index)))
    page = await reader.listEmptied(tenant, (page.at(-1) ?? 0) + 1, EVENTS_A_PAGE)
  }
}

/** When the oldest event was made that stands behind all emptied disclosures: the log's times are in order. */
async function emptiedUntil({ reader, tenant }: LogCheck, emptied: EmptiedEvents): Promise<number> {
  if (!emptied.any) return Number.NEGATIVE_INFINITY
  for (let from = emptied.disclosuresUpTo + 1; from > 0;) {
    const page = await reader.listEvents(tenant, from, EVENTS_A_PAGE)
    const first = page.find((row) => !isEmptied(row))
    if (first) return first.at
    from = page.length === 0 ? 0 : (page.at(-1)?.index ?? 0) + 1
  }
  return Number.NEGATIVE_INFINITY
}

/** What follows from the events that have been read so far. */
class DerivedLog {
  events = 0
  uncovered = 0
  readonly #check: LogCheck
  readonly #tree = new RunningTree()
  #tiles: TileBytes[] = []
  #next = 0
  #uncoveredSince: number | undefined
  #newest = 0

  constructor(check: LogCheck) {
    this.#check = check
    this.#compareRoots()
  }

  add({ index, at }: EventRow, hash: Parameters<RunningTree['add']>[0]): void {
    this.events += 1
    this.#newest = at
    if (index >= this.#check.covered) {
      this.uncovered += 1
      this.#uncoveredSince ??= at
    }
    if (index !== this.#next) this.#check.found([gapFault(this.#next, index)])
    this.#next = index + 1
    // Behind a gap nothing can be derived any more: the tree stands still there.
    if (this.#tree.size === index) this.#grow(hash)
  }

  #grow(hash: Parameters<RunningTree['add']>[0]): void {
    const { covered } = this.#check
    this.#tree.add(hash)
    const filled = this.#tree.takeFilled()
    if (this.#tree.size <= covered) this.#tiles.push(...filled)
    if (this.#tree.size === covered) this.#tiles.push(...this.#tree.partial())
    this.#compareRoots()
  }

  #compareRoots(): void {
    for (const head of this.#check.heads) {
      if (head.size === this.#tree.size) this.#check.found(rootFault(head, this.#tree.root()))
    }
  }

  /** Tiles that are whole, as far as the checkpoint covers them, since they were last taken. */
  takeTiles(): readonly TileBytes[] {
    const tiles = this.#tiles
    this.#tiles = []
    return tiles
  }

  end(): readonly Fault[] {
    const { heads } = this.#check
    const { size } = this.#tree
    const beyond = heads.filter((head) => head.size > size).map((head) => beyondFault(head, size))
    const waited = this.#newest - (this.#uncoveredSince ?? this.#newest)
    if (waited <= LATE_MS) return beyond
    const seen = `${this.uncovered} events over ${Math.floor(waited / LATE_MS)} h are under no checkpoint`
    return [...beyond, { code: 'checkpoint_late', id: 'checkpoint', seen }]
  }
}

function gapFault(expected: number, found: number): Fault {
  const last = found - 1
  const id = expected === last ? `index ${expected}` : `indices ${expected} to ${last}`
  return { code: 'log_gap', id, seen: `after ${expected - 1} comes ${found}` }
}

async function tileFaults(
  reader: FsckReader,
  tenant: TenantId,
  { tile, bytes }: TileBytes,
): Promise<Fault[]> {
  const stored = await reader.findTile(tenant, tile)
  const id = tilePath(tile)
  if (!stored) return [{ code: 'tile_missing', id, seen: 'no such tile' }]
  if (equalBytes(stored, bytes)) return []
  const seen =
    stored.length === bytes.length
      ? 'its hashes are not what the events give'
      : `it has ${stored.length} bytes, the events give ${bytes.length}`
  return [{ code: 'tile_differs', id, seen }]
}

/** @returns how many tiles there are. */
async function checkTileNames({ reader, tenant, covered, found }: LogCheck): Promise<number> {
  let count = 0
  for (let after: string | null | undefined; after !== null;) {
    const page = await reader.listTiles(tenant, { limit: TILES_A_PAGE, ...(after && { after }) })
    count += page.rows.length
    const extra = page.rows.filter(({ level, index }) => index * TILE_WIDTH >= hashesAt(level, covered))
    found(
      extra.map(({ level, index }): Fault => {
        const seen = `a tree of ${covered} leaves has no such tile`
        return { code: 'tile_extra', id: `level ${level}, tile ${index}`, seen }
      }),
    )
    after = page.next
  }
  return count
}
