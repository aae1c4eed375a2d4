import { COUNTING_ASSUMED } from './counting.ts'
import type { Jurisdiction, Rule } from './rule.ts'
import { US_STATE_CLASSES } from './us-state.ts'

const TEXAS = {
  duty: 'incident',
  binding: 'duty',
  jurisdiction: 'US-TX',
  instrument: 'Texas Business and Commerce Code',
  article: '521.053',
  status: 'in_force',
  effectiveFrom: null,
  effectiveTo: null,
  stage: 'initial',
  staged: false,
  trigger: 'determination',
  who: { any: ['controller'] },
  coversPossible: false,
  counting: COUNTING_ASSUMED,
  content: [],
  exemptions: [],
  recordRetention: null,
  source: 'official text quoted in a checked note',
  checkedOn: '2026-11',
  mark: 'Q',
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
    ...TEXAS,
    id: 'us-tx-authority',
    audience: 'authority',
    recipient: 'the Attorney General',
    threshold: { any: [{ classes: US_STATE_CLASSES.classes, count: { min: 250 } }] },
    limit: { n: 30, unit: 'calendar_day', qualifier: 'within' },
  },
  {
    ...TEXAS,
    id: 'us-tx-individuals',
    audience: 'individual',
    recipient: 'the persons affected',
    threshold: { any: [{ classes: US_STATE_CLASSES.classes }] },
    limit: { n: 60, unit: 'calendar_day', qualifier: 'within' },
  },
]

export const law: Jurisdiction = {
  code: 'US-TX',
  name: 'Texas',
  zone: 'America/Chicago',
  covers: ['US-TX'],
  rules,
}
