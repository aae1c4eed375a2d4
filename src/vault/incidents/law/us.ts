import { COUNTING_ASSUMED } from './counting.ts'
import type { Jurisdiction, Rule } from './rule.ts'

const HIPAA = {
  duty: 'incident',
  binding: 'duty',
  jurisdiction: 'US',
  instrument: 'HIPAA Breach Notification Rule',
  status: 'in_force',
  effectiveFrom: null,
  effectiveTo: null,
  stage: 'initial',
  staged: false,
  who: { any: ['hipaa_covered_entity'] },
  coversPossible: false,
  counting: COUNTING_ASSUMED,
  content: [],
  exemptions: [],
  recordRetention: null,
  source: 'official text quoted in a checked note',
  checkedOn: '2026-11',
  mark: 'Q',
} as const

const UNSECURED_PHI = { classes: ['health'], none: ['encrypted'] } as const
const UNSECURED = [
  { text: 'Unsecured: not encrypted. Article numbers are general knowledge.', mark: 'K' },
] as const

const rules: readonly Rule[] = [
  {
    ...HIPAA,
    id: 'us-hipaa-individuals',
    article: '45 CFR 164.404',
    audience: 'individual',
    recipient: 'the persons affected',
    trigger: 'awareness',
    threshold: { any: [UNSECURED_PHI] },
    limit: { n: 60, unit: 'calendar_day', qualifier: 'without_undue_delay' },
    notes: UNSECURED,
  },
  {
    ...HIPAA,
    id: 'us-hipaa-authority-500',
    article: '45 CFR 164.408(b)',
    audience: 'authority',
    recipient: 'the Secretary of Health and Human Services',
    trigger: 'awareness',
    threshold: { any: [{ ...UNSECURED_PHI, count: { min: 500 } }] },
    limit: {
      n: 60,
      unit: 'calendar_day',
      qualifier: 'with_individual_notice',
      notAfter: 'us-hipaa-individuals',
    },
    notes: [
      ...UNSECURED,
      {
        text: '“With the notice”: the 60 days of the individuals are the outer end, and the day of their notice an earlier one.',
      },
    ],
  },
  {
    ...HIPAA,
    id: 'us-hipaa-authority-annual',
    article: '45 CFR 164.408(c)',
    audience: 'authority',
    recipient: 'the Secretary of Health and Human Services',
    trigger: 'year_end',
    threshold: { any: [{ ...UNSECURED_PHI, count: { max: 499 } }] },
    limit: { n: 60, unit: 'calendar_day', qualifier: 'within' },
    notes: UNSECURED,
  },
  {
    ...HIPAA,
    id: 'us-hipaa-media',
    article: '45 CFR 164.406',
    audience: 'media',
    recipient: 'prominent media outlets of the state',
    trigger: 'awareness',
    threshold: { any: [{ ...UNSECURED_PHI, count: { min: 501 } }] },
    limit: { n: 60, unit: 'calendar_day', qualifier: 'without_undue_delay' },
    source: 'general knowledge; not in the evidence gathered',
    mark: 'K',
    notes: [
      ...UNSECURED,
      {
        text: 'The threshold is for each state; it is counted over all of them here, which errs towards the duty.',
      },
    ],
  },
]

export const law: Jurisdiction = {
  code: 'US',
  name: 'United States (federal)',
  zone: 'America/New_York',
  zoneNote: 'One of several: the authority’s seat.',
  covers: ['US'],
  rules,
}
