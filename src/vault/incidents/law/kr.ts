import type { Jurisdiction, Rule } from './rule.ts'

const PIPA = {
  duty: 'incident',
  binding: 'duty',
  jurisdiction: 'KR',
  instrument: 'Personal Information Protection Act (개인정보 보호법)',
  article: '34',
  status: 'in_force',
  effectiveFrom: '2026-09-11',
  effectiveTo: null,
  trigger: 'awareness',
  who: { any: ['controller'] },
  stage: 'initial',
  staged: false,
  limit: { n: 72, unit: 'h', qualifier: 'within' },
  counting: null,
  content: ['data_categories', 'when_and_how', 'self_help', 'remedy', 'contact'],
  exemptions: [],
  recordRetention: null,
  source: 'official text quoted in a checked note',
  checkedOn: '2026-11',
  mark: 'Q',
} as const

const BEFORE = { text: 'The rule as it was before 2026-09-11 is not in the evidence.' } as const

const rules: readonly Rule[] = [
  {
    ...PIPA,
    id: 'kr-pipa-34-authority',
    audience: 'authority',
    recipient: 'the Personal Information Protection Commission or KISA',
    coversPossible: false,
    threshold: {
      any: [
        { count: { min: 1_000 } },
        { classes: ['government_id', 'health', 'biometric', 'other_sensitive'] },
        { all: ['outside_intrusion'] },
      ],
    },
    notes: [
      BEFORE,
      { text: 'Sensitive data and unique identifiers are finer than the classes here.', mark: 'K' },
      { text: 'That KISA takes reports too is general knowledge.', mark: 'K' },
    ],
  },
  {
    ...PIPA,
    id: 'kr-pipa-34-individuals',
    audience: 'individual',
    recipient: 'the persons affected',
    coversPossible: true,
    threshold: null,
    notes: [BEFORE],
  },
]

export const law: Jurisdiction = { code: 'KR', name: 'Korea', zone: 'Asia/Seoul', covers: ['KR'], rules }
