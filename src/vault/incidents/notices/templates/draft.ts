import { blank } from './clean.ts'
import { contentsFor } from './contents-of.ts'
import type { Condition, NoticeAudience, NoticeItem } from './items.ts'
import type { NoticeLanguage } from './language.ts'
import { LAST_RESORT } from './language.ts'
import type { Requirement } from './requirement.ts'

/** What a notice says, item by item, in one language. Free text of those who write it; never about one person. */
export type NoticeValues = Readonly<Partial<Record<NoticeItem, string>>>

/** A notice before it is approved. The same words go to everybody whom it is for. */
export type NoticeDraft = {
  audience: NoticeAudience
  /** Of the persons, or of the authority: see `contentsFor`. */
  jurisdiction: string
  occurrence: 'established' | 'possible'
  /** In what it goes out. Whoever reads another language gets the next of the chain. */
  languages: readonly NoticeLanguage[]
  values: Readonly<Partial<Record<NoticeLanguage, NoticeValues>>>
  /** What is so; some contents hang on it. */
  conditions: readonly Condition[]
  /** By which a reader who asks is understood: the incident's id. */
  reference: string
}

/** What keeps a draft from being approved. A language without any text is one `translation`, not each of its contents. */
export type Missing =
  | { kind: 'content'; language: NoticeLanguage; item: NoticeItem; instrument: string; article: string }
  | { kind: 'translation'; language: NoticeLanguage }

/** What a draft has to say, by its audience, jurisdiction and conditions. */
export function requiredOf(draft: Pick<NoticeDraft, 'audience' | 'jurisdiction' | 'conditions'>): {
  instrument: string
  items: readonly Requirement[]
} {
  const { instrument, items } = contentsFor(draft.audience, draft.jurisdiction)
  const holds = ({ onlyIf }: Requirement) => onlyIf === undefined || draft.conditions.includes(onlyIf)
  return { instrument, items: items.filter(holds) }
}

/**
 * Every required content that the draft lacks, in each language that it goes out in; a text without a letter or a number is none.
 * Empty means: nothing is missing. Pure.
 */
export function missingContents(draft: NoticeDraft): readonly Missing[] {
  const { instrument, items } = requiredOf(draft)
  const languages = draft.languages.length === 0 ? [LAST_RESORT] : draft.languages
  return languages.flatMap((language): readonly Missing[] => {
    const values = draft.values[language] ?? {}
    if (Object.values(values).every(blank)) return [{ kind: 'translation', language }]
    return items
      .filter(({ item }) => blank(values[item] ?? ''))
      .map(({ item, article }) => ({ kind: 'content', language, item, instrument, article }))
  })
}
