import type { Jurisdiction, Rule } from './rule.ts'

const PIPEDA = {
  duty: 'incident',
  binding: 'duty',
  jurisdiction: 'CA',
  instrument: 'PIPEDA',
  article: 'not in the evidence',
  status: 'in_force',
  effectiveFrom: null,
  effectiveTo: null,
  stage: 'initial',
  staged: false,
  trigger: 'awareness',
  who: { any: ['controller'] },
  coversPossible: false,
  threshold: { any: [{ harm: { atLeast: 'high_risk', words: 'real risk of significant harm' } }] },
  limit: { n: null, unit: 'none', qualifier: 'as_soon_as_feasible' },
  counting: null,
  content: [],
  exemptions: [],
  recordRetention: { n: 24, unit: 'month' },
  source: 'secondary sources',
  checkedOn: '2026-11',
  mark: 'S',
  notes: [{ text: 'Provinces with laws of their own are not in the evidence.' }],
} as const

const rules: readonly Rule[] = [
  {
    ...PIPEDA,
    id: 'ca-pipeda-authority',
    audience: 'authority',
    recipient: 'the Office of the Privacy Commissioner',
  },
  { ...PIPEDA, id: 'ca-pipeda-individuals', audience: 'individual', recipient: 'the persons affected' },
]

export const law: Jurisdiction = {
  code: 'CA',
  name: 'Canada',
  zone: 'America/Toronto',
  zoneNote: 'One of several: the authority’s seat.',
  covers: ['CA'],
  rules,
}
