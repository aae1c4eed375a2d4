import { COUNTING_ASSUMED } from './counting.ts'
import type { Jurisdiction, Rule } from './rule.ts'
import { US_STATE_CLASSES } from './us-state.ts'

const CALIFORNIA = {
  duty: 'incident',
  binding: 'duty',
  jurisdiction: 'US-CA',
  instrument: 'California Civil Code',
  article: '1798.82',
  status: 'in_force',
  effectiveFrom: null,
  effectiveTo: null,
  stage: 'initial',
  staged: false,
  who: { any: ['controller'] },
  coversPossible: false,
  counting: COUNTING_ASSUMED,
  content: [],
  exemptions: [],
  recordRetention: null,
  source: 'secondary sources',
  checkedOn: '2026-11',
  mark: 'S',
} as const

const ARTICLE = { text: 'The article’s number is general knowledge.', mark: 'K' } as const

const rules: readonly Rule[] = [
  {
    ...CALIFORNIA,
    id: 'us-ca-individuals',
    audience: 'individual',
    recipient: 'the persons affected',
    trigger: 'awareness',
    threshold: { any: [{ classes: US_STATE_CLASSES.classes }] },
    limit: { n: 30, unit: 'calendar_day', qualifier: 'within' },
    notes: [US_STATE_CLASSES.note, ARTICLE],
  },
  {
    ...CALIFORNIA,
    id: 'us-ca-authority',
    audience: 'authority',
    recipient: 'the Attorney General',
    trigger: 'notice_sent',
    after: 'us-ca-individuals',
    threshold: { any: [{ classes: US_STATE_CLASSES.classes, count: { min: 501 } }] },
    limit: { n: 15, unit: 'calendar_day', qualifier: 'within' },
    notes: [US_STATE_CLASSES.note, ARTICLE],
  },
]

export const law: Jurisdiction = {
  code: 'US-CA',
  name: 'California',
  zone: 'America/Los_Angeles',
  covers: ['US-CA'],
  rules,
}
