import type { NoticeItem } from '../../../../vault/incidents/notices/templates/items.ts'
import type { NoticeLanguage } from '../../../../vault/incidents/notices/templates/language.ts'
import type { NoticeValues } from '../../../../vault/incidents/notices/templates/draft.ts'
import type { DrillKind } from '../order.ts'
import { en } from './en.ts'
import { zhHans } from './zh-hans.ts'
import { zhHant } from './zh-hant.ts'

/** What a drill's notices say in one language: a text for each item that any law asks for without a condition. */
export type DrillWords = {
  nature: Readonly<Record<DrillKind, string>>
  /** `{persons}` is how many there are, `{from}` and `{to}` the window, `{date}` the day. */
  items: Readonly<Omit<Record<NoticeItem, string>, 'nature'>>
}

const WORDS: Readonly<Record<NoticeLanguage, DrillWords>> = { en, 'zh-Hans': zhHans, 'zh-Hant': zhHant }

export type Known = { persons: number; from: string; to: string; date: string }

/** A text for each of these items. */
export function valuesFor(
  language: NoticeLanguage,
  kind: DrillKind,
  items: readonly NoticeItem[],
  known: Known,
): NoticeValues {
  const { nature, items: texts } = WORDS[language]
  const filled = (text: string) =>
    text.replaceAll(/\{(persons|from|to|date)\}/g, (_, name: keyof Known) => String(known[name]))
  return Object.fromEntries(
    items.map((item) => [item, filled(item === 'nature' ? nature[kind] : texts[item])]),
  )
}
