import type { CredentialId, EventId, HoldId, IncidentId, SignalId } from '../../core/id.ts'
import { toRfc3339 } from '../../core/time.ts'
import type { Instant } from '../../core/time.ts'
import type { SuspectId } from '../incidents/incident.ts'

/** Who holds: an incident that is contained, or a hold of its own. */
export type Holder = IncidentId | HoldId

export const HOLD_MODES = ['stop', 'slow'] as const
/** `stop` denies; `slow` lets a call through now and then. */
export type HoldMode = (typeof HOLD_MODES)[number]

/** What a decision is told of somebody who is held. */
export type Held = { suspect: SuspectId; holder: Holder; mode: HoldMode; until: Instant | null }

/** A hold that a signal or a person placed. It ends by a person's act, or at `until`. */
export type Hold = {
  id: HoldId
  suspect: SuspectId
  mode: HoldMode
  /** Null where a person placed it. */
  signal: SignalId | null
  /** Null where the vault placed it by itself. */
  placedBy: CredentialId | null
  placedAt: Instant
  /** Null: until somebody clears it. */
  until: Instant | null
  /** The event that says so; the reason that a person gave is a note about it. */
  event: EventId
  clearedAt: Instant | null
  /** Null where its time ended. */
  clearedBy: CredentialId | null
  clearedEvent: EventId | null
  version: number
}

export function isLive({ until }: Pick<Held, 'until'>, now: Instant): boolean {
  return until === null || until > now
}

/** Whether it denies, by now; one that only slows does not. */
export function stops(held: Held, now: Instant): boolean {
  return held.mode === 'stop' && isLive(held, now)
}

/** Why somebody is denied whatever else allows it, and how long. */
export type Stop = { code: 'contained' } | { code: 'risk_denied'; hold: HoldId; until: Instant | null }

/** What stops those who are held; an incident's containment goes before a hold that may end by itself. */
export function stopOf(held: readonly Held[]): Stop | undefined {
  const stopped = held.filter(({ mode }) => mode === 'stop')
  if (stopped.some(({ holder }) => isIncident(holder))) return { code: 'contained' }
  for (const { holder, until } of stopped) {
    if (!isIncident(holder)) return { code: 'risk_denied', hold: holder, until }
  }
  return undefined
}

function isIncident(holder: Holder): holder is IncidentId {
  return holder.startsWith('inc_')
}

/** For whoever is stopped: what it is, and how it ends. */
export function clearingHint({ hold, until }: { hold: HoldId; until: Instant | null }): string {
  const end =
    until === null
      ? 'until the platform clears it'
      : `until ${toRfc3339(until)} or until the platform clears it`
  return `Held ${end}: POST /v1/holds/${hold}/clear.`
}
