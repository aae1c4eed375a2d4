import type { Render } from './message.ts'
import type { Notice } from './notice.ts'
import { draftFaults } from './templates/faults.ts'
import { missingContents } from './templates/draft.ts'
import type { NoticeDraft } from './templates/draft.ts'
import { NOTICE_LANGUAGES } from './templates/language.ts'
import { renderNotice } from './templates/render.ts'
import { asksForName, renderWords } from './words.ts'
import type { Contents, Template, Words } from './words.ts'

type About = Pick<Notice, 'incident' | 'audience' | 'jurisdiction'>

/** Why a draft cannot be approved yet: where, and by which law where it is the law's. */
export type Lack = { pointer: string; code: string; article?: string }

function draftOf({ incident, audience, jurisdiction }: About, template: Template): NoticeDraft {
  const { occurrence, conditions, values } = template
  const languages = NOTICE_LANGUAGES.filter((language) => values[language] !== undefined)
  const rest = { occurrence, conditions, values, reference: incident }
  // What is for everybody says what is asked for wherever no law has a list of its own.
  return { audience, jurisdiction: jurisdiction ?? '', languages, ...rest }
}

/** What it says, by language, whether it was written whole or is filled into a template. */
export function wordsOf(about: About, { words, template }: Contents): Words {
  if (!template) return words
  const draft = draftOf(about, template)
  const said = draft.languages.map((language) => {
    const { subject, text, html } = renderNotice(draft, language)
    return [language, { subject, text, html }] as const
  })
  return Object.fromEntries(said)
}

/** How it is said to one recipient. What is filled into a template is text, however it looks: no name is put into it. */
export function composition(about: About, contents: Contents): { render: Render; asksForName: boolean } {
  const words = wordsOf(about, contents)
  const render = renderWords(words)
  if (!contents.template) return { render, asksForName: asksForName(words) }
  return { render: ({ name: _name, ...person }) => render(person), asksForName: false }
}

/** Everything that keeps a draft from being approved; whole words are the officers' own to read. */
export function lacksOf(about: About, contents: Contents): readonly Lack[] {
  const isNamed = about.audience === 'authority' || about.audience === 'partners'
  const to = isNamed && contents.to.length === 0 ? [{ pointer: '/to', code: 'required' }] : []
  return [
    ...to,
    ...(contents.template ? lacksOfTemplate(draftOf(about, contents.template)) : lacksOfWords(contents)),
  ]
}

function lacksOfWords({ words }: Contents): readonly Lack[] {
  return Object.keys(words).length === 0 ? [{ pointer: '/words', code: 'required' }] : []
}

function lacksOfTemplate(draft: NoticeDraft): readonly Lack[] {
  const at = (language: string, item = '') => `/template/values/${language}${item && `/${item}`}`
  const missing = missingContents(draft).map((lack): Lack => {
    if (lack.kind === 'translation') return { pointer: at(lack.language), code: 'translation_missing' }
    const article = `${lack.instrument}, ${lack.article}`
    return { pointer: at(lack.language, lack.item), code: 'content_missing', article }
  })
  const faults = draftFaults(draft).map(({ kind, language, item }) => ({
    pointer: at(language, item),
    code: kind,
  }))
  return [...missing, ...faults]
}
