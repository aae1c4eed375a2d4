import { HARM_LEVELS } from '../law/rule.ts'
import type { Circumstance, Clause, HarmTest, Jurisdiction, Rule } from '../law/rule.ts'
import type { Facts } from './facts.ts'
import { allOf, anyOf, holds, not } from './holds.ts'
import type { Holds } from './holds.ts'
import { personsIn } from './persons.ts'
import type { PersonRange } from './persons.ts'

/** One condition that was looked at. Codes are stable; words are English and say the figures. */
export type ReasonCode =
  | 'persons_here'
  | 'role'
  | 'occurrence'
  | 'every_incident'
  | 'count'
  | 'data_classes'
  | 'harm'
  | `is_${Circumstance}`
  | `not_${Circumstance}`

export type Reason = {
  code: ReasonCode
  holds: Holds
  words: string
  /** Conditions of one clause hold together; any one clause suffices. Absent: needed in any case. */
  clause?: number
}

export type Judgement = { applies: Holds; reasons: readonly Reason[] }

/** Whether the facts bring the rule into play. Pure; the order of reasons is fixed. */
export function judgeRule(rule: Rule, law: Jurisdiction, facts: Facts): Judgement {
  const range = personsIn(facts.persons, law.covers)
  const here = personsHere(range, law.name)
  if (here.holds === 'no') return { applies: 'no', reasons: [here] }
  const needed = [here, roleReason(rule, facts), occurrenceReason(rule, facts)]
  const clauses = (rule.threshold?.any ?? []).map((clause, index) =>
    clauseReasons(clause, facts, range, rule.jurisdiction).map((reason): Reason => ({
      ...reason,
      clause: index,
    })),
  )
  const threshold =
    rule.threshold === null
      ? 'yes'
      : anyOf(clauses.map((clause) => allOf(clause.map((reason) => reason.holds))))
  const every: Reason[] =
    rule.threshold === null
      ? [{ code: 'every_incident', holds: 'yes', words: 'the rule has no threshold' }]
      : []
  return {
    applies: allOf([...needed.map((reason) => reason.holds), threshold]),
    reasons: [...needed, ...every, ...clauses.flat()],
  }
}

/** Of a list of circumstances any that is so, and none of the others: for exemptions. */
export function anyCircumstance(
  facts: Facts,
  when: readonly Circumstance[],
  unless: readonly Circumstance[],
): Holds {
  const is = (name: Circumstance): Holds => holds(facts.circumstances[name])
  return allOf([anyOf(when.map(is)), ...unless.map((name) => not(is(name)))])
}

function personsHere({ least, most }: PersonRange, place: string): Reason {
  const known = least > 0 ? true : most === 0 ? false : undefined
  const words =
    least > 0 || most === 0 ? `${figure(least)} persons in ${place}` : `perhaps persons in ${place}`
  return { code: 'persons_here', holds: holds(known), words }
}

function roleReason({ who }: Rule, { roles }: Facts): Reason {
  const any = who.any.some((role) => roles.includes(role))
  const barred = (who.none ?? []).filter((role) => roles.includes(role))
  const wanted = `the rule binds: ${who.any.join(', ')}`
  const words = barred.length > 0 ? `another rule binds: ${barred.join(', ')}` : wanted
  return { code: 'role', holds: holds(any && barred.length === 0), words }
}

function occurrenceReason(rule: Rule, { occurrence }: Facts): Reason {
  const words = rule.coversPossible ? 'a possible leak counts' : 'a leak has to have happened'
  const known = rule.coversPossible || occurrence === 'established' ? true : undefined
  return { code: 'occurrence', holds: holds(known), words }
}

function clauseReasons(
  clause: Clause,
  facts: Facts,
  range: PersonRange,
  jurisdiction: string,
): readonly Reason[] {
  const { count, classes, harm, all = [], none = [] } = clause
  return [
    ...(count === undefined ? [] : [countReason(count, range)]),
    ...(classes === undefined ? [] : [classReason(classes, facts)]),
    ...(harm === undefined ? [] : [harmReason(harm, facts, jurisdiction)]),
    ...all.map((name): Reason => {
      return { code: `is_${name}`, holds: holds(facts.circumstances[name]), words: spoken(name) }
    }),
    ...none.map((name): Reason => {
      return {
        code: `not_${name}`,
        holds: not(holds(facts.circumstances[name])),
        words: `not ${spoken(name)}`,
      }
    }),
  ]
}

function countReason({ min = 0, max = Infinity }: NonNullable<Clause['count']>, range: PersonRange): Reason {
  const inside = range.least >= min && range.most <= max
  const outside = range.most < min || range.least > max
  const asked = max === Infinity ? `at least ${figure(min)}` : `at most ${figure(max)}`
  const counted = range.least === range.most ? figure(range.least) : `${figure(range.least)} or more`
  const known = inside ? true : outside ? false : undefined
  return { code: 'count', holds: holds(known), words: `${counted} persons; asked for: ${asked}` }
}

function classReason(classes: NonNullable<Clause['classes']>, facts: Facts): Reason {
  const known = facts.classes && classes.some((name) => facts.classes?.includes(name))
  return { code: 'data_classes', holds: holds(known), words: `any of: ${classes.map(spoken).join(', ')}` }
}

function harmReason(test: HarmTest, facts: Facts, jurisdiction: string): Reason {
  const harm = facts.harmIn?.[jurisdiction] ?? facts.harm
  const known = harm && HARM_LEVELS.indexOf(harm) >= HARM_LEVELS.indexOf(test.atLeast)
  const found = harm === undefined ? 'not assessed' : `assessed as ${spoken(harm)}`
  return { code: 'harm', holds: holds(known), words: `${test.words} (${spoken(test.atLeast)}); ${found}` }
}

function spoken(code: string): string {
  return code.replaceAll('_', ' ')
}

function figure(count: number): string {
  return count.toLocaleString('en-US')
}
