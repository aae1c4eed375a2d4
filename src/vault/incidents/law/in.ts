import type { Jurisdiction, Rule } from './rule.ts'

const ALL = {
  duty: 'incident',
  binding: 'duty',
  jurisdiction: 'IN',
  effectiveTo: null,
  trigger: 'awareness',
  coversPossible: false,
  threshold: null,
  counting: null,
  content: [],
  exemptions: [],
  recordRetention: null,
  checkedOn: '2026-11',
} as const

const DPDP = {
  ...ALL,
  instrument: 'Digital Personal Data Protection Rules',
  article: 'Rule 7',
  status: 'promulgated',
  effectiveFrom: '2027-05',
  who: { any: ['controller'] },
  source: 'the rules’ text',
  mark: 'R',
  notes: [{ text: 'In force about May 2027: the day is not in the evidence.' }],
} as const

const rules: readonly Rule[] = [
  {
    ...DPDP,
    id: 'in-dpdp-7-authority',
    audience: 'authority',
    recipient: 'the Data Protection Board',
    stage: 'initial',
    staged: true,
    limit: { n: null, unit: 'none', qualifier: 'no_delay' },
  },
  {
    ...DPDP,
    id: 'in-dpdp-7-detail',
    audience: 'authority',
    recipient: 'the Data Protection Board',
    stage: 'update',
    staged: true,
    limit: { n: 72, unit: 'h', qualifier: 'within' },
  },
  {
    ...DPDP,
    id: 'in-dpdp-7-individuals',
    audience: 'individual',
    recipient: 'the persons affected',
    stage: 'initial',
    staged: false,
    limit: { n: null, unit: 'none', qualifier: 'no_delay' },
  },
  {
    ...ALL,
    id: 'in-cert-in-6h',
    instrument: 'CERT-In directions',
    article: 'not in the evidence',
    status: 'in_force',
    effectiveFrom: null,
    audience: 'authority',
    recipient: 'CERT-In',
    stage: 'initial',
    staged: false,
    who: { any: ['controller', 'processor', 'network_operator'] },
    limit: { n: 6, unit: 'h', qualifier: 'within' },
    source: 'secondary sources',
    mark: 'S',
    notes: [
      { text: 'Which kinds of incidents, and who owes the report, are not in the evidence: taken as all.' },
    ],
  },
]

export const law: Jurisdiction = { code: 'IN', name: 'India', zone: 'Asia/Kolkata', covers: ['IN'], rules }
