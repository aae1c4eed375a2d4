import { CONDITIONS, NOTICE_ITEMS } from '../../../../src/vault/incidents/notices/templates/items.ts'
import type { NoticeAudience, NoticeItem } from '../../../../src/vault/incidents/notices/templates/items.ts'
import type { NoticeDraft, NoticeValues } from '../../../../src/vault/incidents/notices/templates/draft.ts'
import { NOTICE_LANGUAGES } from '../../../../src/vault/incidents/notices/templates/language.ts'

export const ITEMS = Object.keys(NOTICE_ITEMS) as NoticeItem[]

/** A text for every item that there is, whichever of them a law asks for. */
export const EVERYTHING: NoticeValues = Object.fromEntries(ITEMS.map((item) => [item, `Said of ${item}.`]))

/** In every language, with every condition: nothing can be missing. */
export function wholeDraft(
  audience: NoticeAudience,
  jurisdiction: string,
  more: Partial<NoticeDraft> = {},
): NoticeDraft {
  return {
    audience,
    jurisdiction,
    occurrence: 'established',
    languages: NOTICE_LANGUAGES,
    values: Object.fromEntries(NOTICE_LANGUAGES.map((language) => [language, EVERYTHING])),
    conditions: CONDITIONS,
    reference: 'inc_01',
    ...more,
  }
}

export function without(draft: NoticeDraft, item: NoticeItem, instead?: string): NoticeDraft {
  const values = Object.entries(draft.values).map(([language, given]) => {
    const rest = Object.entries(given).filter(([name]) => name !== item)
    const put = instead === undefined ? [] : [[item, instead]]
    return [language, Object.fromEntries([...rest, ...put])]
  })
  return { ...draft, values: Object.fromEntries(values) }
}
