import { toRfc3339 } from '../../../core/time.ts'
import type { Instant } from '../../../core/time.ts'
import { durationWords } from '../../../vault/incidents/report/words.ts'
import type { WireClock, WireNotice, WireScope } from './wire.ts'

type Table = readonly (readonly string[])[]

/** `CN 12, DE 9`, the most first. */
export function countWords(counts: Readonly<Record<string, number>>): string {
  const rows = Object.entries(counts).toSorted(([, a], [, b]) => b - a)
  return rows.map(([name, count]) => `${name} ${count}`).join(', ') || 'none'
}

export function windowWords({ from, to }: { from: Instant | undefined; to: Instant | undefined }): string {
  const word = (at: Instant | undefined, open: string) => (at === undefined ? open : toRfc3339(at))
  return `${word(from, 'any time')} to ${word(to, 'now')}`
}

export function fieldRows({ by_field: fields }: WireScope): Table {
  const rows = Object.entries(fields).flatMap(([field, views]) =>
    Object.entries(views).map(([view, { subjects, events }]) => [field, view, `${subjects}`, `${events}`]),
  )
  return [['field', 'as', 'persons', 'times'], ...rows]
}

export function clockRows(clocks: readonly WireClock[]): Table {
  const rows = clocks.map(({ rule, audience, state, applies, limit, ...clock }) => [
    rule,
    audience,
    applies === 'unclear' ? `${state}?` : state,
    clock.due_at ?? limit.words,
    clock.due_local === null ? '' : `${clock.due_local.slice(0, 16).replace('T', ' ')} ${clock.zone}`,
  ])
  return [['rule', 'whom', 'state', 'due', 'there'], ...rows]
}

export function lateRows(clocks: readonly WireClock[]): Table {
  const rows = clocks.map(({ rule, audience, due_at: due, late_s: late }) => [
    rule,
    audience,
    due ?? '',
    durationWords(late),
  ])
  return [['rule', 'whom', 'was due', 'late by'], ...rows]
}

const STATES = ['sent', 'no_contact', 'erased', 'failed', 'bounced'] as const

export function noticeRows(notices: readonly WireNotice[]): Table {
  const rows = notices.map(({ audience, jurisdiction, figures }) => [
    audience,
    jurisdiction ?? '',
    ...STATES.map((state) => `${figures?.[state] ?? 0}`),
  ])
  return [['to', 'of', ...STATES.map((state) => state.replace('_', ' '))], ...rows]
}
