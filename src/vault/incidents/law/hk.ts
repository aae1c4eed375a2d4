import type { Jurisdiction, Rule } from './rule.ts'

const PDPO = {
  duty: 'incident',
  binding: 'voluntary',
  jurisdiction: 'HK',
  instrument: 'Personal Data (Privacy) Ordinance: the Commissioner’s guidance',
  article: 'not in the evidence',
  status: 'in_force',
  effectiveFrom: null,
  effectiveTo: null,
  trigger: 'awareness',
  who: { any: ['controller'] },
  coversPossible: false,
  stage: 'initial',
  staged: false,
  threshold: { any: [{ harm: { atLeast: 'risk', words: 'real risk of harm' } }] },
  counting: null,
  content: [],
  exemptions: [],
  recordRetention: null,
  source: 'official text quoted in a checked note',
  checkedOn: '2026-11',
  mark: 'Q',
} as const

const rules: readonly Rule[] = [
  {
    ...PDPO,
    id: 'hk-pdpo-authority',
    audience: 'authority',
    recipient: 'the Privacy Commissioner for Personal Data',
    limit: { n: null, unit: 'none', qualifier: 'as_soon_as_possible' },
    notes: [{ text: 'Voluntary.' }],
  },
  {
    ...PDPO,
    id: 'hk-pdpo-individuals',
    audience: 'individual',
    recipient: 'the persons affected',
    limit: { n: null, unit: 'none', qualifier: 'as_soon_as_possible' },
    notes: [{ text: 'Recommended. The evidence has no time of its own; the authority’s is used.' }],
  },
]

export const law: Jurisdiction = {
  code: 'HK',
  name: 'Hong Kong',
  zone: 'Asia/Hong_Kong',
  covers: ['HK'],
  rules,
}
