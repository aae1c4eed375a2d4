import type { Addressee, Message, Render } from './message.ts'
import type { NoticeDraft } from './templates/draft.ts'
import { LAST_RESORT, languageChain } from './templates/language.ts'

/** What an officer wrote, by language: BCP 47 tags, at least one. `{name}` stands for the person's name. */
export type Words = Readonly<Record<string, { subject: string; text: string; html?: string }>>

/** What is filled into a template, item by item, instead of words that were written whole. */
export type Template = Pick<NoticeDraft, 'occurrence' | 'conditions' | 'values'>

/**
 * What is sealed with a notice. `to`: addresses of an authority or partners. `meets`: the rules whose clocks it meets. `reason`: why
 * it was left out, or cancelled.
 */
export type Contents = {
  words: Words
  template?: Template
  to: readonly string[]
  meets: readonly string[]
  reason?: string
}

const NAME = '{name}'

/** Whether a person's name has to be opened to say it. */
export function asksForName(words: Words): boolean {
  return Object.values(words).some(({ subject, text, html }) =>
    [subject, text, html].some((one) => one?.includes(NAME)),
  )
}

/** The first of the recipient's chain of languages that there is (`templates/language.ts`), else the first that was written. */
export function languageFor(words: Words, asked: string | null): string {
  const languages = Object.keys(words)
  for (const tag of languageChain(asked ?? LAST_RESORT)) {
    const found = languages.find((one) => one.toLowerCase() === tag.toLowerCase())
    if (found !== undefined) return found
  }
  return languages[0] ?? LAST_RESORT
}

export function renderWords(words: Words): Render {
  return (person: Addressee): Message => {
    const language = languageFor(words, person.language)
    const { subject, text, html } = words[language] ?? { subject: '', text: '' }
    // A name that breaks the line would go on as a header, or as words of the notice.
    const name = person.name?.replaceAll(/[\p{Cc}\u2028\u2029]+/gu, ' ').trim()
    const put = (into: string, value = NAME) => into.replaceAll(NAME, () => value)
    return {
      language,
      subject: put(subject, name),
      text: put(text, name),
      ...(html !== undefined && { html: put(html, name && escapeHtml(name)) }),
    }
  }
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

export function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? character)
}
