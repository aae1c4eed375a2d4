import type { Jurisdiction, Rule } from './rule.ts'

const UK_GDPR = {
  duty: 'incident',
  binding: 'duty',
  jurisdiction: 'GB',
  instrument: 'UK GDPR',
  status: 'in_force',
  effectiveFrom: null,
  effectiveTo: null,
  trigger: 'awareness',
  who: { any: ['controller'] },
  coversPossible: false,
  counting: null,
  recordRetention: null,
  source: 'secondary sources: the same as the GDPR',
  checkedOn: '2026-11',
  mark: 'S',
} as const

const rules: readonly Rule[] = [
  {
    ...UK_GDPR,
    id: 'gb-gdpr-33-1',
    article: '33(1), (3), (4)',
    audience: 'authority',
    recipient: 'the Information Commissioner',
    stage: 'initial',
    staged: true,
    threshold: { any: [{ harm: { atLeast: 'risk', words: 'unless a risk is unlikely' } }] },
    limit: { n: 72, unit: 'h', qualifier: 'without_undue_delay' },
    content: [
      'nature',
      'data_categories',
      'person_categories',
      'numbers',
      'contact',
      'consequences',
      'measures',
    ],
    exemptions: [],
    notes: [{ text: 'Later than 72 h, the reasons go with it.' }],
  },
  {
    ...UK_GDPR,
    id: 'gb-gdpr-34',
    article: '34(1)-(3)',
    audience: 'individual',
    recipient: 'the persons affected',
    stage: 'initial',
    staged: false,
    threshold: { any: [{ harm: { atLeast: 'high_risk', words: 'high risk' } }] },
    limit: { n: null, unit: 'none', qualifier: 'without_undue_delay' },
    content: ['nature', 'contact', 'consequences', 'measures'],
    exemptions: [
      { code: 'encrypted', words: 'the data was unintelligible to whoever got it', when: ['encrypted'] },
      { code: 'mitigated', words: 'measures taken since avert the high risk', when: ['mitigated'] },
    ],
    notes: [],
  },
]

export const law: Jurisdiction = {
  code: 'GB',
  name: 'United Kingdom',
  zone: 'Europe/London',
  covers: ['GB'],
  rules,
}
