import type { Clause, Counting, Jurisdiction, Rule } from './rule.ts'

const APPI = {
  duty: 'incident',
  binding: 'duty',
  jurisdiction: 'JP',
  instrument: 'Act on the Protection of Personal Information (個人情報の保護に関する法律)',
  article: '26',
  status: 'in_force',
  effectiveFrom: null,
  effectiveTo: null,
  trigger: 'awareness',
  who: { any: ['controller'] },
  coversPossible: false,
  staged: true,
  content: [
    'nature',
    'data_categories',
    'numbers',
    'cause',
    'secondary_damage',
    'response_to_persons',
    'publication',
    'prevention',
    'other',
  ],
  exemptions: [],
  recordRetention: null,
  source: 'official text quoted in a checked note',
  checkedOn: '2026-11',
  mark: 'Q',
} as const

const NOTES = [
  { text: 'The nine items are those of the enforcement rules, Art. 8(1).', mark: 'S' },
  { text: 'Sensitive data (要配慮個人情報) is finer than the classes here.', mark: 'K' },
] as const

const SENSITIVE: Clause = { classes: ['health', 'other_sensitive'] }
const PROPERTY: Clause = { classes: ['financial_account'] }
const MANY: Clause = { count: { min: 1_001 } }
const REPORTABLE: readonly Clause[] = [SENSITIVE, PROPERTY, { all: ['malicious'] }, MANY]

const DAYS: Counting = {
  firstDay: 'included',
  dayOff: 'next_business_day',
  mark: 'K',
  basis:
    'the Commission’s guidelines 3-5-3-4: the day of becoming aware is day one; an end on a Saturday, Sunday, holiday or 29 December to 3 January moves to the next day',
}

const AUTHORITY = {
  ...APPI,
  audience: 'authority',
  recipient: 'the Personal Information Protection Commission',
} as const

const rules: readonly Rule[] = [
  {
    ...AUTHORITY,
    id: 'jp-appi-26-preliminary',
    stage: 'initial',
    threshold: { any: REPORTABLE },
    limit: { n: 5, unit: 'calendar_day', qualifier: 'promptly' },
    counting: {
      ...DAYS,
      dayOff: 'stays',
      basis: 'not in the evidence; assumed as for the final report, without its move',
    },
    notes: [...NOTES, { text: '“3–5 days”: the later is the clock’s end, the earlier the aim.' }],
  },
  {
    ...AUTHORITY,
    id: 'jp-appi-26-final',
    stage: 'final',
    threshold: {
      any: [SENSITIVE, PROPERTY, MANY].map((clause) => ({ ...clause, none: ['malicious'] as const })),
    },
    limit: { n: 30, unit: 'calendar_day', qualifier: 'within' },
    counting: DAYS,
    notes: NOTES,
  },
  {
    ...AUTHORITY,
    id: 'jp-appi-26-final-malicious',
    stage: 'final',
    threshold: { any: [{ all: ['malicious'] }] },
    limit: { n: 60, unit: 'calendar_day', qualifier: 'within' },
    counting: DAYS,
    notes: NOTES,
  },
  {
    ...APPI,
    id: 'jp-appi-26-individuals',
    audience: 'individual',
    recipient: 'the persons affected',
    stage: 'initial',
    staged: false,
    threshold: { any: REPORTABLE },
    limit: { n: null, unit: 'none', qualifier: 'promptly' },
    counting: null,
    content: [],
    notes: [
      { text: 'The nine items are the authority’s; which of them a person gets is not in the evidence.' },
    ],
  },
]

export const law: Jurisdiction = { code: 'JP', name: 'Japan', zone: 'Asia/Tokyo', covers: ['JP'], rules }
