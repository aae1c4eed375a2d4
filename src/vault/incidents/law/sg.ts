import { COUNTING_ASSUMED } from './counting.ts'
import type { Jurisdiction, Rule } from './rule.ts'

const PDPA = {
  duty: 'incident',
  binding: 'duty',
  jurisdiction: 'SG',
  instrument: 'Personal Data Protection Act 2012',
  status: 'in_force',
  effectiveFrom: null,
  effectiveTo: null,
  who: { any: ['controller'] },
  coversPossible: false,
  staged: false,
  content: [],
  exemptions: [],
  recordRetention: null,
  source: 'official text quoted in a checked note',
  checkedOn: '2026-11',
  mark: 'Q',
} as const

const SIGNIFICANT = { atLeast: 'high_risk', words: 'significant harm' } as const

const rules: readonly Rule[] = [
  {
    ...PDPA,
    id: 'sg-pdpa-assessment',
    article: '26C',
    audience: 'authority',
    recipient: 'nobody: the assessment itself',
    stage: 'assessment',
    trigger: 'awareness',
    threshold: null,
    limit: { n: 30, unit: 'calendar_day', qualifier: 'within' },
    counting: COUNTING_ASSUMED,
    notes: [
      { text: 'The evidence says “within 30”; calendar days are assumed.', mark: 'K' },
      { text: 'The article’s number is general knowledge.', mark: 'K' },
    ],
  },
  {
    ...PDPA,
    id: 'sg-pdpa-authority',
    article: '26D(1)',
    audience: 'authority',
    recipient: 'the Personal Data Protection Commission',
    stage: 'initial',
    trigger: 'assessment_complete',
    threshold: { any: [{ harm: SIGNIFICANT }, { count: { min: 500 } }] },
    limit: { n: 3, unit: 'calendar_day', qualifier: 'as_soon_as_practicable' },
    counting: {
      firstDay: 'excluded',
      dayOff: 'stays',
      mark: 'S',
      basis: '26D(1): “no later than 3 calendar days after the day the organisation makes that assessment”',
    },
    notes: [],
  },
  {
    ...PDPA,
    id: 'sg-pdpa-individuals',
    article: '26D(2)',
    audience: 'individual',
    recipient: 'the persons affected',
    stage: 'initial',
    trigger: 'assessment_complete',
    threshold: { any: [{ harm: SIGNIFICANT }] },
    limit: { n: null, unit: 'none', qualifier: 'with_or_after_authority' },
    counting: null,
    notes: [{ text: 'The article’s number is from secondary sources.', mark: 'S' }],
  },
]

export const law: Jurisdiction = {
  code: 'SG',
  name: 'Singapore',
  zone: 'Asia/Singapore',
  covers: ['SG'],
  rules,
}
