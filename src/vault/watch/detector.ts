import type { EventType } from '../audit/event.ts'
import type { WatchedEvent } from './event.ts'
import type { Found } from './signal.ts'

export type Parameters = Readonly<Record<string, number>>

/** What a detector found, and how far beyond its limit: 1 is just at it. */
export type Finding = Omit<Found, 'detector' | 'evidence' | 'at'> & { score: number }

export type Look<State> = {
  /** Null: nothing worth keeping. The same object as before where nothing changed. */
  state: State | null
  found: Finding | null
}

/**
 * Pure: what is known and an event in, what is known and perhaps a finding out. No I/O, no clock, no chance; the state it was given stays
 * as it was. State is JSON, bounded whatever comes.
 */
export type Detector<State = unknown, P extends Parameters = Parameters> = {
  readonly name: string
  /** Of the state: what is stored under another one is begun anew. */
  readonly version: number
  readonly types: readonly (EventType | 'fact')[]
  /** The parameters, each with its default and the bounds in which a tenant may set it. */
  readonly parameters: { readonly [Name in keyof P]: Bounded }
  /** Under what the state is kept; none where the event is nothing to it. */
  keys(event: WatchedEvent, parameters: P): readonly string[]
  look(state: State | undefined, event: WatchedEvent, parameters: P, key: string): Look<State>
}

export type Bounded = { readonly default: number; readonly min: number; readonly max: number }

export function defaultsOf<P extends Parameters>(bounds: { readonly [Name in keyof P]: Bounded }): P {
  return Object.fromEntries(Object.entries(bounds).map(([name, bound]) => [name, bound.default])) as P
}

export const NOTHING_FOUND = { found: null } as const
