import { HOUR_MS, after } from '../../src/core/time.ts'
import type { Instant } from '../../src/core/time.ts'
import { clockOf } from '../../src/vault/incidents/clocks/clocks.ts'
import type { Clock } from '../../src/vault/incidents/clocks/clocks.ts'
import type { ClockInput } from '../../src/vault/incidents/clocks/facts.ts'
import { localText } from '../../src/vault/incidents/clocks/zone.ts'
import { JURISDICTIONS } from '../../src/vault/incidents/law/index.ts'
import type { Clause, Jurisdiction, Rule } from '../../src/vault/incidents/law/rule.ts'
import type { Engine } from './p16-rows.ts'

/** The engine as it is. */
export const ours: Engine = (rule, incident, now) => clockOf(rule, lawOf(rule), incident, now)

/** The same engine with one mistake each, that has to be found. */
export const BROKEN: Readonly<Record<string, Engine>> = {
  'days of Greenwich': (rule, incident, now) =>
    clockOf(rule, { ...lawOf(rule), zone: 'UTC' }, withoutZones(incident), now),
  'hours by the clock on the wall': (rule, incident, now) => wallHours(ours(rule, incident, now)),
  'business days off by one': (rule, incident, now) => clockOf(oneMoreDay(rule), lawOf(rule), incident, now),
  'the holidays of another country': (rule, incident, now) => {
    const code = rule.jurisdiction === 'BR' ? 'CN' : 'BR'
    return clockOf(rule, { ...lawOf(rule), code }, incident, now)
  },
  'thresholds off by one': (rule, incident, now) => clockOf(oneFewer(rule), lawOf(rule), incident, now),
  'a clock that is a second ahead': (rule, incident, now) => ours(rule, incident, after(now, 1_000)),
}

function lawOf(rule: Rule): Jurisdiction {
  const law = JURISDICTIONS.find(({ code }) => code === rule.jurisdiction)
  if (!law) throw new Error(`no law of ${rule.jurisdiction}`)
  return law
}

function withoutZones(incident: ClockInput): ClockInput {
  const { zones: _zones, ...facts } = incident.facts
  return { ...incident, facts }
}

/** 72 hours as three days later at the same time of day. */
function wallHours(clock: Clock): Clock {
  const { startsAt, dueAt, rule } = clock
  if (rule.limit.unit !== 'h' || startsAt === undefined || dueAt === undefined || !clock.due) return clock
  const shifted = after(dueAt, offset(startsAt, clock.zone) - offset(dueAt, clock.zone))
  const due = { ...clock.due, utc: new Date(shifted).toISOString(), local: localText(shifted, clock.zone) }
  return { ...clock, dueAt: shifted, due }
}

function offset(at: Instant, zone: string): number {
  const [, sign, hours, minutes] = /([+-])(\d\d):(\d\d)$/.exec(localText(at, zone)) ?? []
  return (sign === '-' ? -1 : 1) * (Number(hours) + Number(minutes) / 60) * HOUR_MS
}

function oneMoreDay(rule: Rule): Rule {
  return rule.limit.unit === 'business_day'
    ? { ...rule, limit: { ...rule.limit, n: rule.limit.n + 1 } }
    : rule
}

function oneFewer(rule: Rule): Rule {
  const looser = ({ count, ...clause }: Clause): Clause => {
    if (count?.min === undefined) return count === undefined ? clause : { ...clause, count }
    return { ...clause, count: { ...count, min: count.min - 1 } }
  }
  return rule.threshold === null ? rule : { ...rule, threshold: { any: rule.threshold.any.map(looser) } }
}
