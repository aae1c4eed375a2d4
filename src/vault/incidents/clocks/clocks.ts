import { toRfc3339 } from '../../../core/time.ts'
import type { Instant } from '../../../core/time.ts'
import { isStale, isVerified } from '../law/freshness.ts'
import { JURISDICTIONS } from '../law/index.ts'
import type { Jurisdiction, Rule } from '../law/rule.ts'
import { anyCircumstance, judgeRule } from './conditions.ts'
import type { Reason } from './conditions.ts'
import { dueOf, notAfterDayOf } from './due.ts'
import type { Due, Place } from './due.ts'
import type { ClockInput, Facts, Notice, Request, Waiver } from './facts.ts'
import type { Holds } from './holds.ts'
import { CALENDARS } from './holidays.ts'
import { inForceAt } from './in-force.ts'
import type { InForce } from './in-force.ts'
import { personsIn } from './persons.ts'
import { lateByMs, stateOf } from './state.ts'
import type { ClockState, Standing } from './state.ts'
import { firstNotice, startOf } from './start.ts'
import { localText } from './zone.ts'

/** An instant twice: in UTC, and as clocks show it in the IANA zone named. Both RFC 3339. */
export type ShownInstant = { utc: string; local: string; zone: string }

/**
 * What to tell whoever relies on a clock. `unverified`: known from secondary sources or general knowledge alone. `stale`: not
 * checked for 180 days. `counted_from_awareness`: nothing was determined yet. `calendar_unknown`: days were counted of
 * which the holidays are not known; only Saturdays and Sundays were left out.
 */
export type ClockWarning = 'unverified' | 'stale' | 'counted_from_awareness' | 'calendar_unknown'

/** Whether an exemption may be stated: by the facts yes, no, or not known yet. Stating it is a waiver, which people decide. */
export type OpenExemption = { code: string; words: string; available: Holds }

export type Clock = {
  rule: Rule
  zone: string
  applies: Holds
  /** Every condition that was looked at, in a fixed order. */
  reasons: readonly Reason[]
  inForce: InForce
  state: ClockState
  startsAt: Instant | undefined
  /** The last instant in time; undefined where the law has no number, or what starts the clock has not happened. */
  dueAt: Instant | undefined
  due: ShownInstant | undefined
  metAt: Instant | undefined
  waiver: Waiver | undefined
  /** Milliseconds past the end: of the notice, else of the waiver, else of the present; 0 when in time. */
  lateByMs: number
  /** The law's name for the size, where it has one and the persons suffice. */
  grade: string | undefined
  exemptions: readonly OpenExemption[]
  warnings: readonly ClockWarning[]
}

/**
 * Every clock of an incident, those that do not apply too, with the reasons. Pure: no I/O, no clock of its own. In order of
 * urgency: what applies first, by its end, or by its start where the law says at once. `facts` passed `checkFacts`.
 */
export function clocksOf(
  incident: ClockInput,
  now: Instant,
  law: readonly Jurisdiction[] = JURISDICTIONS,
): readonly Clock[] {
  return law
    .flatMap((jurisdiction) =>
      jurisdiction.rules
        .filter((rule) => rule.duty === 'incident')
        .map((rule) => clockOf(rule, jurisdiction, incident, now)),
    )
    .sort(byUrgency)
}

/** The clocks of a person's request: those of the law that it was made under. Pure. */
export function requestClocksOf(
  request: Request,
  now: Instant,
  law: readonly Jurisdiction[] = JURISDICTIONS,
): readonly Clock[] {
  const facts: Facts = {
    awareAt: request.receivedAt,
    occurrence: 'established',
    persons: { [request.jurisdiction]: 1 },
    circumstances: { extended: request.extended },
    roles: ['controller'],
    ...(request.zones && { zones: request.zones }),
  }
  return law
    .flatMap((jurisdiction) =>
      jurisdiction.rules
        .filter((rule) => rule.duty === 'request')
        .map((rule) => {
          const notices = request.answeredAt === undefined ? [] : [{ rule: rule.id, at: request.answeredAt }]
          return clockOf(rule, jurisdiction, { facts, notices, waivers: [] }, now)
        }),
    )
    .filter((clock) => clock.applies !== 'no')
    .sort(byUrgency)
}

/** A clock that an incident may not be closed on: it runs, and has neither its notice nor a reason. */
export function isOpen({ state, rule }: Clock): boolean {
  return rule.binding === 'duty' && (state === 'running' || state === 'due_soon' || state === 'late')
}

/** One rule's clock, for `clocksOf` and whoever needs that one alone. */
export function clockOf(rule: Rule, law: Jurisdiction, incident: ClockInput, now: Instant): Clock {
  const { facts, notices } = incident
  const zone = facts.zones?.[law.code] ?? law.zone
  const { applies, reasons } = judgeRule(rule, law, facts)
  const start = startOf(rule, facts, notices, zone)
  const inForce = inForceAt(rule, start?.at ?? facts.awareAt, now, zone)
  const due = start && endOf(rule, start.at, notices, { zone, calendar: CALENDARS[law.code] })
  const waiver = incident.waivers.find((given) => given.rule === rule.id)
  const standing: Standing = {
    applies,
    inForce: inForce.holds,
    startsAt: start?.at,
    dueAt: due?.at,
    qualifier: rule.limit.qualifier,
    metAt: rule.stage === 'assessment' ? facts.assessedAt : firstNotice(notices, rule.id),
    waivedAt: waiver?.at,
  }
  const state = stateOf(standing, now)
  return {
    rule,
    zone,
    applies,
    reasons,
    inForce,
    state,
    startsAt: standing.startsAt,
    dueAt: standing.dueAt,
    due: due && { utc: toRfc3339(due.at), local: localText(due.at, zone), zone },
    metAt: standing.metAt,
    waiver,
    lateByMs: lateByMs(state, standing, now),
    grade: gradeOf(rule, law, facts),
    exemptions: rule.exemptions.map(({ code, words, when, unless }) => {
      return { code, words, available: anyCircumstance(facts, when, unless ?? []) }
    }),
    warnings: warningsOf(rule, now, start?.fromAwareness === true, due),
  }
}

function endOf(rule: Rule, start: Instant, notices: readonly Notice[], place: Place): Due | undefined {
  const due = dueOf(rule.limit, rule.counting, start, place)
  if (due === undefined || rule.limit.unit === 'none' || rule.limit.notAfter === undefined) return due
  const other = firstNotice(notices, rule.limit.notAfter)
  return other === undefined ? due : notAfterDayOf(due, other, place.zone)
}

function gradeOf(rule: Rule, law: Jurisdiction, facts: Facts): string | undefined {
  const { least } = personsIn(facts.persons, law.covers)
  return rule.grades?.findLast(({ min }) => least >= min)?.name
}

function warningsOf(
  rule: Rule,
  now: Instant,
  fromAwareness: boolean,
  due: Due | undefined,
): readonly ClockWarning[] {
  return [
    ...(isVerified(rule) ? [] : ['unverified' as const]),
    ...(isStale(rule, now) ? ['stale' as const] : []),
    ...(fromAwareness ? ['counted_from_awareness' as const] : []),
    ...(due === undefined || due.calendarKnown ? [] : ['calendar_unknown' as const]),
  ]
}

function byUrgency(a: Clock, b: Clock): number {
  const rank = ({ state }: Clock): number => (state === 'not_applicable' ? 1 : 0)
  const key = ({ dueAt, startsAt }: Clock): number => dueAt ?? startsAt ?? Number.MAX_SAFE_INTEGER
  return rank(a) - rank(b) || key(a) - key(b) || (a.rule.id < b.rule.id ? -1 : 1)
}
