import type {
  CredentialId,
  DeviceId,
  EventId,
  HoldId,
  IncidentId,
  OperatorId,
  PartyId,
  SignalId,
  SubjectId,
} from '../../core/id.ts'
import type { Instant } from '../../core/time.ts'
import type { SuspectId } from '../incidents/incident.ts'

export const SIGNAL_SEVERITIES = ['low', 'medium', 'high', 'critical'] as const
export type SignalSeverity = (typeof SIGNAL_SEVERITIES)[number]

export const SIGNAL_STATES = ['open', 'confirmed', 'dismissed'] as const
export type SignalState = (typeof SIGNAL_STATES)[number]

/** Whom the evidence names. */
export type Implicated = {
  party?: PartyId
  credential?: CredentialId
  operator?: OperatorId
  device?: DeviceId
  subject?: SubjectId
}

/** What was found, before it is anybody's signal. No member holds a person's data: ids, figures and words of closed lists. */
export type Found = {
  detector: string
  /** The sentence, as a name in `SENTENCES`. */
  code: string
  /** What stands in the sentence. */
  figures: Readonly<Record<string, number | string>>
  severity: SignalSeverity
  /** Whom a hold would be on, and by whom signals are grouped; null: the tenant as a whole. */
  about: SuspectId | null
  implicated: Implicated
  evidence: readonly EventId[]
  at: Instant
}

export const ALERT_CHANNELS = ['webhook', 'email'] as const
export type AlertChannel = (typeof ALERT_CHANNELS)[number]

/** An alert under way: `state` of one channel. */
export type Alert = {
  channel: AlertChannel
  state: 'queued' | 'sent' | 'failed'
  attempts: number
  nextAt: Instant | null
  /** What came of the last attempt: a reply's number or a word. */
  code: string | null
}

export type Signal = Omit<Found, 'at'> & {
  id: SignalId
  state: SignalState
  /** How often it was found again while it was open. */
  count: number
  firstAt: Instant
  lastAt: Instant
  /** What was done, and what was left out and why: words of a closed list. */
  actions: readonly string[]
  hold: HoldId | null
  incident: IncidentId | null
  alerts: readonly Alert[]
  /** The event that raised it. */
  event: EventId
  /** Who confirmed or dismissed it, when, and the event about which the reason is a note. */
  settled: { by: CredentialId; at: Instant; event: EventId } | null
  version: number
}

/** How a signal is found again: those about the whole tenant have one place. */
export function aboutKey(about: SuspectId | null): string {
  return about ?? ''
}

/** When its next alert is due. */
export function alertAt({ alerts }: Pick<Signal, 'alerts'>): Instant | null {
  const times = alerts.flatMap(({ state, nextAt }) => (state === 'queued' && nextAt !== null ? nextAt : []))
  return times.length === 0 ? null : (Math.min(...times) as Instant)
}
