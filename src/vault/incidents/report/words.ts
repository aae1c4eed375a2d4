import { toRfc3339 } from '../../../core/time.ts'
import type { Instant } from '../../../core/time.ts'
import type { FieldName } from '../../fields/registry.ts'
import type { View } from '../../fields/field-type.ts'
import type { ClockState } from '../clocks/state.ts'
import type { ContainmentAction, IncidentKind, IncidentState, IncidentStep } from '../incident.ts'

export const KIND_WORDS: Readonly<Record<IncidentKind, string>> = {
  credential_leak: 'A credential got into wrong hands',
  insider: 'Somebody inside looked without need',
  lost_handheld: 'A handheld device was lost',
  misdelivery: 'Data reached the wrong recipient',
  copied_store: 'The store was copied',
  key_compromise: 'A key got into wrong hands',
  processor_breach: 'A leak at a processor',
  canary: 'A planted record was used',
}

export const STATE_WORDS: Readonly<Record<IncidentState, string>> = {
  open: 'open',
  assessing: 'being assessed',
  contained: 'contained',
  notifying: 'notices under way',
  closed: 'closed',
  reopened: 'reopened',
}

export const ACTION_WORDS: Readonly<Record<ContainmentAction, string>> = {
  revoke_credentials: 'Credentials revoked',
  suspend_parties: 'Parties suspended',
  revoke_grants: 'Permissions ended',
  retire_tokens: 'Tokens retired',
  rotate_keys: 'Keys rotated',
}

const STEP_WORDS: Readonly<Record<IncidentStep['step'], string>> = {
  opened: 'Opened',
  assessed: 'Assessed',
  containing: 'Containment begun',
  contained: 'Contained',
  released: 'Released',
  notifying: 'Notices approved',
  closed: 'Closed',
  reopened: 'Reopened',
  clock_met: 'A clock’s duty done',
  clock_waived: 'A clock’s duty left out, with a reason',
  clock_late: 'A clock ran out',
  clock_reopened: 'What was said of a clock taken back',
}

export const FIELD_WORDS: Readonly<Record<FieldName, string>> = {
  name: 'Name',
  phone: 'Telephone number',
  email: 'E-mail address',
  address: 'Postal address',
}

export const VIEW_WORDS: Readonly<Record<View, string>> = {
  none: 'not shown',
  masked: 'masked',
  surname: 'surname alone',
  relay: 'as a relay address',
  city: 'city alone',
  district: 'down to the district',
  street: 'down to the street',
  full: 'in full',
}

export const CLOCK_WORDS: Readonly<Record<ClockState, string>> = {
  not_applicable: 'does not apply',
  pending: 'not started',
  running: 'running',
  due_soon: 'due soon',
  late: 'late',
  met: 'met',
  waived: 'waived',
}

/** A step with its word of a closed list: a kind, a severity, an action. */
export function stepWords({ step, code }: Pick<IncidentStep, 'step' | 'code'>): string {
  if (code === null) return STEP_WORDS[step]
  const words: Readonly<Record<string, string>> = { ...KIND_WORDS, ...ACTION_WORDS }
  return `${STEP_WORDS[step]}: ${(words[code] ?? code).toLowerCase()}`
}

/** `2026-11-25 09:30:00 UTC`. */
export function timeWords(at: Instant): string {
  return `${toRfc3339(at).slice(0, 19).replace('T', ' ')} UTC`
}

/** As `windowWords`, in no language. */
export function spanWords(from: Instant | null, to: Instant | null): string | null {
  if (from === null && to === null) return null
  const shown = (at: Instant | null) => (at === null ? '…' : timeWords(at))
  return `${shown(from)} – ${shown(to)}`
}

export function windowWords(from: Instant | null, to: Instant | null): string | null {
  if (from === null && to === null) return null
  if (to === null) return `from ${timeWords(from as Instant)}`
  return from === null ? `until ${timeWords(to)}` : `${timeWords(from)} to ${timeWords(to)}`
}

/** With spaces between thousands, which no language takes for a decimal sign. */
export function numberWords(value: number): string {
  return String(value).replaceAll(/\B(?=(\d{3})+(?!\d))/g, '\u00a0')
}

const UNITS = [
  ['d', 86_400],
  ['h', 3_600],
  ['min', 60],
  ['s', 1],
] as const

/** `2 d 5 h`: the two largest units of whole seconds. */
export function durationWords(seconds: number): string {
  let left = seconds
  const parts = UNITS.flatMap(([unit, size]) => {
    const count = Math.floor(left / size)
    left -= count * size
    return count > 0 ? [`${count} ${unit}`] : []
  })
  return parts.slice(0, 2).join(' ') || '0 s'
}
