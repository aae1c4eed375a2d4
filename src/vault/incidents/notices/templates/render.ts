import { html, raw } from 'hono/html'
import type { Message } from '../message.ts'
import { blank, cleanLine, cleanText } from './clean.ts'
import { filesFor } from './contents-of.ts'
import { requiredOf } from './draft.ts'
import type { NoticeDraft, NoticeValues } from './draft.ts'
import { NOTICE_ITEMS } from './items.ts'
import type { NoticeItem } from './items.ts'
import { noticeLanguage } from './language.ts'
import type { NoticeLanguage } from './language.ts'
import { SECTIONS } from './sections.ts'
import type { SectionCode } from './sections.ts'
import { NOTICE_WORDS } from './words/index.ts'

type Paragraph = { label: string | undefined; text: string }
type Section = { heading: string; paragraphs: readonly Paragraph[] }

/** A notice before it is text or HTML: both say the same, in the same order. */
type Letter = {
  subject: string
  greeting: string
  opening: string
  sections: readonly Section[]
  closing: string
  reference: string
  colon: string
}

/**
 * The notice for readers of `locale`, in the best language that the draft has. Values are text and nothing else: they are
 * neither markup nor templates, however they look. Pure; a draft that lacks something is rendered without it.
 * hono/html escapes: it is in the service already, and the same in a Worker.
 */
export function renderNotice(draft: NoticeDraft, locale: string): Required<Message> {
  const language = noticeLanguage(locale, draft.languages)
  const letter = letterOf(draft, language)
  return { subject: letter.subject, text: textOf(letter), html: htmlOf(letter, language), language }
}

function letterOf(draft: NoticeDraft, language: NoticeLanguage): Letter {
  const { audience, occurrence } = draft
  const words = NOTICE_WORDS[language]
  const frame = words.audiences[audience]
  const values = draft.values[language] ?? {}
  const prescribed = prescribedFor(draft, language)
  const fill = (text: string) =>
    fillIn(text, { sender: values.sender ?? '', instrument: requiredOf(draft).instrument })
  return {
    subject: cleanLine(prescribed?.subject ?? fill(frame.subject[occurrence])),
    greeting: frame.greeting,
    opening: cleanText(fill(frame.opening[occurrence])),
    sections:
      audience === 'authority'
        ? itemByItem(draft, values, language)
        : sectionBySection(values, language, prescribed?.headings ?? {}),
    closing: frame.closing,
    reference: cleanLine(`${words.reference}${words.colon}${draft.reference}`),
    colon: words.colon,
  }
}

/** Title and headings that the law itself words. */
function prescribedFor({ audience, jurisdiction }: NoticeDraft, language: NoticeLanguage) {
  if (language !== 'en' || (audience !== 'persons' && audience !== 'public')) return undefined
  return filesFor(jurisdiction)[0]?.english
}

const PLACE = /\{(sender|instrument)\}/g

/** In one pass: what was filled in is not looked at again. */
function fillIn(text: string, by: { sender: string; instrument: string }): string {
  return text.replaceAll(PLACE, (_, name: 'sender' | 'instrument') => cleanLine(by[name]))
}

function sectionBySection(
  values: NoticeValues,
  language: NoticeLanguage,
  headings: Partial<Record<SectionCode, string>>,
): readonly Section[] {
  const { sections, labels } = NOTICE_WORDS[language]
  return (Object.keys(SECTIONS) as SectionCode[])
    .map((code) => ({
      heading: headings[code] ?? sections[code],
      paragraphs: given(SECTIONS[code], values).map((item) => ({
        label: item === SECTIONS[code][0] ? undefined : labels[item],
        text: cleanText(values[item] ?? ''),
      })),
    }))
    .filter(({ paragraphs }) => paragraphs.length > 0)
}

/** An authority goes through the law's list: its order first, then whatever else is said. */
function itemByItem(draft: NoticeDraft, values: NoticeValues, language: NoticeLanguage): readonly Section[] {
  const { labels } = NOTICE_WORDS[language]
  const required = requiredOf(draft).items.map(({ item }) => item)
  const order = new Set<NoticeItem>([...required, ...(Object.keys(NOTICE_ITEMS) as NoticeItem[])])
  return given([...order], values).map((item) => ({
    heading: labels[item],
    paragraphs: [{ label: undefined, text: cleanText(values[item] ?? '') }],
  }))
}

function given(items: readonly NoticeItem[], values: NoticeValues): readonly NoticeItem[] {
  return items.filter((item) => !blank(values[item] ?? ''))
}

function textOf({ greeting, opening, sections, closing, reference, colon }: Letter): string {
  const said = ({ label, text }: Paragraph) => (label === undefined ? text : `${label}${colon}${text}`)
  const parts = sections.map(
    ({ heading, paragraphs }) => `${heading.toLocaleUpperCase('en')}\n\n${paragraphs.map(said).join('\n\n')}`,
  )
  return `${[greeting, opening, ...parts, closing, reference].join('\n\n')}\n`
}

function htmlOf(letter: Letter, language: NoticeLanguage): string {
  const { subject, greeting, opening, sections, closing, reference, colon } = letter
  const lines = (text: string) => text.split('\n').map((line, at) => (at === 0 ? line : html`<br />${line}`))
  const paragraph = ({ label, text }: Paragraph) =>
    text
      .split('\n\n')
      .map(
        (part, at) =>
          html`<p>
            ${at === 0 && label !== undefined ? html`<strong>${label}${colon}</strong>` : ''}${lines(part)}
          </p>`,
      )
  const page = html`${raw('<!doctype html>')}
    <html lang="${language}" dir="ltr">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${subject}</title>
      </head>
      <body
        style="font: 16px/1.5 sans-serif; max-width: 40em; margin: 0 auto; padding: 1em; overflow-wrap: anywhere"
      >
        <p>${greeting}</p>
        <p>${opening}</p>
        ${sections.map(
          ({ heading, paragraphs }) =>
            html`<h2 style="font-size: 1.1em">${heading}</h2>
              ${paragraphs.map(paragraph)}`,
        )}
        <p>${closing}</p>
        <p>${reference}</p>
      </body>
    </html>`
  if (page instanceof Promise) throw new Error('a part of the notice is not ready')
  return page.toString()
}
