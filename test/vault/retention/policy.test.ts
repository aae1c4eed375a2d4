import { describe, expect, test } from 'vitest'
import { DAY_MS, HOUR_MS, instant } from '../../../src/core/time.ts'
import { EVENT_TYPES } from '../../../src/vault/audit/event.ts'
import { PAID_FOR_MS } from '../../../src/vault/quota/quota.ts'
import { IDEMPOTENCY_LIVES_MS } from '../../../src/vault/requests/idempotency.ts'
import { eventTypesOf } from '../../../src/vault/retention/event-kinds.ts'
import {
  EVENT_KINDS,
  RETENTION_RULES,
  ROW_KINDS,
  dueBefore,
  isWorthwhile,
  judgeSetting,
  keepMsOf,
  ruleOf,
} from '../../../src/vault/retention/policy.ts'
import type { RetentionSetting } from '../../../src/vault/retention/policy.ts'
import { AT, newId } from '../../storage/sample.ts'

const OVERRIDE = { reason: newId.event() }

describe('the rules', () => {
  test('there is one for each kind, with its source, its mark and when that was checked', () => {
    expect(RETENTION_RULES.map(({ kind }) => kind)).toEqual([...EVENT_KINDS, ...ROW_KINDS])
    for (const { source, mark, checkedOn, keepMs, floorMs } of RETENTION_RULES) {
      expect(source).toMatch(/\w{3}/)
      expect(['R', 'Q', 'S', 'K', 'own']).toContain(mark)
      expect(checkedOn).toMatch(/^\d{4}-\d{2}$/)
      expect(keepMs).toBeGreaterThanOrEqual(floorMs)
    }
  })

  test('disclosures are kept for three years, whichever they are, and logs for six months', () => {
    const longest = (years: number, months: number) => {
      const spans = Array.from({ length: 1_500 }, (_, day) => {
        const from = new Date(Date.UTC(2023, 0, 1 + day))
        return (
          Date.UTC(from.getUTCFullYear() + years, from.getUTCMonth() + months, from.getUTCDate()) -
          from.getTime()
        )
      })
      return Math.max(...spans)
    }
    expect(ruleOf('disclosure_events').floorMs).toBe(longest(3, 0))
    expect(ruleOf('other_events').floorMs).toBe(longest(0, 6))
  })

  test('what counts by time alone is kept for exactly as long as it counts', () => {
    expect(ruleOf('idempotency').keepMs).toBe(IDEMPOTENCY_LIVES_MS)
    expect(ruleOf('paid_items').keepMs).toBe(PAID_FOR_MS)
  })

  test('every event type has one kind or is kept; what later duties rest on is kept', () => {
    const cleaned = EVENT_KINDS.flatMap(eventTypesOf)
    expect(new Set(cleaned).size).toBe(cleaned.length)
    const kept = EVENT_TYPES.filter((type) => !cleaned.includes(type))
    expect(kept).toEqual(
      expect.arrayContaining(['subject.erased', 'retention.cleaned', 'tenant.settings_changed']),
    )
    expect(kept.filter((type) => type.startsWith('key.'))).toEqual(
      EVENT_TYPES.filter((type) => type.startsWith('key.')),
    )
    expect(eventTypesOf('disclosure_events')).toEqual(
      expect.arrayContaining(['reveal.allowed', 'mask.shown']),
    )
  })
})

describe("a tenant's own time", () => {
  const floors = RETENTION_RULES.filter(({ floorMs }) => floorMs >= DAY_MS)

  test.each(floors)('of $kind is not below the floor without an override', ({ kind, floorMs }) => {
    const floor = floorMs / DAY_MS
    expect(judgeSetting(kind, floor + 1, false)).toBeUndefined()
    expect(judgeSetting(kind, floor, false)).toBeUndefined()
    if (floor === 1) return
    expect(judgeSetting(kind, floor - 1, false)).toBe('below_floor')
    expect(judgeSetting(kind, floor - 1, true)).toBeUndefined()
    expect(judgeSetting(kind, floor, true)).toBe('override_needless')
  })

  test('that got into the settings by any other way counts for nothing below the floor', () => {
    const rule = ruleOf('disclosure_events')
    const settingsWith = (setting: Partial<RetentionSetting>) => ({
      retention: [{ kind: rule.kind, days: 30, ...setting }],
    })
    expect(keepMsOf(settingsWith({}), rule)).toBe(rule.keepMs)
    expect(keepMsOf(settingsWith({ override: OVERRIDE }), rule)).toBe(30 * DAY_MS)
    expect(keepMsOf(settingsWith({ days: 0, override: OVERRIDE }), rule)).toBe(rule.keepMs)
    expect(keepMsOf(settingsWith({ days: 4_000 }), rule)).toBe(4_000 * DAY_MS)
    expect(keepMsOf(settingsWith({ kind: 'other_events', days: 400 }), rule)).toBe(rule.keepMs)
  })

  test('is a whole number of days, one at least, so that no promise to callers is broken', () => {
    for (const days of [0, -1, 0.5, Number.NaN, 36_526]) {
      for (const { kind } of RETENTION_RULES) expect(judgeSetting(kind, days, true)).toBe('days_invalid')
    }
    for (const kind of ['idempotency', 'paid_items'] as const) {
      expect(judgeSetting(kind, 1, false)).toBeUndefined()
      expect(DAY_MS).toBeGreaterThanOrEqual(ruleOf(kind).floorMs)
    }
  })
})

describe('what is due', () => {
  test.each(RETENTION_RULES)('$kind: what has been kept for exactly its time is not', (rule) => {
    const before = dueBefore({}, rule, AT)
    const isDue = (keptMs: number) => AT - keptMs < before
    expect([-1, 0, 1].map((ms) => isDue(rule.keepMs + ms))).toEqual([false, false, true])
  })

  test('waits for a bite of its own, but no longer than its rule says', () => {
    const rule = ruleOf('idempotency')
    const due = { before: AT, oldest: instant(AT - HOUR_MS + 1), full: false }
    expect(isWorthwhile(rule, due)).toBe(false)
    expect(isWorthwhile(rule, { ...due, full: true })).toBe(true)
    expect(isWorthwhile(rule, { ...due, oldest: instant(AT - HOUR_MS) })).toBe(true)
  })
})
