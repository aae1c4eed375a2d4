import { SECOND_MS } from '../../../core/time.ts'
import type { Clock } from '../clocks/clocks.ts'
import { QUALIFIERS } from '../law/rule.ts'
import type { Block, Cell, Section } from './blocks.ts'
import { cell, code } from './blocks.ts'
import { OPEN_POINTS } from './report.ts'
import type { FilledForm, FilledItem, FilledPart, NoticeFigures, Report } from './report.ts'
import { CLOCK_WORDS, durationWords, numberWords, timeWords } from './words.ts'

export function formSections({ instrument, mark, note, openWord, items }: FilledForm): readonly Section[] {
  const head: Section = {
    heading: 'About this form',
    blocks: [
      {
        kind: 'facts',
        rows: [
          ['Basis', cell(instrument)],
          ['Items known by', cell(MARK_WORDS[mark])],
          ['Open items', cell(numberWords(items.filter(({ open }) => open).length))],
        ],
      },
      { kind: 'text', note: true, text: note },
    ],
  }
  return [head, ...items.map((item) => itemSection(item, openWord))]
}

const MARK_WORDS = {
  R: 'the statute’s text (R)',
  Q: 'official text quoted in a checked note (Q)',
  S: 'secondary sources, unverified (S)',
  K: 'general knowledge, unverified (K)',
} as const

function itemSection({ number, label, original, parts }: FilledItem, openWord: string): Section {
  return {
    heading: `${number}  ${label}`,
    blocks: [
      ...(original === null ? [] : [{ kind: 'text' as const, text: original }]),
      { kind: 'facts', rows: parts.map((part) => partRow(part, openWord)) },
    ],
  }
}

/** What is known and does not answer stands there with the mark. */
function partRow({ label, lines, open }: FilledPart, openWord: string): readonly [string, Cell] {
  if (!open) return [label, cell(lines.join('\n'))]
  return [label, { ...cell([...lines, openWord].join('\n')), open: true }]
}

export function openSection({ openPoints }: Report): Section {
  const heading = 'Open points'
  if (openPoints.length === 0) return { heading, blocks: [{ kind: 'text', text: 'None.' }] }
  const rows = [...Map.groupBy(openPoints, ({ code: point }) => point)].map(([point, points]) => {
    const where = points.flatMap(({ about }) => (about === null ? [] : [about]))
    return [cell(OPEN_POINTS[point]), cell(where.join(', '))]
  })
  return { heading, blocks: [{ kind: 'table', columns: ['What', 'Where'], widths: [5, 7], rows }] }
}

export function clocksSection({ clocks }: Report): Section {
  const heading = 'Clocks of the law'
  const applying = clocks.filter(({ state }) => state !== 'not_applicable')
  const idle = clocks.length - applying.length
  const rows = applying.map((clock) => [
    code(clock.rule.id),
    cell(clock.rule.recipient),
    cell(dueWords(clock)),
    cell(stateWords(clock)),
  ])
  const table: Block = {
    kind: 'table',
    columns: ['Rule', 'To', 'Due', 'State'],
    widths: [3, 3.5, 3.5, 2],
    rows,
  }
  return {
    heading,
    blocks: [
      ...(rows.length === 0 ? [] : [table]),
      {
        kind: 'text',
        note: true,
        text: `${numberWords(idle)} further rules were looked at and do not apply. This is not legal advice: each rule’s source and mark are in docs/law.md.`,
      },
    ],
  }
}

/** What was late stays so, whatever was done since. */
function stateWords({ state, lateByMs }: Clock): string {
  if (lateByMs === 0) return CLOCK_WORDS[state]
  const by = durationWords(Math.ceil(lateByMs / SECOND_MS))
  return state === 'late' ? `late by ${by}` : `${CLOCK_WORDS[state]}, late by ${by}`
}

function dueWords({ due, dueAt, rule }: Clock): string {
  if (dueAt === undefined || due === undefined) return QUALIFIERS[rule.limit.qualifier]
  // `2026-11-28T10:30:00.000+01:00`: the end to the second, as the line above shows it.
  const local = due.local.replace('T', ' ').replace(/\.\d+/, ' ')
  return `${timeWords(dueAt)}\n${local}`
}

export function noticesSection({ notices }: Report): Section {
  const heading = 'Notices'
  if (notices.length === 0) {
    return { heading, blocks: [{ kind: 'facts', rows: [['Notices', { text: 'none given', open: true }]] }] }
  }
  return {
    heading,
    blocks: [
      {
        kind: 'table',
        columns: ['To', 'Meets', 'When', 'Sent', 'Arrived', 'Queued', 'Failed'],
        widths: [1.5, 1.5, 4, 1, 1.5, 1.5, 1],
        rows: notices.map(noticeRow),
      },
    ],
  }
}

function noticeRow(figures: NoticeFigures): readonly Cell[] {
  const { audience, jurisdiction, rules, approvedAt, firstSentAt, lastSentAt, leftOut } = figures
  const times = (['approved', 'first sent', 'last sent'] as const).map((word, i) => {
    const at = [approvedAt, firstSentAt, lastSentAt][i] ?? null
    return `${word} ${at === null ? 'not yet' : timeWords(at)}`
  })
  const left = leftOut === 0 ? '' : `\n${numberWords(leftOut)} left out`
  return [
    cell(`${audience}, ${jurisdiction}${left}`),
    rules.length === 0 ? cell('none') : code(rules.join('\n')),
    cell(times.join('\n')),
    ...[figures.sent, figures.delivered, figures.queued, figures.bounced + figures.failed].map((count) =>
      cell(numberWords(count)),
    ),
  ]
}
