import { COUNTING_ASSUMED } from './counting.ts'
import type { Jurisdiction, Rule } from './rule.ts'

const NDB = {
  duty: 'incident',
  binding: 'duty',
  jurisdiction: 'AU',
  instrument: 'Notifiable Data Breaches scheme, Privacy Act 1988',
  article: 'not in the evidence',
  status: 'in_force',
  effectiveFrom: null,
  effectiveTo: null,
  trigger: 'awareness',
  who: { any: ['controller'] },
  coversPossible: false,
  staged: false,
  content: [],
  exemptions: [],
  recordRetention: null,
  source: 'secondary sources',
  checkedOn: '2026-11',
  mark: 'S',
} as const

const SERIOUS = { any: [{ harm: { atLeast: 'high_risk', words: 'likely serious harm' } }] } as const

const rules: readonly Rule[] = [
  {
    ...NDB,
    id: 'au-ndb-assessment',
    audience: 'authority',
    recipient: 'nobody: the assessment itself',
    stage: 'assessment',
    coversPossible: true,
    threshold: null,
    limit: { n: 30, unit: 'calendar_day', qualifier: 'within' },
    counting: COUNTING_ASSUMED,
    notes: [
      { text: 'The evidence says “≤ 30 days”; calendar days are assumed.', mark: 'K' },
      { text: 'That a suspicion starts it is general knowledge.', mark: 'K' },
    ],
  },
  {
    ...NDB,
    id: 'au-ndb-authority',
    audience: 'authority',
    recipient: 'the Office of the Australian Information Commissioner',
    stage: 'initial',
    threshold: SERIOUS,
    limit: { n: null, unit: 'none', qualifier: 'as_soon_as_practicable' },
    counting: null,
    notes: [],
  },
  {
    ...NDB,
    id: 'au-ndb-individuals',
    audience: 'individual',
    recipient: 'the persons affected',
    stage: 'initial',
    threshold: SERIOUS,
    limit: { n: null, unit: 'none', qualifier: 'as_soon_as_practicable' },
    counting: null,
    notes: [],
  },
]

export const law: Jurisdiction = {
  code: 'AU',
  name: 'Australia',
  zone: 'Australia/Sydney',
  zoneNote: 'One of several: the authority’s seat.',
  covers: ['AU'],
  rules,
}
