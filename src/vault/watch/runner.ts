import { instant } from '../../core/time.ts'
import type { Instant } from '../../core/time.ts'
import type { WatchCell } from './cell.ts'
import { defaultsOf } from './detector.ts'
import type { Finding, Parameters } from './detector.ts'
import { countCrew, countWork, flow, isWork, rushOf } from './detectors/around.ts'
import type { CrewState, FlowState, WorkState } from './detectors/around.ts'
import { DETECTORS } from './detectors/index.ts'
import type { AnyDetector } from './detectors/index.ts'
import { followParcel, followedParcel } from './detectors/parcels.ts'
import type { ParcelState } from './detectors/parcels.ts'
import type { WatchedEvent } from './event.ts'
import { hash } from './sketch.ts'

/** A finding, and the event that it was made at. */
export type Made = { detector: string; finding: Finding; event: WatchedEvent }

type Cell = { state: unknown; at: Instant }
type LookAt = { detector: AnyDetector; key: string; cell: string }
type Planned = {
  event: WatchedEvent
  looks: readonly LookAt[]
  parcel: string | undefined
  work: string | undefined
  crew: string | undefined
}
export type Plan = readonly Planned[]

/** Some tens of megabytes: above that, what is stored already is let go of. */
const MAX_CELLS = 100_000
const FLOW = 'flow1|'

/** Takes events through all detectors in order. What they know is kept here; where it comes from and goes to is another's business. */
export class Runner {
  readonly #cells = new Map<string, Cell>()
  readonly #dirty = new Set<string>()
  readonly #parameters: ReadonlyMap<string, Parameters>
  readonly #byType: ReadonlyMap<string, readonly AnyDetector[]>
  readonly #failed: (detector: string, error: unknown) => void

  constructor(
    parameters: Readonly<Record<string, Parameters>>,
    failed: (detector: string, error: unknown) => void,
    detectors: readonly AnyDetector[] = DETECTORS,
  ) {
    this.#parameters = new Map(
      detectors.map((one) => [one.name, { ...defaultsOf(one.parameters), ...parameters[one.name] }]),
    )
    const types = new Set(detectors.flatMap((one) => one.types))
    this.#byType = new Map(
      [...types].map((type) => [type, detectors.filter((one) => one.types.includes(type))]),
    )
    this.#failed = failed
  }

  get dirty(): number {
    return this.#dirty.size
  }

  /** What each event is to be looked at by. */
  plan(events: readonly WatchedEvent[]): Plan {
    return events.map((event) => ({
      event,
      looks: this.#looksOf(event),
      parcel: parcelCell(event),
      work: event.party === undefined ? undefined : `work1|${event.party}`,
      crew: isCrewed(event) ? `crew1|${event.credential}` : undefined,
    }))
  }

  /** Cells that are not here yet, and have to be given before the plan is run. */
  missing(plan: Plan): readonly string[] {
    const missing = new Set<string>()
    const need = (cell: string) => {
      if (!this.#cells.has(cell)) missing.add(cell)
    }
    if (plan.some(({ event }) => event.type !== 'fact')) need(FLOW)
    for (const { looks, parcel, work, crew } of plan) {
      for (const { cell } of looks) need(cell)
      if (crew !== undefined) need(crew)
      if (parcel !== undefined) need(parcel)
      if (work !== undefined) need(work)
    }
    return [...missing]
  }

  /** @param found of those that were missing, the ones that are stored. */
  give(missing: readonly string[], found: readonly WatchCell[]): void {
    for (const key of missing) this.#cells.set(key, { state: undefined, at: instant(0) })
    for (const { key, state, at } of found) this.#cells.set(key, { state, at })
  }

  /** @returns what was found, and the facts that follow from it all, to be planned and run in their turn. */
  run(plan: Plan): { made: readonly Made[]; facts: readonly WatchedEvent[] } {
    const made: Made[] = []
    const facts: WatchedEvent[] = []
    for (const { event, looks, parcel, work, crew } of plan) {
      if (event.type !== 'fact') this.#guarded('around', () => this.#around(event, work, crew))
      if (parcel !== undefined) this.#guarded('parcels', () => facts.push(...this.#follow(event, parcel)))
      for (const look of looks) {
        const finding = this.#look(event, look)
        if (finding) made.push({ detector: look.detector.name, finding, event })
      }
    }
    return { made, facts }
  }

  /** What has changed since it was last taken. Whoever takes it stores it, or begins with another runner. */
  take(): readonly WatchCell[] {
    const taken = [...this.#dirty].map((key): WatchCell => {
      const { state, at } = this.#cells.get(key) as Cell
      return { key, state: (state as object | undefined) ?? null, at }
    })
    this.#dirty.clear()
    this.#shrink()
    return taken
  }

  #shrink(): void {
    let over = this.#cells.size - MAX_CELLS
    for (const key of this.#cells.keys()) {
      if (over-- <= 0) return
      this.#cells.delete(key)
    }
  }

  #looksOf(event: WatchedEvent): readonly LookAt[] {
    const looks: LookAt[] = []
    for (const detector of this.#byType.get(event.type) ?? []) {
      for (const key of detector.keys(event, this.#parametersOf(detector))) {
        looks.push({ detector, key, cell: `${detector.name}${detector.version}|${key}` })
      }
    }
    return looks
  }

  #parametersOf({ name }: AnyDetector): Parameters {
    return this.#parameters.get(name) as Parameters
  }

  /** A detector that throws finds nothing and learns nothing; the others go on. */
  #look(event: WatchedEvent, { detector, key, cell }: LookAt): Finding | null {
    const before = this.#cells.get(cell)?.state
    try {
      const { state, found } = detector.look(before, event, this.#parametersOf(detector), key)
      if (state !== before) this.#put(cell, state, event.at)
      return found
    } catch (error) {
      this.#failed(detector.name, error)
      return null
    }
  }

  #guarded<T>(name: string, work: () => T): T | undefined {
    try {
      return work()
    } catch (error) {
      this.#failed(name, error)
      return undefined
    }
  }

  #around(event: WatchedEvent, work: string | undefined, crew: string | undefined): void {
    const { state, surge } = flow(this.#cells.get(FLOW)?.state as FlowState | undefined, event.at)
    this.#put(FLOW, state, event.at)
    event.surge = surge
    if (crew !== undefined) event.crew = this.#crewOf(event, crew)
    if (work === undefined) return
    const before = this.#cells.get(work)?.state as WorkState | undefined
    const after = countWork(before, event.at, isWork(event) ? 1 : 0)
    if (after !== before) this.#put(work, after, event.at)
    event.rush = rushOf(after)
  }

  #crewOf(event: WatchedEvent, crew: string): number {
    const before = this.#cells.get(crew)?.state as CrewState | undefined
    const after = countCrew(before, event.at, hash(event.operator ?? ''))
    if (after !== before) this.#put(crew, after, event.at)
    return after.operators.length
  }

  #follow(event: WatchedEvent, parcel: string): readonly WatchedEvent[] {
    const before = this.#cells.get(parcel)?.state as ParcelState | undefined
    const { state, facts } = followParcel(before, event)
    if (state !== (before ?? null)) this.#put(parcel, state, event.at)
    return facts.map((fact) => ({ ...event, type: 'fact', fact }))
  }

  #put(key: string, state: unknown, at: Instant): void {
    const cell = this.#cells.get(key)
    if (cell) {
      cell.state = state ?? undefined
      cell.at = at
    } else this.#cells.set(key, { state: state ?? undefined, at })
    this.#dirty.add(key)
  }
}

function isCrewed({ type, credential, operator }: WatchedEvent): boolean {
  return type === 'reveal.allowed' && credential !== undefined && operator !== undefined
}

function parcelCell(event: WatchedEvent): string | undefined {
  const parcel = followedParcel(event)
  return parcel === undefined ? undefined : `parcel1|${parcel}`
}
