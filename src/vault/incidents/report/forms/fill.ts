import { HOUR_MS } from '../../../../core/time.ts'
import { blank, cleanText } from '../../notices/templates/clean.ts'
import type { NoticeValues } from '../../notices/templates/draft.ts'
import type { FilledForm, FilledItem, FilledPart, Report } from '../report.ts'
import { FACTS } from './facts.ts'
import type { Form, FormItem, FormPart } from './form.ts'
import type { FormWords } from './words/words.ts'

/** GDPR Art. 33(1). */
const REASONS_AFTER_MS = 72 * HOUR_MS

/** The form's items in the form's order. Nothing is left out for want of an answer: it is open, and says so. Pure. */
export function fillForm(form: Form, report: Report, texts: NoticeValues): FilledForm {
  const { code, title, original, instrument, mark, note, words } = form
  const isLate = report.madeAt - report.incident.awareAt > REASONS_AFTER_MS
  const items = form.items.filter(({ only }) => only === undefined || isLate)
  return {
    code,
    title,
    original: original ?? null,
    instrument,
    mark,
    note,
    openWord: words.open,
    items: items.map((item) => fillItem(item, report, { texts, words })),
  }
}

type Answers = { texts: NoticeValues; words: FormWords }

function fillItem({ number, label, original, parts }: FormItem, report: Report, from: Answers): FilledItem {
  const filled = parts.map((part) => fillPart(part, report, from))
  return { number, label, original: original ?? null, parts: filled, open: filled.some(({ open }) => open) }
}

function fillPart(
  { label, facts = [], text, needsText }: FormPart,
  report: Report,
  { texts, words }: Answers,
): FilledPart {
  const known = facts.flatMap((name) => FACTS[name](report, words))
  const said = text === undefined ? '' : (texts[text] ?? '')
  const lines = blank(said) ? known : [...known, ...cleanText(said).split('\n')]
  return { label, lines, open: needsText ? blank(said) : lines.length === 0 }
}
