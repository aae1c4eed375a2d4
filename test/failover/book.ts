import { longestGap } from './gaps.ts'

/** What callers write, and look at. Each is found afterwards by what it made. */
export const KINDS = ['person', 'parcel', 'stage', 'reveal', 'revocation'] as const
export type Kind = (typeof KINDS)[number]

/** A write, for "how long was none acknowledged": a look is one too, but it is not what a shop waits for. */
const WRITES: readonly Kind[] = ['person', 'parcel', 'stage', 'revocation']

export type Acknowledged = {
  kind: Kind
  /** Of the person, the parcel, the parcel that was moved, the look's event, the permission. */
  id: string
  /** Of a look: whose parcel. Of a move: where to. */
  about: string
  /** When a caller was last told that it may be done or not, by the wall's clock; undefined if never. */
  unknownAt: number | undefined
}

/** What callers were told, and when. */
export class Book {
  readonly acknowledged: Acknowledged[] = []
  /** When each write was acknowledged, by the process's own clock. */
  readonly #acknowledgedAt: number[] = []
  /** Answers by status and code. */
  readonly refused = new Map<string, number>()
  readonly failures: string[] = []
  /** Sent with a key of its own and not answered yet. */
  readonly open = new Set<string>()
  /** Answers to looks under a permission whose revocation had been acknowledged before they were sent. */
  lookedAfterRevocation = 0
  seenAfterRevocation = 0
  longestWaitMs = 0
  unknown = 0

  acknowledge(one: Acknowledged): void {
    this.acknowledged.push(one)
    if (WRITES.includes(one.kind)) this.#acknowledgedAt.push(performance.now())
  }

  refuse(what: string): void {
    this.refused.set(what, (this.refused.get(what) ?? 0) + 1)
  }

  /** @returns the longest time, in milliseconds, in which no write was acknowledged, between two moments of this process. */
  longestGap(from: number, to: number): number {
    return longestGap(this.#acknowledgedAt, from, to)
  }

  writesSince(moment: number): number {
    return this.#acknowledgedAt.length - 1 - this.#acknowledgedAt.findLastIndex((at) => at < moment)
  }

  of(kind: Kind): Acknowledged[] {
    return this.acknowledged.filter((one) => one.kind === kind)
  }
}
