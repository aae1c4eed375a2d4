import { describe, expect, test } from 'vitest'
import { DAY_MS, HOUR_MS, after, parseRfc3339 } from '../../../src/core/time.ts'
import type { Instant } from '../../../src/core/time.ts'
import { clocksOf, isOpen, requestClocksOf } from '../../../src/vault/incidents/clocks/clocks.ts'
import type { Clock } from '../../../src/vault/incidents/clocks/clocks.ts'
import type { Facts, ClockInput } from '../../../src/vault/incidents/clocks/facts.ts'
import { JURISDICTIONS } from '../../../src/vault/incidents/law/index.ts'
import type { Jurisdiction } from '../../../src/vault/incidents/law/rule.ts'

const at = (text: string): Instant => parseRfc3339(text)!
const AWARE = at('2026-11-25T09:00:00+01:00')

const FACTS: Facts = {
  awareAt: AWARE,
  occurrence: 'established',
  persons: { DE: 40, CN: 12_000_000, 'US-CA': 3, BR: 1 },
  classes: ['name', 'phone', 'address', 'government_id'],
  harm: 'high_risk',
  circumstances: { encrypted: false, mitigated: true, malicious: true, extended: false },
  roles: ['controller', 'network_operator'],
}

function incident(more: Partial<ClockInput> = {}): ClockInput {
  return { facts: FACTS, notices: [], waivers: [], ...more }
}

function find(clocks: readonly Clock[], id: string): Clock {
  const clock = clocks.find(({ rule }) => rule.id === id)
  if (!clock) throw new Error(`no clock ${id}`)
  return clock
}

describe('what is listed', () => {
  test('every incident rule of the law, those that do not apply with the reason', () => {
    const clocks = clocksOf(incident(), AWARE)
    const ids = JURISDICTIONS.flatMap(({ rules }) =>
      rules.filter(({ duty }) => duty === 'incident').map(({ id }) => id),
    )
    expect(clocks.map(({ rule }) => rule.id).sort()).toEqual(ids.sort())
    expect(find(clocks, 'jp-appi-26-preliminary')).toMatchObject({
      applies: 'no',
      state: 'not_applicable',
      lateByMs: 0,
      reasons: [{ code: 'persons_here', holds: 'no', words: '0 persons in Japan' }],
    })
  })

  test('each condition that decided, as a code with words', () => {
    expect(find(clocksOf(incident(), AWARE), 'us-ca-authority').reasons).toEqual([
      { code: 'persons_here', holds: 'yes', words: '3 persons in California' },
      { code: 'role', holds: 'yes', words: 'the rule binds: controller' },
      { code: 'occurrence', holds: 'yes', words: 'a leak has to have happened' },
      { code: 'count', holds: 'no', words: '3 persons; asked for: at least 501', clause: 0 },
      {
        code: 'data_classes',
        holds: 'yes',
        words: 'any of: government id, financial account, health, biometric, account credentials',
        clause: 0,
      },
    ])
  })

  test('the end in UTC and in local time, with the zone named', () => {
    expect(find(clocksOf(incident(), AWARE), 'eu-gdpr-33-1').due).toEqual({
      utc: '2026-11-28T08:00:00.000Z',
      local: '2026-11-28T09:00:00.000+01:00',
      zone: 'Europe/Brussels',
    })
  })

  test('in order of urgency: what is due at once, then by end, then what does not apply', () => {
    const clocks = clocksOf(incident(), after(AWARE, HOUR_MS))
    const states = clocks.map(({ state }) => state)
    expect(clocks[0]?.rule.limit.unit).toBe('none')
    expect(states.indexOf('not_applicable')).toBe(states.filter((state) => state !== 'not_applicable').length)
    const ends = clocks.flatMap(({ state, dueAt }) =>
      state === 'not_applicable' || dueAt === undefined ? [] : [dueAt],
    )
    expect(ends).toEqual([...ends].sort((a, b) => a - b))
  })

  test('the size by its legal name', () => {
    const grade = (CN: number): string | undefined =>
      find(clocksOf(incident({ facts: { ...FACTS, persons: { CN } } }), AWARE), 'cn-cac-operator').grade
    expect([999_999, 1_000_000, 9_999_999, 10_000_000, 99_999_999, 100_000_000].map(grade)).toEqual([
      undefined,
      'larger (较大)',
      'larger (较大)',
      'major (重大)',
      'major (重大)',
      'extra-major (特别重大)',
    ])
  })

  test('the same question has the same answer, and what was asked is left as it was', () => {
    const asked = incident({ notices: [{ rule: 'eu-gdpr-34', at: AWARE }] })
    const before = structuredClone(asked)
    const first = clocksOf(asked, AWARE)
    expect(clocksOf(asked, AWARE)).toEqual(first)
    expect(asked).toEqual(before)
  })
})

describe('states', () => {
  const due = after(AWARE, 72 * HOUR_MS)
  const gdpr = (now: Instant, more: Partial<ClockInput> = {}): Clock =>
    find(clocksOf(incident(more), now), 'eu-gdpr-33-1')

  test('running, due soon in the last quarter, late after the end', () => {
    const soon = after(due, -18 * HOUR_MS)
    const times = [AWARE, after(soon, -1), soon, due, after(due, 1)]
    expect(times.map((now) => gdpr(now).state)).toEqual([
      'running',
      'running',
      'due_soon',
      'due_soon',
      'late',
    ])
  })

  test('a long clock is due soon in its last seven days', () => {
    const id = 'us-ca-individuals'
    const { dueAt } = find(clocksOf(incident(), AWARE), id)
    const state = (offset: number): string => find(clocksOf(incident(), after(dueAt!, offset)), id).state
    expect([state(-7 * DAY_MS - 1), state(-7 * DAY_MS)]).toEqual(['running', 'due_soon'])
  })

  test('what the law wants at once is due soon from its start, and never late by a number that the law lacks', () => {
    const at = find(clocksOf(incident(), after(AWARE, 400 * DAY_MS)), 'cn-pipl-57-authority')
    expect(at).toMatchObject({ state: 'due_soon', dueAt: undefined, due: undefined, lateByMs: 0 })
    expect(find(clocksOf(incident(), AWARE), 'eu-gdpr-34').state).toBe('running')
  })

  test('met by the earliest notice; late notices say by how much', () => {
    const notices = [after(due, 5_000), after(due, 1_000)].map((at) => ({ rule: 'eu-gdpr-33-1', at }))
    expect(gdpr(after(due, DAY_MS), { notices })).toMatchObject({
      state: 'met',
      metAt: after(due, 1_000),
      lateByMs: 1_000,
    })
    expect(gdpr(AWARE, { notices: [{ rule: 'eu-gdpr-34', at: AWARE }] }).state).toBe('running')
  })

  test('waived with its reason, until a notice goes out after all', () => {
    const waivers = [{ rule: 'eu-gdpr-33-1', at: AWARE }]
    expect(gdpr(after(due, 1), { waivers })).toMatchObject({
      state: 'waived',
      waiver: waivers[0],
      lateByMs: 0,
    })
    const notices = [{ rule: 'eu-gdpr-33-1', at: AWARE }]
    expect(gdpr(after(due, 1), { waivers, notices }).state).toBe('met')
  })

  test('pending until what starts it has happened', () => {
    const before = find(clocksOf(incident(), AWARE), 'br-lgpd-48-supplement')
    expect(before).toMatchObject({ state: 'not_applicable' })
    const facts: Facts = { ...FACTS, classes: ['child'] }
    const asked = incident({ facts })
    expect(find(clocksOf(asked, AWARE), 'br-lgpd-48-supplement')).toMatchObject({
      state: 'pending',
      dueAt: undefined,
    })
    const notices = [{ rule: 'br-lgpd-48-authority', at: AWARE }]
    expect(find(clocksOf({ ...asked, notices }, AWARE), 'br-lgpd-48-supplement').state).toBe('running')
  })

  test('an incident may not be closed on what runs, and may on what is met, waived or voluntary', () => {
    const facts: Facts = { ...FACTS, persons: { DE: 1, HK: 1 } }
    const open = (more: Partial<ClockInput>): string[] =>
      clocksOf(incident({ facts, ...more }), AWARE)
        .filter(isOpen)
        .map(({ rule }) => rule.id)
    expect(open({})).toEqual(['eu-gdpr-34', 'eu-gdpr-33-1'])
    const notices = [{ rule: 'eu-gdpr-33-1', at: AWARE }]
    expect(open({ notices, waivers: [{ rule: 'eu-gdpr-34', at: AWARE }] })).toEqual([])
  })
})

describe('exemptions and warnings', () => {
  const exemptions = (circumstances: Facts['circumstances'], id: string): string[] =>
    find(clocksOf(incident({ facts: { ...FACTS, circumstances } }), AWARE), id).exemptions.map(
      ({ code, available }) => `${code} ${available}`,
    )

  test('an exemption may be stated when its facts are so, and does not stop the clock by itself', () => {
    expect(exemptions({ encrypted: true, mitigated: false }, 'eu-gdpr-34')).toEqual([
      'encrypted yes',
      'mitigated no',
    ])
    expect(exemptions({}, 'eu-gdpr-34')).toEqual(['encrypted unclear', 'mitigated unclear'])
    const asked = incident({ facts: { ...FACTS, circumstances: { encrypted: true } } })
    expect(find(clocksOf(asked, AWARE), 'eu-gdpr-34').state).toBe('running')
  })

  test('PIPL 57: averted harm exempts unless the authority ordered the notice', () => {
    const id = 'cn-pipl-57-individuals'
    expect(exemptions({ mitigated: true, ordered_by_authority: false }, id)).toEqual(['harm_averted yes'])
    expect(exemptions({ mitigated: true, ordered_by_authority: true }, id)).toEqual(['harm_averted no'])
    expect(exemptions({ mitigated: true }, id)).toEqual(['harm_averted unclear'])
  })

  test('an unverified rule says so, and a stale one', () => {
    const warnings = (id: string, now: Instant): readonly string[] =>
      find(clocksOf(incident(), now), id).warnings
    expect(warnings('eu-gdpr-33-1', AWARE)).toEqual([])
    expect(warnings('br-lgpd-48-authority', AWARE)).toEqual(['unverified'])
    expect(warnings('br-lgpd-48-authority', at('2027-05-01T00:00:00Z'))).toEqual(['unverified', 'stale'])
  })

  test('without a determination the clock counts from awareness and says so', () => {
    const facts: Facts = { ...FACTS, persons: { 'US-TX': 300 } }
    const guessed = find(clocksOf(incident({ facts }), AWARE), 'us-tx-authority')
    expect(guessed).toMatchObject({ startsAt: AWARE, warnings: ['counted_from_awareness'] })
    const determinedAt = after(AWARE, DAY_MS)
    const known = find(clocksOf(incident({ facts: { ...facts, determinedAt } }), AWARE), 'us-tx-authority')
    expect(known).toMatchObject({ startsAt: determinedAt, warnings: [] })
  })

  test('business days of years without known holidays are counted by weekends, and say so', () => {
    const request = { jurisdiction: 'CN', extended: false }
    const within = requestClocksOf({ ...request, receivedAt: at('2026-11-25T09:00:00+08:00') }, AWARE)
    const beyond = requestClocksOf({ ...request, receivedAt: at('2040-01-02T09:00:00+08:00') }, AWARE)
    expect(within[0]?.warnings).toEqual(['unverified'])
    expect(beyond[0]?.warnings).toEqual(['unverified', 'calendar_unknown'])
    expect(beyond[0]?.due?.local).toBe('2040-01-23T23:59:59.999+08:00')
  })
})

describe('law that changes', () => {
  /** The Korean rule as it might have been before, and its successor. */
  const [law] = JURISDICTIONS.filter(({ code }) => code === 'KR')
  const now = law!.rules[0]!
  const before = { ...now, id: 'kr-old', effectiveFrom: null, effectiveTo: '2026-09-10', threshold: null }
  const changed: readonly Jurisdiction[] = [{ ...law!, rules: [before, now] }]
  const inForce = (text: string, today = at(text)): string[] =>
    clocksOf(incident({ facts: { ...FACTS, awareAt: at(text), persons: { KR: 5_000 } } }), today, changed)
      .map(({ rule, inForce }) => `${rule.id} ${inForce.holds} ${inForce.code}`)
      .sort()

  test('the law of the day on which the clock starts counts, to the second', () => {
    expect(inForce('2026-09-10T23:59:59+09:00')).toEqual([
      'kr-old yes in_force_date_unrecorded',
      'kr-pipa-34-authority no not_yet_in_force',
    ])
    expect(inForce('2026-09-11T00:00:00+09:00')).toEqual([
      'kr-old no no_longer_in_force',
      'kr-pipa-34-authority yes in_force',
    ])
  })

  test('a rule that came in the middle of an incident is unclear, and runs', () => {
    expect(inForce('2026-09-10T23:59:59+09:00', at('2026-09-11T00:00:00+09:00'))).toEqual([
      'kr-old yes in_force_date_unrecorded',
      'kr-pipa-34-authority unclear came_into_force_since',
    ])
  })
})

describe('requests', () => {
  const receivedAt = at('2026-01-31T12:00:00+01:00')
  const ids = (jurisdiction: string, extended: boolean): string[] =>
    requestClocksOf({ receivedAt, jurisdiction, extended }, receivedAt).map(({ rule }) => rule.id)

  test('the law that the request was made under, with its extension', () => {
    expect(ids('DE', false)).toEqual(['eu-gdpr-12-3'])
    expect(ids('DE', true)).toEqual(['eu-gdpr-12-3-extended'])
    expect(ids('CN', false)).toEqual(['cn-request'])
    expect(ids('CH', false)).toEqual([])
  })

  test('met by the answer', () => {
    const request = { receivedAt, jurisdiction: 'DE', extended: false, answeredAt: after(receivedAt, DAY_MS) }
    expect(requestClocksOf(request, after(receivedAt, 90 * DAY_MS))[0]).toMatchObject({
      state: 'met',
      lateByMs: 0,
    })
  })
})
