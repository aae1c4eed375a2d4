import { backupChecks } from './checks/backup.ts'
import { clockChecks } from './checks/clock.ts'
import { fileChecks } from './checks/files.ts'
import { keyChecks } from './checks/keys.ts'
import { knownFaultChecks } from './checks/known-faults.ts'
import { limitChecks } from './checks/limits.ts'
import { logChecks } from './checks/log.ts'
import { settingChecks } from './checks/settings.ts'
import { versionChecks } from './checks/versions.ts'
import type { Facts } from './facts.ts'
import { AREAS, SEVERITIES } from './finding.ts'
import type { Area, Check, Finding, Seen } from './finding.ts'

/** All that is looked for; docs/doctor.md lists it. */
export const CHECKS: readonly Check[] = [
  ...keyChecks,
  ...fileChecks,
  ...logChecks,
  ...backupChecks,
  ...clockChecks,
  ...versionChecks,
  ...limitChecks,
  ...settingChecks,
  ...knownFaultChecks,
]

export type Diagnosis = {
  /** The gravest first. */
  findings: readonly Finding[]
  /** What could not be looked at from here: no finding there says nothing. */
  unseen: readonly Area[]
}

/** Pure: no I/O, no clock. */
export function diagnose(facts: Facts): Diagnosis {
  const findings = CHECKS.flatMap((check) => check.look(facts).map((seen) => findingOf(check, seen)))
  return {
    findings: findings.toSorted((a, b) => SEVERITIES.indexOf(b.severity) - SEVERITIES.indexOf(a.severity)),
    unseen: AREAS.filter((area) => facts[area] === undefined),
  }
}

function findingOf({ code, severity, mend }: Check, { seen, severity: own, names = {} }: Seen): Finding {
  return { code, severity: own ?? severity, seen, mend: filled(mend, names) }
}

function filled(mend: string, names: Readonly<Record<string, string>>): string {
  return mend.replaceAll(/\{([a-z]+)\}/g, (braced, name: string) => names[name] ?? braced)
}
