import { COUNTING_ASSUMED } from './counting.ts'
import type { Jurisdiction, Rule } from './rule.ts'
import { US_STATE_CLASSES } from './us-state.ts'

const FLORIDA = {
  duty: 'incident',
  binding: 'duty',
  jurisdiction: 'US-FL',
  instrument: 'Florida Statutes',
  article: '501.171',
  status: 'in_force',
  effectiveFrom: null,
  effectiveTo: null,
  stage: 'initial',
  staged: false,
  trigger: 'determination',
  who: { any: ['controller'] },
  coversPossible: false,
  limit: { n: 30, unit: 'calendar_day', qualifier: 'within' },
  counting: COUNTING_ASSUMED,
  content: [],
  exemptions: [],
  recordRetention: null,
  source: 'secondary sources',
  checkedOn: '2026-11',
  mark: 'S',
  notes: [
    US_STATE_CLASSES.note,
    {
      text: 'The article’s number, and that determination starts the time, are general knowledge.',
      mark: 'K',
    },
  ],
} as const

const rules: readonly Rule[] = [
  {
    ...FLORIDA,
    id: 'us-fl-authority',
    audience: 'authority',
    recipient: 'the Department of Legal Affairs',
    threshold: { any: [{ classes: US_STATE_CLASSES.classes, count: { min: 500 } }] },
  },
  {
    ...FLORIDA,
    id: 'us-fl-individuals',
    audience: 'individual',
    recipient: 'the persons affected',
    threshold: { any: [{ classes: US_STATE_CLASSES.classes }] },
  },
]

export const law: Jurisdiction = {
  code: 'US-FL',
  name: 'Florida',
  zone: 'America/New_York',
  zoneNote: 'One of two: the capital’s.',
  covers: ['US-FL'],
  rules,
}
