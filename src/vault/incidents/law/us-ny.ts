import { COUNTING_ASSUMED } from './counting.ts'
import type { Jurisdiction, Rule } from './rule.ts'
import { US_STATE_CLASSES } from './us-state.ts'

const NEW_YORK = {
  duty: 'incident',
  binding: 'duty',
  jurisdiction: 'US-NY',
  instrument: 'New York General Business Law',
  article: '899-aa',
  status: 'in_force',
  effectiveFrom: null,
  effectiveTo: null,
  stage: 'initial',
  staged: false,
  trigger: 'awareness',
  who: { any: ['controller'] },
  coversPossible: false,
  threshold: { any: [{ classes: US_STATE_CLASSES.classes }] },
  content: [],
  exemptions: [],
  recordRetention: null,
  source: 'secondary sources',
  checkedOn: '2026-11',
  mark: 'S',
} as const

const ARTICLE = { text: 'The article’s number is general knowledge.', mark: 'K' } as const

const AUTHORITY = {
  ...NEW_YORK,
  audience: 'authority',
  limit: { n: null, unit: 'none', qualifier: 'not_stated' },
  counting: null,
  notes: [
    US_STATE_CLASSES.note,
    ARTICLE,
    {
      text: 'The evidence names the authority and no time for it: treat it as due with the notice to individuals.',
    },
  ],
} as const

const rules: readonly Rule[] = [
  {
    ...NEW_YORK,
    id: 'us-ny-individuals',
    audience: 'individual',
    recipient: 'the persons affected',
    limit: { n: 30, unit: 'calendar_day', qualifier: 'within' },
    counting: COUNTING_ASSUMED,
    notes: [US_STATE_CLASSES.note, ARTICLE],
  },
  { ...AUTHORITY, id: 'us-ny-attorney-general', recipient: 'the Attorney General' },
  { ...AUTHORITY, id: 'us-ny-department-of-state', recipient: 'the Department of State' },
  { ...AUTHORITY, id: 'us-ny-state-police', recipient: 'the State Police' },
]

export const law: Jurisdiction = {
  code: 'US-NY',
  name: 'New York',
  zone: 'America/New_York',
  covers: ['US-NY'],
  rules,
}
