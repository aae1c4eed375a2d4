import type { EventId } from '../../core/id.ts'
import type { AlertChannel, SignalSeverity } from './signal.ts'

/** What a signal may set off. That it is in the list is none of them: it always is. */
export const ACTIONS = ['alert', 'slow', 'hold', 'suspend', 'incident'] as const
export type Action = (typeof ACTIONS)[number]

export type ActionsBySeverity = Partial<Record<SignalSeverity, readonly Action[]>>

/** What a tenant has set for itself. */
export type WatchSettings = {
  /** By detector; under `all` for those that have no entry of their own. */
  actions: Readonly<Record<string, ActionsBySeverity>>
  /** How long a `hold` or `slow` lasts that the vault places by itself. */
  holdS: number
  /** Of the tenant's active parties, how many may be held by the vault itself within an hour: beyond it only alerts go out. */
  maxHeldShare: number
  alertChannels: readonly AlertChannel[]
  /** The event whose note holds the address; null where none was given. */
  alertEmail: EventId | null
  /** By detector: what differs from its defaults. */
  parameters: Readonly<Record<string, Readonly<Record<string, number>>>>
}

/** How far the detectors are, and what the tenant has set. */
export type Watch = {
  /** The index of the next event to be looked at. */
  cursor: number
  version: number
  /** Null where nothing was set. */
  settings: WatchSettings | null
  settingsVersion: number
}

/** Stopping by itself is for what is hardly ever wrong; all else is for people to judge. */
export const DEFAULT_SETTINGS: WatchSettings = {
  actions: { all: { medium: ['alert'], high: ['alert'], critical: ['alert', 'hold'] } },
  holdS: 3_600,
  maxHeldShare: 0.05,
  alertChannels: ['webhook'],
  alertEmail: null,
  parameters: {},
}
