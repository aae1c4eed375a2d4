import { toBase64 } from '../../../core/bytes.ts'
import type { Block, Section } from './blocks.ts'
import { cell, code, orOpen } from './blocks.ts'
import { countsWords } from './forms/facts.ts'
import { en } from './forms/words/en.ts'
import type { Report, ReportScope, ReportStep } from './report.ts'
import {
  ACTION_WORDS,
  FIELD_WORDS,
  KIND_WORDS,
  STATE_WORDS,
  VIEW_WORDS,
  numberWords,
  stepWords,
  timeWords,
  windowWords,
} from './words.ts'

export function summarySection({ incident, madeAt }: Report): Section {
  const { id, title, kind, state, severity, awareAt, occurredFrom, occurredTo, openedAt } = incident
  return {
    heading: 'The incident',
    blocks: [
      {
        kind: 'facts',
        rows: [
          ['Title', cell(title)],
          ['Kind', cell(KIND_WORDS[kind])],
          ['Reference', code(id)],
          ['State', cell(STATE_WORDS[state])],
          ['Severity', orOpen(severity)],
          ['Happened', orOpen(windowWords(occurredFrom, occurredTo))],
          ['Known since', cell(timeWords(awareAt))],
          ['Opened', cell(timeWords(openedAt))],
          ['This report made', cell(timeWords(madeAt))],
        ],
      },
    ],
  }
}

export function scopeSection({ scope }: Report): Section {
  const heading = 'Whom it touches'
  if (scope === null) {
    return { heading, blocks: [{ kind: 'facts', rows: [['Persons', orOpen(null)]] }] }
  }
  return { heading, blocks: [figuresOf(scope), ...tablesOf(scope)] }
}

function figuresOf({ subjects, erased, events, firstAt, lastAt, copied, ...lookers }: ReportScope): Block {
  const { parties, credentials, operators, devices } = lookers
  return {
    kind: 'facts',
    rows: [
      ['Persons', cell(numberWords(subjects))],
      ['Of these erased since', cell(numberWords(erased))],
      ['Disclosures in the log', cell(numberWords(events))],
      ['First and last', cell(windowWords(firstAt, lastAt) ?? 'none')],
      ['Parties that looked', cell(numberWords(parties))],
      ['Credentials used', cell(numberWords(credentials))],
      ['Operators', cell(numberWords(operators))],
      ['Devices', cell(numberWords(devices))],
      ...(copied
        ? [
            ['Persons in the copy', cell(numberWords(copied.subjects))] as const,
            ['Of these, values that open', cell(numberWords(copied.opens))] as const,
          ]
        : []),
    ],
  }
}

function tablesOf({ byJurisdiction, byField }: ReportScope): readonly Block[] {
  const places: Block = {
    kind: 'table',
    columns: ['Jurisdiction', 'Persons'],
    widths: [3.5, 8.5],
    rows: byJurisdiction.map(([name, persons]) => [cell(name), cell(numberWords(persons))]),
  }
  const fields: Block = {
    kind: 'table',
    columns: ['Data', 'Shown', 'Disclosures', 'Persons'],
    widths: [3.5, 3.5, 2.5, 2.5],
    rows: byField.map(({ field, view, events, subjects }) => [
      cell(FIELD_WORDS[field]),
      cell(VIEW_WORDS[view]),
      cell(numberWords(events)),
      cell(numberWords(subjects)),
    ]),
  }
  return [places, fields].filter(({ rows }) => rows.length > 0)
}

export function measuresSection({ measures }: Report): Section {
  const heading = 'Measures'
  if (measures.length === 0) {
    return { heading, blocks: [{ kind: 'facts', rows: [['Containment', orOpen(null)]] }] }
  }
  const rows = measures.map(({ action, state, begunAt, counts }) => [
    cell(`${ACTION_WORDS[action]}${countsWords(counts, en)}`),
    cell(state),
    cell(timeWords(begunAt)),
  ])
  return {
    heading,
    blocks: [{ kind: 'table', columns: ['Measure', 'State', 'Begun'], widths: [6, 2, 4], rows }],
  }
}

export function timelineSection({ timeline }: Report): Section {
  const rows = timeline.map((step) => [
    cell(timeWords(step.at)),
    cell(stepWords(step)),
    cell(step.reason ?? ''),
  ])
  return {
    heading: 'Timeline',
    blocks: [{ kind: 'table', columns: ['When', 'Step', 'Reason'], widths: [3, 4, 5], rows }],
  }
}

export function logSection({ log, timeline }: Report): Section {
  const { checkpoint, vkey } = log
  const shown: readonly Block[] = checkpoint
    ? [
        { kind: 'facts', rows: [['Leaves covered', cell(numberWords(checkpoint.size))]] },
        { kind: 'text', text: 'Checkpoint, a signed note:' },
        { kind: 'code', text: checkpoint.note.trimEnd() },
        { kind: 'text', text: 'Verifier key of the log:' },
        { kind: 'code', text: vkey ?? '' },
      ]
    : [{ kind: 'facts', rows: [['Checkpoint', orOpen(null)]] }]
  return {
    heading: 'Proofs from the log',
    blocks: [
      {
        kind: 'text',
        note: true,
        text: 'Each step above is an event in a log that nobody can change unseen (RFC 6962 hashing). Compare the verifier key with one that you got elsewhere; the JSON form of this report has the path from each leaf to the checkpoint’s root.',
      },
      ...shown,
      {
        kind: 'table',
        columns: ['Leaf', 'Event', 'Leaf hash (base64)'],
        widths: [1.5, 4.5, 6],
        rows: timeline.map(proofRow),
      },
    ],
  }
}

function proofRow({ event, proof }: ReportStep) {
  return [
    proof ? cell(numberWords(proof.index)) : orOpen(null),
    code(event),
    proof ? code(toBase64(proof.leafHash)) : orOpen(null),
  ]
}
