import type { Counting, Jurisdiction, Rule } from './rule.ts'

const DAYS: Counting = {
  firstDay: 'excluded',
  dayOff: 'stays',
  mark: 'K',
  basis:
    'not in the evidence; assumed: business days without national holidays, the day of the trigger not counted',
}

const LGPD = {
  duty: 'incident',
  binding: 'duty',
  jurisdiction: 'BR',
  instrument: 'LGPD, with Resolution CD/ANPD 15/2024',
  article: '48',
  status: 'in_force',
  effectiveFrom: null,
  effectiveTo: null,
  who: { any: ['controller'] },
  coversPossible: false,
  threshold: {
    any: [
      {
        harm: { atLeast: 'high_risk', words: 'significant impact on interests and fundamental rights' },
        classes: [
          'health',
          'biometric',
          'other_sensitive',
          'child',
          'financial_account',
          'account_credentials',
        ],
      },
    ],
  },
  counting: DAYS,
  content: [],
  exemptions: [],
  recordRetention: { n: 5, unit: 'year' },
  source: 'secondary sources',
  checkedOn: '2026-11',
  mark: 'S',
} as const

const LISTED = [
  {
    text: 'The listed data as secondary sources have it: sensitive, of children or the elderly, financial, authentication, legally secret, or large in scale. The elderly, secrecy and scale are no classes here: state the class that comes nearest.',
    mark: 'S',
  },
  { text: 'Carnival and Corpus Christi count as business days: they are no national holidays.', mark: 'K' },
] as const

const rules: readonly Rule[] = [
  {
    ...LGPD,
    id: 'br-lgpd-48-authority',
    audience: 'authority',
    recipient: 'the ANPD',
    stage: 'initial',
    staged: true,
    trigger: 'awareness',
    limit: { n: 3, unit: 'business_day', qualifier: 'within' },
    notes: LISTED,
  },
  {
    ...LGPD,
    id: 'br-lgpd-48-supplement',
    audience: 'authority',
    recipient: 'the ANPD',
    stage: 'update',
    staged: true,
    trigger: 'notice_sent',
    after: 'br-lgpd-48-authority',
    limit: { n: 20, unit: 'business_day', qualifier: 'within' },
    notes: [
      ...LISTED,
      {
        text: 'The evidence says “supplement 20”; business days from the communication are from further secondary sources.',
        mark: 'S',
      },
    ],
  },
  {
    ...LGPD,
    id: 'br-lgpd-48-individuals',
    audience: 'individual',
    recipient: 'the persons affected',
    stage: 'initial',
    staged: false,
    trigger: 'awareness',
    limit: { n: 3, unit: 'business_day', qualifier: 'within' },
    notes: LISTED,
  },
]

export const law: Jurisdiction = {
  code: 'BR',
  name: 'Brazil',
  zone: 'America/Sao_Paulo',
  zoneNote: 'One of several: the zone of Brasília.',
  covers: ['BR'],
  rules,
}
