import { isEventKind } from '../../retention/policy.ts'
import type { RetentionKind } from '../../retention/policy.ts'
import type { Fault } from './finding.ts'
import type { EventRow } from './reader.ts'
import type { Leaf } from './said.ts'

/** A stretch of the log that retention went through, as its event says: both ends included. */
export type Cleaned = { kind: RetentionKind; from: number; upTo: number; rows: number }

/** @returns undefined unless the leaf says that events were emptied. */
export function cleanedBy({ type, code, counts }: Leaf): Cleaned | undefined {
  if (type !== 'retention.cleaned' || typeof counts !== 'object' || counts === null) return undefined
  const { rows, from_index: from, up_to_index: upTo } = counts as Record<string, unknown>
  const kind = code as RetentionKind
  if (!isEventKind(kind)) return undefined
  return { kind, from: Number(from), upTo: Number(upTo), rows: Number(rows) }
}

/** Retention takes all of an event but index, id, time and leaf hash; an empty type is what says so. */
export function isEmptied({ type }: Pick<EventRow, 'type'>): boolean {
  return type === ''
}

/** Whether the events that are empty are those of which retention says that it emptied them. */
export class EmptiedEvents {
  #events = 0
  #said = 0
  readonly #stretches: Cleaned[] = []

  get any(): boolean {
    return this.#events > 0
  }

  /** Up to which index disclosures were emptied; −1 if none were. */
  get disclosuresUpTo(): number {
    const ends = this.#stretches.filter(({ kind }) => kind === 'disclosure_events').map(({ upTo }) => upTo)
    return Math.max(-1, ...ends)
  }

  addEmptied(): void {
    this.#events += 1
  }

  addCleaned(cleaned: Cleaned): void {
    this.#said += cleaned.rows
    this.#stretches.push(cleaned)
  }

  countFaults(): readonly Fault[] {
    if (this.#events === this.#said) return []
    const seen = `${this.#events} events are empty, the log accounts for ${this.#said}`
    return [{ code: 'event_emptied', id: 'all of the log', seen }]
  }

  /** Of one that is empty. */
  placeFaults(index: number): readonly Fault[] {
    if (this.#stretches.some(({ from, upTo }) => from <= index && index <= upTo)) return []
    return [{ code: 'event_emptied', id: `index ${index}`, seen: 'no retention went through here' }]
  }
}
