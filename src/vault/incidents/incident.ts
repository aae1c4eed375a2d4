import type {
  CredentialId,
  DeviceId,
  EventId,
  IncidentId,
  NoticeId,
  OperatorId,
  PartyId,
  SubjectId,
} from '../../core/id.ts'
import type { Instant } from '../../core/time.ts'
import type { DataClass } from './law/rule.ts'
import type { StatedFacts } from './stated-facts.ts'

export const INCIDENT_KINDS = [
  'credential_leak',
  'insider',
  'lost_handheld',
  'misdelivery',
  'copied_store',
  'key_compromise',
  'processor_breach',
  'canary',
] as const
export type IncidentKind = (typeof INCIDENT_KINDS)[number]

export const INCIDENT_STATES = ['open', 'assessing', 'contained', 'notifying', 'closed', 'reopened'] as const
export type IncidentState = (typeof INCIDENT_STATES)[number]

export const SEVERITIES = ['low', 'medium', 'high', 'critical'] as const
export type Severity = (typeof SEVERITIES)[number]

export const CONTAINMENT_ACTIONS = [
  'revoke_credentials',
  'suspend_parties',
  'revoke_grants',
  'retire_tokens',
  'rotate_keys',
] as const
export type ContainmentAction = (typeof CONTAINMENT_ACTIONS)[number]

/** A key that is said to be in wrong hands: a version of the tenant's wrapping key, or the root key over all of them. */
export type KnownKey = { kind: 'wrap'; version: number } | { kind: 'root' }

/** Who or what is suspected, in the vault's own ids: any one of them is enough for an event to be in scope. */
export type Suspects = {
  credentials: readonly CredentialId[]
  parties: readonly PartyId[]
  operators: readonly OperatorId[]
  devices: readonly DeviceId[]
  subjects: readonly SubjectId[]
  keys: readonly KnownKey[]
}

export type SuspectId = CredentialId | PartyId | OperatorId | DeviceId | SubjectId

/** One containment action: what it is about is in the incident, and how far it has come is here. */
export type Containment = {
  action: ContainmentAction
  state: 'running' | 'done'
  begunAt: Instant
  /** The number of the last person that was gone through. Opaque. */
  cursor: number
  /** What it has changed so far, by name. */
  counts: Readonly<Record<string, number>>
  /** Parties that it suspended: those alone are reinstated. */
  parties: readonly PartyId[]
}

export const CLOCK_MARKS = ['late', 'met', 'waived', 'reopened'] as const

/** What was noted of one rule's clock. Of what people say the last one counts; `late` is the vault's own, once a rule. */
export type ClockMark = {
  rule: string
  kind: (typeof CLOCK_MARKS)[number]
  /** When the notice was given; of the others, when it was noted. */
  at: Instant
  event: EventId
  /** The rule's exemption on which a waiver rests. */
  exemption?: string
  /** The notice that met it, where the vault itself has sent it. */
  notice?: NoticeId
}

/** Whom the scope touched when it was last counted; null persons where it had no bounds, or was not counted yet. */
export type Counted = {
  at: Instant
  /** By where they live, `unknown` where that is not known. */
  persons: Readonly<Record<string, number>> | null
  /** What was shown, as classes of data: what an officer may start from. */
  classes: readonly DataClass[]
}

export const INCIDENT_STEPS = [
  'opened',
  'assessed',
  'containing',
  'contained',
  'released',
  'clock_late',
  'clock_met',
  'clock_waived',
  'clock_reopened',
  'notifying',
  'closed',
  'reopened',
] as const
export type IncidentStep = {
  step: (typeof INCIDENT_STEPS)[number]
  at: Instant
  event: EventId
  /** An action, a severity, a rule of law: a word of a closed list. */
  code: string | null
}

/** Title and reasons are free text: they are notes about the incident and about its steps' events. */
export type Incident = {
  id: IncidentId
  kind: IncidentKind
  state: IncidentState
  severity: Severity | null
  awareAt: Instant
  /** Both ends are in the window. */
  occurredFrom: Instant | null
  occurredTo: Instant | null
  suspects: Suspects
  containment: readonly Containment[]
  facts: StatedFacts
  clocks: readonly ClockMark[]
  counted: Counted
  /** When its clocks are to be looked at next; null once it is closed. */
  checkAt: Instant | null
  steps: readonly IncidentStep[]
  openedAt: Instant
  version: number
}

const MOVES: Readonly<Record<IncidentState, readonly IncidentState[]>> = {
  open: ['assessing', 'contained', 'closed'],
  assessing: ['contained', 'notifying', 'closed'],
  contained: ['notifying', 'closed'],
  notifying: ['closed'],
  closed: ['reopened'],
  reopened: ['assessing', 'contained', 'notifying', 'closed'],
}

export function mayMoveIncident(from: IncidentState, to: IncidentState): boolean {
  return MOVES[from].includes(to)
}

/** Where a step leads to; an incident that is further on stays there. */
export function stateAfter(from: IncidentState, to: IncidentState): IncidentState {
  return mayMoveIncident(from, to) ? to : from
}

export function isContaining({ containment }: Pick<Incident, 'containment'>): boolean {
  return containment.some(({ state }) => state === 'running')
}

/** Those by whom somebody looked; keys open nothing by themselves. */
export function lookingSuspects(suspects: Suspects): readonly SuspectId[] {
  const { credentials, parties, operators, devices } = suspects
  return [...credentials, ...parties, ...operators, ...devices]
}

export function hasNoSuspects(suspects: Suspects): boolean {
  return lookingSuspects(suspects).length + suspects.subjects.length === 0
}
