import type { Check } from '../finding.ts'

/** As many rules as one sentence holds. */
const NAMED = 5

export const knownFaultChecks: readonly Check[] = [
  {
    code: 'law_unchecked',
    area: 'law',
    severity: 'medium',
    when: 'Nobody has checked rules of law for 180 days.',
    mend: 'Check them against their sources and put the date down (CONTRIBUTING.md); until then check by hand what a clock says.',
    look({ law }) {
      const stale = law?.staleRules ?? []
      if (stale.length === 0) return []
      const more = stale.length > NAMED ? ` and ${stale.length - NAMED} more` : ''
      return [{ seen: `Unchecked for 180 days: ${stale.slice(0, NAMED).join(', ')}${more}.` }]
    },
  },
  {
    code: 'advisory',
    area: 'advisories',
    severity: 'high',
    when: 'A fault was published of a package that is installed, in the feed that `--advisories` names. Its severity is the feed’s.',
    mend: 'npm install {name}@{fixed}, or a version of Cloakroom that brings it',
    look: ({ advisories = [] }) =>
      advisories.map(({ id, name, version, severity, summary, fixedIn }) => ({
        seen: `${name} ${version}: ${id}, ${summary}`,
        severity,
        names: { name, fixed: fixedIn ?? '<a version that is not affected>' },
      })),
  },
]
