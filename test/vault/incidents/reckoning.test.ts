import { describe, expect, test } from 'vitest'
import { after, instant } from '../../../src/core/time.ts'
import { JURISDICTIONS } from '../../../src/vault/incidents/law/index.ts'
import type { Jurisdiction, Rule } from '../../../src/vault/incidents/law/rule.ts'
import {
  clocksOfIncident,
  keepsOpen,
  newlyLate,
  nextCheck,
  standingMark,
} from '../../../src/vault/incidents/reckoning.ts'
import type { NewMark, Reckoned } from '../../../src/vault/incidents/reckoning.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const AWARE = instant(Date.UTC(2026, 10, 25, 8))
const RULE = 'eu-gdpr-33-1'

function incident(more: Partial<Reckoned> = {}): Reckoned {
  return {
    awareAt: AWARE,
    occurredFrom: null,
    occurredTo: null,
    facts: { persons: { DE: 1 }, occurrence: 'established', harm: 'risk' },
    counted: { at: AWARE, persons: null, classes: [] },
    clocks: [],
    ...more,
  }
}

function mark(kind: NewMark['kind'], ms = 0, rule = RULE): NewMark {
  return { rule, kind, at: after(AWARE, ms) }
}

const EU = JURISDICTIONS.find(({ code }) => code === 'EU')!
const NOW_RULE = EU.rules.find(({ id }) => id === RULE)!

function lawWith(...rules: readonly Rule[]): readonly Jurisdiction[] {
  return [{ ...EU, rules }]
}

describe('law that changes in the middle of an incident', () => {
  // From 27 November on, 24 hours in the place of 72.
  const old: Rule = { ...NOW_RULE, effectiveTo: '2026-11-26' }
  const shorter: Rule = {
    ...NOW_RULE,
    id: 'eu-shorter',
    effectiveFrom: '2026-11-27',
    limit: { n: 24, unit: 'h', qualifier: 'within' },
  }
  const law = lawWith(old, shorter)
  const at = (ms: number, of = incident()) =>
    Object.fromEntries(
      clocksOfIncident(of, after(AWARE, ms), law).map(({ rule, state, dueAt, inForce }) => [
        rule.id,
        [state, dueAt === undefined ? undefined : (dueAt - AWARE) / HOUR_MS, inForce.code],
      ]),
    )

  test('before it changes, the rule of the day counts alone', () => {
    expect(at(HOUR_MS)).toEqual({
      [RULE]: ['running', 72, 'in_force'],
      'eu-shorter': ['not_applicable', 24, 'not_yet_in_force'],
    })
  })

  test('after it has changed, the rule at awareness counts on, and the new one runs as unclear', () => {
    const late = 3 * DAY_MS - HOUR_MS
    expect(at(late)).toMatchObject({
      [RULE]: ['due_soon', 72, 'in_force'],
      'eu-shorter': ['late', 24, 'came_into_force_since'],
    })
    expect(at(late, incident({ awareAt: after(AWARE, 3 * DAY_MS) }))[RULE]?.[2]).toBe('no_longer_in_force')
  })

  test('what was said of the old one stands, and is not said of the new one', () => {
    const clocks = clocksOfIncident(incident({ clocks: [mark('met')] }), after(AWARE, 3 * DAY_MS), law)
    expect(clocks.filter(keepsOpen).map(({ rule }) => rule.id)).toEqual(['eu-shorter'])
  })

  test('what was said of a rule that the law has no more moves no other', () => {
    const gone = incident({ clocks: [mark('met', 0, 'eu-gone'), mark('late', 0, 'eu-gone')] })
    expect(at(HOUR_MS, gone)).toEqual(at(HOUR_MS))
  })
})

describe('of what was said of a clock', () => {
  test.each<[string, readonly NewMark['kind'][], NewMark['kind'] | undefined]>([
    ['nothing stands at first', [], undefined],
    ['lateness is nobody’s word', ['late'], undefined],
    ['the last one stands', ['waived', 'met'], 'met'],
    ['lateness afterwards does not undo it', ['waived', 'late'], 'waived'],
    ['what was taken back does not', ['met', 'reopened'], undefined],
    ['what was said again does', ['met', 'reopened', 'waived'], 'waived'],
  ])('%s', (_, kinds, stands) => {
    const marks = kinds.map((kind) => mark(kind))
    expect(standingMark(marks, RULE)?.kind).toBe(stands)
    expect(standingMark(marks, 'eu-gdpr-34')).toBeUndefined()
  })
})

describe('lateness', () => {
  const late = (of: Reckoned, ms: number) =>
    newlyLate(of, clocksOfIncident(of, after(AWARE, ms))).map(({ rule }) => rule.id)

  test.each<[string, Partial<Reckoned>, number, string[]]>([
    ['at the end it is in time', {}, 72 * HOUR_MS, []],
    ['a millisecond behind it is not', {}, 72 * HOUR_MS + 1, [RULE]],
    ['once noted, not again', { clocks: [mark('late')] }, 80 * HOUR_MS, []],
    ['met in time', { clocks: [mark('met', HOUR_MS)] }, 80 * HOUR_MS, []],
    ['met late', { clocks: [mark('met', 73 * HOUR_MS)] }, 80 * HOUR_MS, [RULE]],
    ['waived late', { clocks: [mark('waived', 73 * HOUR_MS)] }, 80 * HOUR_MS, [RULE]],
    ['of nobody', { facts: { persons: {}, harm: 'risk' } }, 80 * HOUR_MS, []],
    [
      'a notice that nobody asked for',
      { facts: { persons: {} }, clocks: [mark('met', 73 * HOUR_MS)] },
      80 * HOUR_MS,
      [],
    ],
  ])('%s', (_, more, ms, rules) => {
    expect(late(incident(more), ms)).toEqual(rules)
  })
})

describe('an incident is looked at next', () => {
  const law = lawWith(NOW_RULE)
  const next = (of: Reckoned, ms: number) => (nextCheck(of, after(AWARE, ms), law) - AWARE) / HOUR_MS

  test.each<[string, Partial<Reckoned>, number, number]>([
    ['a day on, while nothing ends before', {}, 0, 24],
    ['behind a clock’s end', {}, 60, 72 + 1 / HOUR_MS],
    ['at the very end, behind it', {}, 72, 72 + 1 / HOUR_MS],
    ['behind the end of what nobody in scope starts yet', { facts: {}, counted: { at: AWARE, persons: {}, classes: [] } }, 60, 72 + 1 / HOUR_MS], // prettier-ignore
    ['a day on, when all is met', { clocks: [mark('met')] }, 60, 84],
    ['a day on, when all is over', {}, 80, 104],
  ])('%s', (_, more, hours, expected) => {
    expect(next(incident(more), hours * HOUR_MS)).toBeCloseTo(expected, 6)
  })
})
