import { Temporal } from 'temporal-polyfill'
import { unreachable } from '../../../core/errors.ts'
import type { Instant } from '../../../core/time.ts'
import type { Rule } from '../law/rule.ts'
import type { Facts, Notice } from './facts.ts'
import { endOfDay, localDate } from './zone.ts'

/** `fromAwareness`: nothing was determined yet, and awareness, which is never later, stands in for it. */
export type Start = { at: Instant; fromAwareness: boolean }

/** When the clock starts; undefined while that has not happened. */
export function startOf(
  rule: Rule,
  facts: Facts,
  notices: readonly Notice[],
  zone: string,
): Start | undefined {
  const { trigger } = rule
  if (trigger === 'determination') {
    const fromAwareness = facts.determinedAt === undefined
    return { at: facts.determinedAt ?? facts.awareAt, fromAwareness }
  }
  const at = momentOf(trigger, rule, facts, notices, zone)
  return at === undefined ? undefined : { at, fromAwareness: false }
}

/** The earliest notice given for a rule. */
export function firstNotice(notices: readonly Notice[], rule: string): Instant | undefined {
  const given = notices.filter((notice) => notice.rule === rule)
  return given.reduce<Instant | undefined>(
    (first, { at }) => (first === undefined || at < first ? at : first),
    undefined,
  )
}

function momentOf(
  trigger: Exclude<Rule['trigger'], 'determination'>,
  rule: Rule,
  facts: Facts,
  notices: readonly Notice[],
  zone: string,
): Instant | undefined {
  switch (trigger) {
    case 'awareness':
    case 'request_received':
      return facts.awareAt
    case 'assessment_complete':
      return facts.assessedAt
    case 'handling_complete':
      return facts.handledAt
    case 'notice_sent':
      return rule.after === undefined ? undefined : firstNotice(notices, rule.after)
    case 'year_end':
      return endOfDay(
        Temporal.PlainDate.from({ year: localDate(facts.awareAt, zone).year, month: 12, day: 31 }),
        zone,
      )
    default:
      return unreachable(trigger)
  }
}
