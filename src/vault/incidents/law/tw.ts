import type { Jurisdiction, Rule } from './rule.ts'

const PDPA = {
  duty: 'incident',
  binding: 'duty',
  jurisdiction: 'TW',
  instrument: 'Personal Data Protection Act (個人資料保護法)',
  article: '12',
  status: 'in_force',
  effectiveFrom: null,
  effectiveTo: null,
  who: { any: ['controller'] },
  coversPossible: false,
  stage: 'initial',
  staged: false,
  counting: null,
  content: [],
  exemptions: [],
  recordRetention: null,
  source: 'official text quoted in a checked note',
  checkedOn: '2026-11',
  mark: 'Q',
} as const

const rules: readonly Rule[] = [
  {
    ...PDPA,
    id: 'tw-sector-72h',
    instrument: 'sector rules under the Personal Data Protection Act',
    article: 'differs by sector',
    audience: 'authority',
    recipient: 'the sector’s competent authority',
    trigger: 'awareness',
    threshold: { any: [{ all: ['material_by_sector_rule'] }] },
    limit: { n: 72, unit: 'h', qualifier: 'within' },
    notes: [{ text: 'Which sector rule, and what it calls material, is for the tenant to say.' }],
  },
  {
    ...PDPA,
    id: 'tw-pdpa-12-individuals',
    audience: 'individual',
    recipient: 'the persons affected',
    trigger: 'determination',
    threshold: null,
    limit: { n: null, unit: 'none', qualifier: 'after_ascertaining' },
    notes: [],
  },
  {
    ...PDPA,
    id: 'tw-pdpa-12-amended-authority',
    instrument: 'Personal Data Protection Act, amendment of 2025-11-11',
    status: 'promulgated',
    audience: 'authority',
    recipient: 'the Personal Data Protection Commission',
    trigger: 'awareness',
    threshold: { any: [{ count: { min: 100 } }] },
    limit: { n: 72, unit: 'h', qualifier: 'within' },
    notes: [
      { text: 'Promulgated without a date in force.' },
      { text: 'To whom is general knowledge.', mark: 'K' },
    ],
  },
]

export const law: Jurisdiction = { code: 'TW', name: 'Taiwan', zone: 'Asia/Taipei', covers: ['TW'], rules }
