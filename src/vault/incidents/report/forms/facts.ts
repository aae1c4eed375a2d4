import type { NoticeFigures, Report } from '../report.ts'
import { numberWords, spanWords, timeWords } from '../words.ts'
import type { FormTerm, FormWords } from './words/words.ts'

type Fact = (report: Report, words: FormWords) => readonly string[]

/** What the vault knows by itself, each as lines in the form’s language; none where it does not know. */
export const FACTS = {
  what: ({ incident }, { kinds }) => [incident.title, kinds[incident.kind]],
  severity: ({ incident: { severity } }, words) =>
    severity === null ? [] : [line(words, 'severity', words.severities[severity])],
  window: ({ incident }, words) => {
    const span = spanWords(incident.occurredFrom, incident.occurredTo)
    return span === null ? [] : [line(words, 'happened', span)]
  },
  aware: ({ incident }, words) => [line(words, 'aware', timeWords(incident.awareAt))],
  persons: ({ scope }, words) => (scope ? [counted(words, 'persons', scope.subjects)] : []),
  disclosures: ({ scope }, words) => (scope ? [counted(words, 'disclosures', scope.events)] : []),
  jurisdictions: ({ scope }, { terms, colon }) =>
    (scope?.byJurisdiction ?? []).map(
      ([code, persons]) => `${code === 'unknown' ? terms.unknown : code}${colon}${numberWords(persons)}`,
    ),
  fields: ({ scope }, { fields, views, colon, comma }) =>
    (scope?.byField ?? []).map(
      ({ field, view, subjects }) => `${fields[field]}${comma}${views[view]}${colon}${numberWords(subjects)}`,
    ),
  copied: ({ scope }, words) =>
    scope?.copied
      ? [counted(words, 'inCopy', scope.copied.subjects), counted(words, 'opens', scope.copied.opens)]
      : [],
  seekers: ({ scope }, words) =>
    scope ? [LOOKERS.map((term) => counted(words, term, scope[term])).join(words.comma)] : [],
  measures: ({ measures }, words) =>
    measures.map(({ action, state, begunAt, counts }) =>
      [
        `${words.actions[action]}${countsWords(counts, words)}`,
        `${words.terms.begun} ${timeWords(begunAt)}`,
        ...(state === 'running' ? [words.terms.running] : []),
      ].join(words.comma),
    ),
  notices: ({ notices }, words) => notices.map((figures) => noticeLine(figures, words)),
  grade: ({ clocks }) => [...new Set(clocks.flatMap(({ grade }) => (grade === undefined ? [] : [grade])))],
} as const satisfies Record<string, Fact>
export type FactName = keyof typeof FACTS

const LOOKERS = ['parties', 'credentials', 'operators', 'devices'] as const
const FIGURES = ['sent', 'delivered', 'queued', 'bounced', 'failed'] as const

function line({ terms, colon }: FormWords, term: FormTerm, value: string): string {
  return `${terms[term]}${colon}${value}`
}

function counted(words: FormWords, term: FormTerm, count: number): string {
  return line(words, term, numberWords(count))
}

export function countsWords(
  counts: Readonly<Record<string, number>>,
  { terms, colon, comma }: FormWords,
): string {
  const named: Readonly<Record<string, string>> = terms
  const parts = Object.entries(counts).map(
    ([name, count]) => `${(named[name] ?? name).toLowerCase()}${colon}${numberWords(count)}`,
  )
  return parts.length === 0 ? '' : ` (${parts.join(comma)})`
}

function noticeLine(figures: NoticeFigures, words: FormWords): string {
  const { audience, jurisdiction } = figures
  const told = FIGURES.map((term) => counted(words, term, figures[term]))
  return [words.audiences[audience], jurisdiction, ...told].join(words.comma)
}
