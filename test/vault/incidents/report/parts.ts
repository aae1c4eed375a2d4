import { instant } from '../../../../src/core/time.ts'
import type { Instant } from '../../../../src/core/time.ts'
import { clocksOf } from '../../../../src/vault/incidents/clocks/clocks.ts'
import type { Facts } from '../../../../src/vault/incidents/clocks/facts.ts'
import type { ClockView } from '../../../../src/vault/incidents/list-clocks.ts'
import type { LogProof, NoticeFigures, ReportParts } from '../../../../src/vault/incidents/report/report.ts'
import type { Scope } from '../../../../src/vault/incidents/scope.ts'
import type { IncidentView } from '../../../../src/vault/incidents/service.ts'

export function at(text: string): Instant {
  return instant(Date.parse(text))
}

export const AWARE = at('2026-11-25T09:30:00Z')
export const NOW = at('2026-11-26T12:00:00Z')

const steps = [
  { step: 'opened', code: 'credential_leak', at: AWARE, event: 'evt_01', reason: null },
  {
    step: 'assessed',
    code: 'high',
    at: at('2026-11-25T10:05:00Z'),
    event: 'evt_02',
    reason: '王小明 of 臺灣 rang; 개인정보 유출 is likely — Ж, é, ł, Ω, ệ, かな',
  },
  {
    step: 'containing',
    code: 'revoke_credentials',
    at: at('2026-11-25T10:06:00Z'),
    event: 'evt_03',
    reason: null,
  },
  {
    step: 'contained',
    code: 'revoke_credentials',
    at: at('2026-11-25T10:06:01Z'),
    event: 'evt_04',
    reason: null,
  },
] as const

/** A leak as it stands after a day. */
export const INCIDENT: IncidentView = {
  id: 'inc_01HGW2N7EHJVJ4CJ999RRS2E97',
  title: 'Key of shop A in a public repository · 王小明的店 · 臺灣 · 서울 가게',
  kind: 'credential_leak',
  state: 'contained',
  severity: 'high',
  awareAt: AWARE,
  occurredFrom: at('2026-11-20T00:00:00Z'),
  occurredTo: AWARE,
  openedAt: AWARE,
  suspects: {
    credentials: ['key_1'],
    parties: ['mer_1'],
    operators: [],
    devices: [],
    subjects: [],
    keys: [],
  },
  containment: [
    {
      action: 'revoke_credentials',
      state: 'done',
      begunAt: at('2026-11-25T10:06:00Z'),
      cursor: 0,
      counts: { credentials: 1 },
      parties: [],
    },
  ],
  steps,
  operators: [],
  devices: [],
  openPoints: [],
  facts: {},
  clocks: [],
  counted: { at: AWARE, persons: null, classes: [] },
  checkAt: null,
}

export const SCOPE: Scope = {
  events: 48_211,
  subjects: 12_345,
  erased: 7,
  canaries: 0,
  firstAt: at('2026-11-20T00:13:00Z'),
  lastAt: at('2026-11-25T09:29:59Z'),
  byJurisdiction: [
    ['CN', 9_000],
    ['KR', 2_000],
    ['DE', 1_300],
    ['unknown', 45],
  ],
  byLanguage: [
    ['zh-CN', 9_000],
    ['ko', 2_000],
  ],
  byField: [
    { field: 'name', view: 'masked', counted: { events: 20_111, subjects: 12_345 } },
    { field: 'phone', view: 'full', counted: { events: 28_100, subjects: 11_002 } },
    { field: 'address', view: 'street', counted: { events: 311, subjects: 298 } },
  ],
  byView: [['masked', 20_111]],
  byType: [['reveal.allowed', 48_211]],
  byParty: [['mer_1', 48_211]],
  byCredential: [['key_1', 48_211]],
  byOperator: [
    ['Zhang San', 40_000],
    ['emp-17', 8_211],
  ],
  byDevice: [],
  copied: null,
}

const FACTS: Facts = {
  awareAt: AWARE,
  occurrence: 'established',
  persons: Object.fromEntries(SCOPE.byJurisdiction),
  classes: ['name', 'phone', 'address'],
  harm: 'high_risk',
  circumstances: { outside_intrusion: true },
  roles: ['controller', 'network_operator'],
}

export const CLOCKS: readonly ClockView[] = clocksOf({ facts: FACTS, notices: [], waivers: [] }, NOW).map(
  (clock) => ({ ...clock, said: null, checkedDaysAgo: 1 }),
)

export const NOTICE: NoticeFigures = {
  id: 'ntc_1',
  rules: ['eu-gdpr-34'],
  audience: 'persons',
  jurisdiction: 'EU',
  approvedAt: at('2026-11-25T15:00:00Z'),
  firstSentAt: at('2026-11-25T15:01:00Z'),
  lastSentAt: at('2026-11-25T15:20:00Z'),
  queued: 3,
  sent: 1_290,
  delivered: 1_200,
  bounced: 5,
  failed: 2,
  leftOut: 0,
}

export const LOG: LogProof = {
  vkey: 'vault.test/log/default+5f3b1a2c+AZ1kq0sJ0YpXh8v3dWm2c9n7b4e6t1u5r8i0o2p4a6s8',
  checkpoint: {
    size: 48_300,
    note: 'vault.test/log/default\n48300\nqf7Vd0Jx2m5Z8w1Q4e6R9t3Y7u0I2o5P8a1S4d7F0g3=\n\n— vault.test/log/default Xzsa3f0J8k2L5m7N9p1Q3r5S7t9U1v3W5x7Y9z1A3b5C7d9E1f3G5h7J9k1L3m5N7p9Q1r3S5t7U9v1W3x5Y7z9A1b3=\n',
  },
  steps: new Map(
    steps.map(({ event }, index) => [
      event,
      {
        index: 48_210 + index,
        leafHash: new Uint8Array(32).fill(index + 1),
        proof: [new Uint8Array(32).fill(9)],
        covered: true,
      },
    ]),
  ),
}

export function partsWith(more: Partial<ReportParts> = {}): ReportParts {
  return { incident: INCIDENT, scope: SCOPE, clocks: CLOCKS, notices: [NOTICE], texts: {}, log: LOG, ...more }
}

/** As it is before anybody has done anything: next to nothing is known. */
export const BARE: ReportParts = {
  incident: {
    ...INCIDENT,
    severity: null,
    occurredFrom: null,
    occurredTo: null,
    containment: [],
    steps: steps.slice(0, 1),
    openPoints: ['not_assessed', 'not_contained'],
  },
  scope: null,
  clocks: [],
  notices: [],
  texts: {},
  log: { vkey: null, checkpoint: null, steps: new Map() },
}
