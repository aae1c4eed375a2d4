import type { Jurisdiction, Rule } from './rule.ts'

const PDPA = {
  duty: 'incident',
  binding: 'duty',
  jurisdiction: 'TH',
  instrument: 'Personal Data Protection Act',
  article: '37(4)',
  status: 'in_force',
  effectiveFrom: null,
  effectiveTo: null,
  stage: 'initial',
  staged: false,
  trigger: 'awareness',
  who: { any: ['controller'] },
  coversPossible: false,
  counting: null,
  content: [],
  exemptions: [],
  recordRetention: null,
  source: 'secondary sources',
  checkedOn: '2026-11',
  mark: 'S',
  notes: [{ text: 'The article’s number is general knowledge.', mark: 'K' }],
} as const

const rules: readonly Rule[] = [
  {
    ...PDPA,
    id: 'th-pdpa-authority',
    audience: 'authority',
    recipient: 'the Personal Data Protection Committee’s office',
    threshold: { any: [{ harm: { atLeast: 'risk', words: 'unless there is no risk' } }] },
    limit: { n: 72, unit: 'h', qualifier: 'within' },
  },
  {
    ...PDPA,
    id: 'th-pdpa-individuals',
    audience: 'individual',
    recipient: 'the persons affected',
    threshold: { any: [{ harm: { atLeast: 'high_risk', words: 'high risk' } }] },
    limit: { n: null, unit: 'none', qualifier: 'no_delay' },
  },
]

export const law: Jurisdiction = { code: 'TH', name: 'Thailand', zone: 'Asia/Bangkok', covers: ['TH'], rules }
