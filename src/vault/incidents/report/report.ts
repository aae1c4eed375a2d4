import type { EventId, IncidentId, NoticeId } from '../../../core/id.ts'
import type { Instant } from '../../../core/time.ts'
import type { View } from '../../fields/field-type.ts'
import type { FieldName } from '../../fields/registry.ts'
import type { ContainmentAction, IncidentKind, IncidentState, Severity } from '../incident.ts'
import type { IncidentStep } from '../incident.ts'
import type { Mark } from '../law/rule.ts'
import type { ClockView } from '../list-clocks.ts'
import type { NoticeAudience } from '../notices/templates/items.ts'
import type { NoticeValues } from '../notices/templates/draft.ts'
import type { IncidentView } from '../service.ts'
import type { Scope } from '../scope.ts'

export const FORM_CODES = ['gdpr-33', 'cac', 'pipc'] as const
export type FormCode = (typeof FORM_CODES)[number]

/** How one notice went. Persons, but for an authority or the public: then 1. */
export type NoticeFigures = {
  id: NoticeId
  /** Those of the law whose clocks it meets. */
  rules: readonly string[]
  audience: NoticeAudience
  jurisdiction: string
  approvedAt: Instant
  firstSentAt: Instant | null
  lastSentAt: Instant | null
  queued: number
  sent: number
  delivered: number
  bounced: number
  failed: number
  /** Left out by a stated decision. */
  leftOut: number
}

/** Where a step stands in the log. `proof` is empty until a checkpoint covers it, and for the only leaf of a log. */
export type StepProof = {
  index: number
  leafHash: Uint8Array
  proof: readonly Uint8Array[]
  covered: boolean
}

export type LogProof = {
  /** The verifier key of the log, to be compared with one got elsewhere; null before the first checkpoint, as is that. */
  vkey: string | null
  /** `note`: a signed note, with origin, size and root in it. */
  checkpoint: { size: number; note: string } | null
  steps: ReadonlyMap<EventId, StepProof>
}

/** All that a report is made of. Without a scope the incident has no bounds to look for one. */
export type ReportParts = {
  incident: IncidentView
  scope: Scope | null
  clocks: readonly ClockView[]
  notices: readonly NoticeFigures[]
  /** What officers wrote for the authority, item by item. */
  texts: NoticeValues
  log: LogProof
}

export type ReportStep = Pick<IncidentStep, 'step' | 'code' | 'at' | 'event'> & {
  reason: string | null
  proof: StepProof | null
}

/** Numbers alone: whose names they stand for is no part of a report. */
export type ReportScope = {
  events: number
  subjects: number
  erased: number
  firstAt: Instant | null
  lastAt: Instant | null
  byJurisdiction: readonly (readonly [string, number])[]
  byField: readonly { field: FieldName; view: View; events: number; subjects: number }[]
  parties: number
  credentials: number
  operators: number
  devices: number
  copied: { subjects: number; opens: number } | null
}

export type ReportMeasure = {
  action: ContainmentAction
  state: 'running' | 'done'
  begunAt: Instant
  counts: Readonly<Record<string, number>>
}

/** `about` is a rule, a notice or a form's item, where there is one. */
export type OpenPoint = { code: OpenPointCode; about: string | null }

export const OPEN_POINTS = {
  not_assessed: 'The severity is not assessed.',
  not_contained: 'Nothing was contained.',
  containment_running: 'Containment is still running.',
  scope_without_bounds: 'Whom it touches is not known: neither suspects nor a whole window are named.',
  clock_open: 'A clock of the law runs without its notice or a waiver.',
  no_notice: 'No notice was given.',
  notice_incomplete: 'Part of a notice is queued, bounced or failed.',
  proof_pending: 'A step of the timeline is not covered by a checkpoint yet.',
  form_item: 'An item of the form is not answered.',
  other: 'Open.',
} as const
export type OpenPointCode = keyof typeof OPEN_POINTS

/** An item of a form as far as it can be filled in: what has no lines is open. */
export type FilledPart = { label: string; lines: readonly string[]; open: boolean }
export type FilledItem = {
  number: string
  label: string
  /** In the language of the form. */
  original: string | null
  parts: readonly FilledPart[]
  open: boolean
}
export type FilledForm = {
  code: FormCode
  title: string
  original: string | null
  instrument: string
  mark: Mark
  note: string
  /** What stands where something is missing, in the form’s language. */
  openWord: string
  items: readonly FilledItem[]
}

/** For the authority and for the file. Holds no personal data of those affected; title and reasons are the officers' own words. */
export type Report = {
  version: 1
  madeAt: Instant
  incident: {
    id: IncidentId
    title: string
    kind: IncidentKind
    state: IncidentState
    severity: Severity | null
    awareAt: Instant
    occurredFrom: Instant | null
    occurredTo: Instant | null
    openedAt: Instant
  }
  timeline: readonly ReportStep[]
  scope: ReportScope | null
  measures: readonly ReportMeasure[]
  clocks: readonly ClockView[]
  notices: readonly NoticeFigures[]
  log: Pick<LogProof, 'vkey' | 'checkpoint'>
  form: FilledForm | null
  openPoints: readonly OpenPoint[]
}
