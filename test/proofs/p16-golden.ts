import { readFileSync } from 'node:fs'
import { HOUR_MS, SECOND_MS, after, instant, parseRfc3339 } from '../../src/core/time.ts'
import type { Instant } from '../../src/core/time.ts'
import type { Facts, Notice } from '../../src/vault/incidents/clocks/facts.ts'
import { JURISDICTIONS } from '../../src/vault/incidents/law/index.ts'
import { CIRCUMSTANCES, DATA_CLASSES } from '../../src/vault/incidents/law/rule.ts'
import type { Harm, Role, Rule } from '../../src/vault/incidents/law/rule.ts'

/** One row of test/data/clocks.md. */
export type Golden = {
  line: number
  rule: Rule
  start: Instant
  facts: Facts
  /** What has to have gone out for the clock to start or to end. */
  notices: readonly Notice[]
  now: Instant | undefined
  shows: string
} & ({ ends: { at: Instant; local: string } } | { applies: string; inForce: string })

const PAGE = new URL('../data/clocks.md', import.meta.url)

export function goldenCases(): readonly Golden[] {
  return readFileSync(PAGE, 'utf8')
    .split('\n')
    .map((text, at) => ({ line: at + 1, cells: text.split('|').map((cell) => cell.trim()) }))
    .filter(({ cells }) => /^[a-z]{2}-/.test(cells[1] ?? ''))
    .map(({ line, cells }) => readRow(line, cells.slice(1, -1)))
}

function readRow(line: number, cells: readonly string[]): Golden {
  const [id = '', starts = '', words = '', fourth = '', fifth = '', sixth = ''] = cells
  const found = JURISDICTIONS.flatMap((law) => law.rules.map((rule) => ({ law, rule }))).find(
    ({ rule }) => rule.id === id,
  )
  if (!found) throw new Error(`line ${line}: no rule ${id}`)
  const { rule, law } = found
  const start = moment(starts)
  const tokens = words === '' ? [] : words.split(';').map((token) => token.trim().split(' '))
  const given = {
    line,
    rule,
    start,
    facts: tokens.reduce(withToken, usual(rule, law.covers[0] ?? '', start)),
    notices: [
      ...(rule.after === undefined ? [] : [{ rule: rule.after, at: start }]),
      ...tokens
        .filter(([name]) => name === 'notice')
        .map(([, of = '', ...at]) => ({ rule: of, at: moment(at.join(' ')) })),
    ],
    now: tokens.filter(([name]) => name === 'now').map(([, ...at]) => moment(at.join(' ')))[0],
  }
  if (cells.length === 5) return { ...given, shows: fifth, ends: readEnd(fourth) }
  return { ...given, shows: sixth, applies: fourth, inForce: fifth }
}

/** Awareness comes a day earlier where something else starts the clock. */
function usual(rule: Rule, place: string, start: Instant): Facts {
  const direct = ['awareness', 'year_end', 'request_received'].includes(rule.trigger)
  return {
    awareAt: direct ? start : after(start, -24 * HOUR_MS),
    ...(rule.trigger === 'determination' && { determinedAt: start }),
    ...(rule.trigger === 'assessment_complete' && { assessedAt: start }),
    ...(rule.trigger === 'handling_complete' && { handledAt: start }),
    occurrence: 'established',
    persons: { [place]: 1 },
    classes: DATA_CLASSES,
    harm: 'high_risk',
    circumstances: Object.fromEntries(CIRCUMSTANCES.map((name) => [name, false])),
    roles: rule.who.any.slice(0, 1),
  }
}

function withToken(facts: Facts, [name = '', ...rest]: readonly string[]): Facts {
  const [first = '', second = ''] = rest
  if (name === 'notice' || name === 'now') return facts
  if (name === 'determined')
    return without({ ...facts, awareAt: facts.determinedAt ?? facts.awareAt }, 'determinedAt')
  if (name === 'roles') return { ...facts, roles: rest as Role[] }
  if (name === 'zone') return { ...facts, zones: { [first]: second } }
  if (name === 'harm_in') return { ...facts, harmIn: { [first]: second as Harm } }
  if (name === 'occurrence') return { ...facts, occurrence: first as Facts['occurrence'] }
  if (name === 'persons' || name === 'classes' || name === 'harm') {
    if (first === 'unknown' && second === '') return without(facts, name)
    if (name === 'persons') return { ...facts, persons: counts(rest) }
    if (name === 'harm') return { ...facts, harm: first as Harm }
    return { ...facts, classes: DATA_CLASSES.filter((known) => rest.includes(known)) }
  }
  const circumstance = CIRCUMSTANCES.find((known) => known === name)
  if (circumstance === undefined) throw new Error(`no fact ${name}`)
  const known = Object.entries({ ...facts.circumstances, [circumstance]: first === 'yes' })
  return {
    ...facts,
    circumstances: Object.fromEntries(known.filter(([of]) => of !== circumstance || first !== 'unknown')),
  }
}

function without(facts: Facts, name: keyof Facts): Facts {
  return Object.fromEntries(Object.entries(facts).filter(([key]) => key !== name)) as Facts
}

/** `US-CA 300 US 200`. */
function counts(words: readonly string[]): Record<string, number> {
  return Object.fromEntries(
    words.flatMap((word, at) => (at % 2 === 0 ? [[word, Number(words[at + 1])] as const] : [])),
  )
}

/** `2026-03-26 10:00:00 +01:00`. */
function moment(text: string): Instant {
  const [date, time, offset] = text.split(' ')
  const at = parseRfc3339(`${date}T${time}${offset}`)
  if (at === undefined) throw new Error(`not a moment: ${text}`)
  return at
}

/** A moment, or `2026-03-26 24:00 +01:00`: the last millisecond of that day. */
function readEnd(text: string): { at: Instant; local: string } {
  const [date = '', time = '', offset = ''] = text.split(' ')
  const day = time === '24:00'
  const local = `${date}T${day ? '23:59:59.999' : `${time}.000`}${offset}`
  const at = day ? instant(moment(`${date} 23:59:59 ${offset}`) + SECOND_MS - 1) : moment(text)
  return { at, local }
}
