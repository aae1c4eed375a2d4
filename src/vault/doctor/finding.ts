import type { Facts } from './facts.ts'

export const SEVERITIES = ['info', 'low', 'medium', 'high', 'critical'] as const
export type Severity = (typeof SEVERITIES)[number]

/** What can be looked at as a whole, or not at all from where the doctor stands. */
export const AREAS = [
  'settings',
  'root_keys',
  'files',
  'tenants',
  'backup',
  'clock',
  'versions',
  'limits',
  'law',
  'advisories',
] as const
export type Area = (typeof AREAS)[number]

export type Finding = {
  code: string
  severity: Severity
  /** One sentence, with what was seen; never a secret. */
  seen: string
  /** A command or a sentence. */
  mend: string
}

/** What one look came upon. `names` fill the braces in the check's mend. */
export type Seen = { seen: string; severity?: Severity; names?: Readonly<Record<string, string>> }

/** One thing to look for: data, with a pure function over facts. */
export type Check = {
  code: string
  area: Area
  severity: Severity
  /** When it is found, for the table in docs/doctor.md. */
  when: string
  mend: string
  look(facts: Facts): readonly Seen[]
}

export function isAtLeast(severity: Severity, than: Severity): boolean {
  return SEVERITIES.indexOf(severity) >= SEVERITIES.indexOf(than)
}

/** A look of a yes or no. */
export function seenIf(found: boolean, seen: string, more: Omit<Seen, 'seen'> = {}): readonly Seen[] {
  return found ? [{ seen, ...more }] : []
}
