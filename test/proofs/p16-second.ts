import type { Facts, ClockInput } from '../../src/vault/incidents/clocks/facts.ts'
import { DATA_CLASSES, HARM_LEVELS } from '../../src/vault/incidents/law/rule.ts'
import type {
  Circumstance,
  Clause,
  DataClass,
  Harm,
  Jurisdiction,
  Rule,
} from '../../src/vault/incidents/law/rule.ts'
import { civilDay, lastDayOf, lastMoment } from './p16-second-days.ts'

/** What both calculators have to agree on. Instants in ms; -1 where there is none. */
export type Answer = { applies: string; inForce: string; dueAt: number; state: string }

/** One way in which what is not known may turn out. */
type World = {
  persons: number
  classes: readonly DataClass[]
  harm: Harm
  happened: boolean
  is: Readonly<Partial<Record<Circumstance, boolean>>>
}

/**
 * The second calculator, written apart from the engine: where a fact is not known it goes through all that it may turn out
 * to be, and says `unclear` where they differ.
 */
export function secondAnswer(rule: Rule, law: Jurisdiction, incident: ClockInput, now: number): Answer {
  const { facts } = incident
  const zone = facts.zones?.[law.code] ?? law.zone
  const verdicts = new Set(worlds(rule, law, facts).map((world) => binds(rule, facts, world)))
  const applies = verdicts.size === 2 ? 'unclear' : verdicts.has(true) ? 'yes' : 'no'
  const start = startMs(rule, incident, zone)
  const inForce = force(rule, civilDay(start ?? facts.awareAt, zone), civilDay(now, zone))
  const dueAt = start === undefined ? undefined : dueMs(rule, incident, start, zone)
  const state = stateWord(rule, incident, { applies, inForce, start, dueAt }, now)
  return { applies, inForce, dueAt: dueAt ?? -1, state }
}

function binds({ who, threshold, coversPossible }: Rule, { roles }: Facts, world: World): boolean {
  const bound =
    roles.some((role) => who.any.includes(role)) && !roles.some((role) => who.none?.includes(role))
  if (!bound || world.persons === 0 || !(coversPossible || world.happened)) return false
  return threshold === null || threshold.any.some((clause) => clauseHolds(clause, world))
}

function clauseHolds({ count, classes, harm, all, none }: Clause, world: World): boolean {
  if (count?.min !== undefined && world.persons < count.min) return false
  if (count?.max !== undefined && world.persons > count.max) return false
  if (classes && !world.classes.some((name) => classes.includes(name))) return false
  if (harm && HARM_LEVELS.indexOf(world.harm) < HARM_LEVELS.indexOf(harm.atLeast)) return false
  return !all?.some((name) => !world.is[name]) && !none?.some((name) => world.is[name])
}

function worlds(rule: Rule, law: Jurisdiction, facts: Facts): readonly World[] {
  const clauses = rule.threshold?.any ?? []
  const known = facts.harmIn?.[law.code] ?? facts.harm
  const named = [...new Set(clauses.flatMap(({ all = [], none = [] }) => [...all, ...none]))]
  let some: World[] = [{ persons: 0, classes: [], harm: 'risk', happened: true, is: {} }]
  const split = <T>(values: readonly T[], put: (world: World, value: T) => World): void => {
    some = some.flatMap((world) => values.map((value) => put(world, value)))
  }
  split(headcounts(clauses, law.covers, facts), (world, persons) => ({ ...world, persons }))
  split(facts.classes ? [facts.classes] : [[], ...DATA_CLASSES.map((name) => [name])], (world, classes) => ({
    ...world,
    classes,
  }))
  split(known ? [known] : HARM_LEVELS, (world, harm) => ({ ...world, harm }))
  split(facts.occurrence === 'established' ? [true] : [true, false], (world, happened) => ({
    ...world,
    happened,
  }))
  for (const name of named) {
    const value = facts.circumstances[name]
    split(value === undefined ? [true, false] : [value], (world, is) => ({
      ...world,
      is: { ...world.is, [name]: is },
    }))
  }
  return some
}

/** Every number of persons at which an answer could change, of those that are possible. */
function headcounts(
  clauses: readonly Clause[],
  covers: readonly string[],
  { persons }: Facts,
): readonly number[] {
  let sure = 0
  let open = persons === undefined ? 10 ** 12 : 0
  for (const [code, number] of Object.entries(persons ?? {})) {
    const [country = ''] = code.split('-')
    const state = code !== country
    if (covers.includes(code) || (state && covers.includes(country))) sure += number
    else if (code === 'unknown' || (!state && covers.some((covered) => covered.split('-')[0] === code)))
      open += number
  }
  const edges = clauses.flatMap(({ count }) => [count?.min ?? 1, count?.max ?? 1])
  const tried = [sure, sure + open, ...[...edges, 1].flatMap((edge) => [edge - 1, edge, edge + 1])]
  return tried.filter((number) => sure <= number && number <= sure + open)
}

function startMs(rule: Rule, { facts, notices }: ClockInput, zone: string): number | undefined {
  if (rule.trigger === 'assessment_complete') return facts.assessedAt
  if (rule.trigger === 'handling_complete') return facts.handledAt
  if (rule.trigger === 'determination') return facts.determinedAt ?? facts.awareAt
  if (rule.trigger === 'notice_sent') return earliest(notices, rule.after)
  if (rule.trigger === 'year_end')
    return lastMoment(`${civilDay(facts.awareAt, zone).slice(0, 4)}-12-31`, zone)
  return facts.awareAt
}

function dueMs(rule: Rule, { notices }: ClockInput, start: number, zone: string): number | undefined {
  const { limit } = rule
  if (limit.unit === 'none') return undefined
  if (limit.unit === 'h') return start + limit.n * 3_600_000
  const own = lastMoment(lastDayOf(rule, civilDay(start, zone)), zone)
  const other = earliest(notices, limit.notAfter)
  return other === undefined ? own : Math.min(own, lastMoment(civilDay(other, zone), zone))
}

function earliest(notices: ClockInput['notices'], rule: string | undefined): number | undefined {
  return notices
    .filter((notice) => notice.rule === rule)
    .map(({ at }): number => at)
    .sort((a, b) => a - b)[0]
}

function force({ status, effectiveFrom, effectiveTo }: Rule, day: string, today: string): string {
  if (status === 'proposed' || (status === 'promulgated' && effectiveFrom === null)) return 'no'
  if (effectiveTo !== null && day > effectiveTo) return 'no'
  if (effectiveFrom === null) return 'yes'
  const sure = effectiveFrom.length === 7 ? `${effectiveFrom}-31` : effectiveFrom
  const whole = effectiveFrom.length === 7
  if (whole ? day > sure : day >= sure) return 'yes'
  if (whole && day >= `${effectiveFrom}-01`) return 'unclear'
  return (whole ? today > sure : today >= sure) ? 'unclear' : 'no'
}

type Found = { applies: string; inForce: string; start: number | undefined; dueAt: number | undefined }

function stateWord(rule: Rule, { facts, notices, waivers }: ClockInput, found: Found, now: number): string {
  const met = rule.stage === 'assessment' ? facts.assessedAt : earliest(notices, rule.id)
  if (met !== undefined) return 'met'
  if ([found.applies, found.inForce].includes('no')) return 'not_applicable'
  if (waivers.some((waiver) => waiver.rule === rule.id)) return 'waived'
  if (found.start === undefined) return 'pending'
  if (found.dueAt === undefined)
    return /^(immediately|no_delay)$/.test(rule.limit.qualifier) ? 'due_soon' : 'running'
  const left = found.dueAt - now
  if (left < 0) return 'late'
  return left <= 7 * 86_400_000 && left * 4 <= found.dueAt - found.start ? 'due_soon' : 'running'
}
