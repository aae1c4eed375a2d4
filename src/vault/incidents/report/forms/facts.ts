import type { NoticeFigures, Report } from '../report.ts'
import {
  ACTION_WORDS,
  FIELD_WORDS,
  KIND_WORDS,
  VIEW_WORDS,
  countWords,
  numberWords,
  timeWords,
  windowWords,
} from '../words.ts'

type Fact = (report: Report) => readonly string[]

/** What the vault knows by itself, each as lines; none where it does not know. */
export const FACTS = {
  what: ({ incident }) => [incident.title, `${KIND_WORDS[incident.kind]}.`],
  reference: ({ incident }) => [incident.id],
  severity: ({ incident }) =>
    incident.severity === null ? [] : [`Severity as assessed: ${incident.severity}.`],
  window: ({ incident }) => {
    const words = windowWords(incident.occurredFrom, incident.occurredTo)
    return words === null ? [] : [`Happened: ${words}.`]
  },
  aware: ({ incident }) => [`Known since ${timeWords(incident.awareAt)}.`],
  persons: ({ scope }) => (scope ? [`${countWords(scope.subjects, 'person', 'persons')}.`] : []),
  disclosures: ({ scope }) =>
    scope ? [`${countWords(scope.events, 'disclosure', 'disclosures')} in the log.`] : [],
  jurisdictions: ({ scope }) =>
    (scope?.byJurisdiction ?? []).map(
      ([code, persons]) => `${code}: ${countWords(persons, 'person', 'persons')}`,
    ),
  fields: ({ scope }) =>
    (scope?.byField ?? []).map(
      ({ field, view, subjects }) =>
        `${FIELD_WORDS[field]}, ${VIEW_WORDS[view] ?? view}: ${countWords(subjects, 'person', 'persons')}`,
    ),
  copied: ({ scope }) =>
    scope?.copied
      ? [
          `The copy holds values of ${countWords(scope.copied.subjects, 'person', 'persons')}; those of ${numberWords(scope.copied.opens)} can be opened.`,
        ]
      : [],
  seekers: ({ scope }) =>
    scope
      ? [
          `Looked: ${countWords(scope.parties, 'party', 'parties')}, ${countWords(scope.credentials, 'credential', 'credentials')}, ${countWords(scope.operators, 'operator', 'operators')}, ${countWords(scope.devices, 'device', 'devices')}.`,
        ]
      : [],
  measures: ({ measures }) =>
    measures.map(
      ({ action, state, begunAt, counts }) =>
        `${ACTION_WORDS[action]}${countsWords(counts)}, begun ${timeWords(begunAt)}${state === 'running' ? ', still running' : ''}.`,
    ),
  notices: ({ notices }) => notices.map(noticeLine),
  grade: ({ clocks }) => [...new Set(clocks.flatMap(({ grade }) => (grade === undefined ? [] : [grade])))],
} as const satisfies Record<string, Fact>
export type FactName = keyof typeof FACTS

export function countsWords(counts: Readonly<Record<string, number>>): string {
  const parts = Object.entries(counts).map(([name, count]) => `${name}: ${numberWords(count)}`)
  return parts.length === 0 ? '' : ` (${parts.join(', ')})`
}

function noticeLine({
  audience,
  jurisdiction,
  sent,
  delivered,
  queued,
  bounced,
  failed,
}: NoticeFigures): string {
  const figures = { sent, delivered, queued, bounced, failed }
  const told = Object.entries(figures).map(([name, count]) => `${numberWords(count)} ${name}`)
  return `To ${audience}, ${jurisdiction}: ${told.join(', ')}.`
}
