import type { IncidentId, NoticeId, SignalId, SubjectId, TenantId } from '../../../core/id.ts'
import type { Secret } from '../../../core/secret.ts'
import type { Instant } from '../../../core/time.ts'
import type { Message } from './message.ts'
import type { NoticeChannel } from './notice.ts'

/** One notice to one recipient, or a signal to those who watch, as a channel takes it. */
export type Parcel = {
  /** The same at each attempt: 32 hex digits. */
  id: string
  tenant: TenantId
  /** Null where a signal opened none. */
  incident: IncidentId | null
  /** Null of a signal. */
  notice: NoticeId | null
  signal?: SignalId
  subject: SubjectId | null
  /** An e-mail address or an E.164 number, as it was opened; null where the channel needs none. */
  to: Secret<string> | null
  message: Message
  at: Instant
}

/**
 * What came of an attempt. `code`: a reply's number or a word of a closed list, never a server's text. `later`: this one again
 * later; `down`: nobody can be reached over the channel at the moment. `afterMs`: what the other side asked for.
 */
export type Outcome =
  | { result: 'sent' }
  | { result: 'delivered' }
  | { result: 'bounced'; code: string }
  | { result: 'failed'; code: string }
  | { result: 'later'; code: string; afterMs?: number }
  | { result: 'down'; code: string; afterMs?: number }

/**
 * A way to somebody. `sent` and `delivered` only once the other side has taken it over. A failure is an outcome: it throws for
 * mistakes of ours alone. Each attempt ends by itself within two minutes, and nothing of it goes on after that.
 */
export type Channel = {
  /** How many it takes side by side. */
  readonly width: number
  send(parcel: Parcel): Promise<Outcome>
  close(): Promise<void>
}

/** Channels that need something outside of the vault. */
export type SendingChannel = Exclude<NoticeChannel, 'page' | 'public'>

type Pause = { failures: number; until: number }

/** The channels that are set up here, and which of them are not tried for a while: a server that is down is not asked for each person. */
export class Channels {
  readonly #channels: Partial<Record<SendingChannel, Channel>>
  readonly #pauses = new Map<NoticeChannel, Pause>()
  readonly #underWay = new Set<Promise<unknown>>()
  #closing = false

  constructor(channels: Partial<Record<SendingChannel, Channel>> = {}) {
    this.#channels = channels
  }

  find(name: NoticeChannel): Channel | undefined {
    return name === 'page' || name === 'public' ? undefined : this.#channels[name]
  }

  /** Whether the vault can use it at all. */
  has(name: NoticeChannel): boolean {
    return name === 'page' || name === 'public' || this.#channels[name] !== undefined
  }

  get closing(): boolean {
    return this.#closing
  }

  pausedUntil(name: NoticeChannel): number {
    return this.#pauses.get(name)?.until ?? 0
  }

  failures(name: NoticeChannel): number {
    return this.#pauses.get(name)?.failures ?? 0
  }

  pause(name: NoticeChannel, until: number): void {
    this.#pauses.set(name, { failures: this.failures(name) + 1, until })
  }

  works(name: NoticeChannel): void {
    this.#pauses.delete(name)
  }

  /** What must be noted before the store closes. */
  async during<T>(work: Promise<T>): Promise<T> {
    this.#underWay.add(work)
    return work.finally(() => this.#underWay.delete(work))
  }

  /** Begins nothing new and waits until what was begun is noted. */
  async close(): Promise<void> {
    this.#closing = true
    await Promise.allSettled(this.#underWay)
    await Promise.all(Object.values(this.#channels).map((channel) => channel.close()))
  }
}
