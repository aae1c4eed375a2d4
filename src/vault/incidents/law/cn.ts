import { COUNTING_ASSUMED } from './counting.ts'
import type { Jurisdiction, Rule } from './rule.ts'

const ALL = {
  binding: 'duty',
  jurisdiction: 'CN',
  status: 'in_force',
  effectiveTo: null,
  counting: null,
  recordRetention: null,
  checkedOn: '2026-11',
} as const

const PIPL = {
  ...ALL,
  duty: 'incident',
  instrument: 'Personal Information Protection Law (个人信息保护法)',
  article: '57',
  effectiveFrom: '2021-11-01',
  trigger: 'awareness',
  who: { any: ['controller'] },
  coversPossible: true,
  stage: 'initial',
  staged: false,
  threshold: null,
  limit: { n: null, unit: 'none', qualifier: 'immediately' },
  content: ['data_categories', 'cause', 'consequences', 'measures', 'self_help', 'contact'],
  source: 'the statute’s text',
  mark: 'R',
} as const

const pipl: readonly Rule[] = [
  {
    ...PIPL,
    id: 'cn-pipl-57-authority',
    audience: 'authority',
    recipient: 'the department that performs personal information protection duties',
    exemptions: [],
    notes: [{ text: 'The first day in force is not in the evidence.', mark: 'K' }],
  },
  {
    ...PIPL,
    id: 'cn-pipl-57-individuals',
    audience: 'individual',
    recipient: 'the persons affected',
    exemptions: [
      {
        code: 'harm_averted',
        words: 'measures taken effectively avert harm, unless the authority orders the notice',
        when: ['mitigated'],
        unless: ['ordered_by_authority'],
      },
    ],
    notes: [{ text: 'The first day in force is not in the evidence.', mark: 'K' }],
  },
]

const CAC = {
  ...ALL,
  duty: 'incident',
  instrument: 'CAC measures on reporting network security incidents (国家网络安全事件报告管理办法)',
  article: 'not in the evidence',
  effectiveFrom: '2025-11-01',
  audience: 'authority',
  staged: true,
  coversPossible: false,
  threshold: { any: [{ count: { min: 1_000_000 } }] },
  grades: [
    { min: 1_000_000, name: 'larger (较大)' },
    { min: 10_000_000, name: 'major (重大)' },
    { min: 100_000_000, name: 'extra-major (特别重大)' },
  ],
  content: [],
  exemptions: [],
  source: 'official text quoted in a checked note',
  mark: 'Q',
  notes: [
    { text: 'The grades have other criteria than persons; they are not in the evidence.' },
    { text: 'Persons are counted in mainland China.' },
  ],
} as const

const cac: readonly Rule[] = [
  {
    ...CAC,
    id: 'cn-cac-operator',
    recipient: 'the provincial CAC',
    stage: 'initial',
    trigger: 'awareness',
    who: { any: ['network_operator'], none: ['critical_infrastructure', 'central_organ'] },
    limit: { n: 4, unit: 'h', qualifier: 'within' },
  },
  {
    ...CAC,
    id: 'cn-cac-critical-infrastructure',
    recipient: 'the protection department and the public security organs',
    stage: 'initial',
    trigger: 'awareness',
    who: { any: ['critical_infrastructure'] },
    limit: { n: 1, unit: 'h', qualifier: 'within' },
    notes: [...CAC.notes, { text: 'To whom is general knowledge: the evidence does not say.', mark: 'K' }],
  },
  {
    ...CAC,
    id: 'cn-cac-central-organ',
    recipient: 'the organ’s own cyberspace affairs body',
    stage: 'initial',
    trigger: 'awareness',
    who: { any: ['central_organ'] },
    limit: { n: 2, unit: 'h', qualifier: 'within' },
    notes: [...CAC.notes, { text: 'To whom is general knowledge: the evidence does not say.', mark: 'K' }],
  },
  {
    ...CAC,
    id: 'cn-cac-wrap-up',
    recipient: 'to whom the incident was reported',
    stage: 'final',
    trigger: 'handling_complete',
    who: { any: ['network_operator', 'critical_infrastructure', 'central_organ'] },
    limit: { n: 30, unit: 'calendar_day', qualifier: 'within' },
    counting: COUNTING_ASSUMED,
  },
]

const NETWORK_DATA = {
  ...ALL,
  duty: 'incident',
  instrument: 'Network Data Security Regulations (网络数据安全管理条例)',
  article: '10-12',
  effectiveFrom: '2025-01-01',
  trigger: 'awareness',
  who: { any: ['controller', 'network_operator'] },
  coversPossible: false,
  stage: 'initial',
  staged: false,
  content: [],
  exemptions: [],
  source: 'the regulations’ text',
  mark: 'R',
} as const

const networkData: readonly Rule[] = [
  {
    ...NETWORK_DATA,
    id: 'cn-ndsr-authority',
    audience: 'authority',
    recipient: 'the competent department',
    threshold: null,
    limit: { n: null, unit: 'none', qualifier: 'immediately' },
    notes: [{ text: '“As prescribed”: other instruments say how.' }],
  },
  {
    ...NETWORK_DATA,
    id: 'cn-ndsr-vulnerability',
    audience: 'authority',
    recipient: 'the competent department',
    coversPossible: true,
    threshold: { any: [{ all: ['national_security_vulnerability'] }] },
    limit: { n: 24, unit: 'h', qualifier: 'within' },
    notes: [{ text: 'For a vulnerability or risk that touches national security; no leak is needed.' }],
  },
  {
    ...NETWORK_DATA,
    id: 'cn-ndsr-individuals',
    audience: 'individual',
    recipient: 'the persons affected',
    threshold: { any: [{ harm: { atLeast: 'risk', words: 'harm to lawful rights and interests' } }] },
    limit: { n: null, unit: 'none', qualifier: 'promptly' },
    notes: [{ text: 'By telephone, SMS, message, e-mail or public notice.' }],
  },
]

const express: readonly Rule[] = [
  {
    ...ALL,
    id: 'cn-express-authority',
    duty: 'incident',
    instrument: 'rules for express companies (快递)',
    article: 'not in the evidence',
    effectiveFrom: null,
    audience: 'authority',
    recipient: 'the local postal authority',
    stage: 'initial',
    staged: false,
    trigger: 'awareness',
    who: { any: ['express_company'] },
    coversPossible: true,
    threshold: null,
    limit: { n: null, unit: 'none', qualifier: 'immediately' },
    content: [],
    exemptions: [],
    source: 'the rules’ text',
    mark: 'R',
    notes: [{ text: 'The evidence has neither the article nor the first day in force.' }],
  },
]

const requests: readonly Rule[] = [
  {
    ...ALL,
    id: 'cn-request',
    duty: 'request',
    instrument: 'common practice on requests under PIPL 44-50',
    article: 'not in the evidence',
    effectiveFrom: null,
    audience: 'individual',
    recipient: 'the person who asked',
    stage: 'final',
    staged: false,
    trigger: 'request_received',
    who: { any: ['controller'] },
    coversPossible: true,
    threshold: null,
    limit: { n: 15, unit: 'business_day', qualifier: 'within' },
    counting: {
      firstDay: 'excluded',
      dayOff: 'stays',
      mark: 'K',
      basis:
        'not in the evidence; assumed: the day of receipt is not counted; working days by the State Council’s schedule, with its working weekends',
    },
    content: [],
    exemptions: [],
    source: 'secondary sources: “commonly 15 working days”',
    mark: 'S',
    notes: [],
  },
]

export const law: Jurisdiction = {
  code: 'CN',
  name: 'China (mainland)',
  zone: 'Asia/Shanghai',
  covers: ['CN'],
  rules: [...pipl, ...cac, ...networkData, ...express, ...requests],
}
