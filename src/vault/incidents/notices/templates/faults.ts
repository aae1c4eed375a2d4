import { MAX_ITEM_CHARS, lengthOf } from './clean.ts'
import type { NoticeDraft } from './draft.ts'
import { NOTICE_ITEMS } from './items.ts'
import type { NoticeItem } from './items.ts'
import type { NoticeLanguage } from './language.ts'

/** What is in a draft and should not be. `personal_data`: an address or number where nobody's belongs. */
export type DraftFault = {
  kind: 'too_long' | 'personal_data'
  language: NoticeLanguage
  item: NoticeItem
}

/** Where the reader is told how to reach somebody: an office, not a person affected. */
const REACHES_SOMEBODY: readonly NoticeItem[] = [
  'sender',
  'contact',
  'remedy',
  'credit_agencies',
  'agencies',
  'identity_service',
  'free_services',
]

/** E-mail addresses; numbers with a country code; mobile numbers of China; more than nine digits in a row. */
const LOOKS_PERSONAL = /[^\s@<>]+@[^\s@<>]+\.[^\s@<>]+|\+\d[\d ().-]{6,}\d|(?<!\d)1[3-9]\d{9}(?!\d)|\d{10,}/u

/**
 * A notice goes to thousands: one person's data in it reaches all of them. This finds what has the shape of an e-mail address or a
 * telephone number, not names; the second person who approves reads it all.
 */
export function draftFaults(draft: NoticeDraft): readonly DraftFault[] {
  return draft.languages.flatMap((language) => {
    const values = draft.values[language] ?? {}
    return itemsOf(values).flatMap((item): DraftFault[] => {
      const text = values[item] ?? ''
      const tooLong = lengthOf(text) > MAX_ITEM_CHARS
      const personal = !REACHES_SOMEBODY.includes(item) && LOOKS_PERSONAL.test(text)
      return [
        ...(tooLong ? [{ kind: 'too_long' as const, language, item }] : []),
        ...(personal ? [{ kind: 'personal_data' as const, language, item }] : []),
      ]
    })
  })
}

function itemsOf(values: object): readonly NoticeItem[] {
  return (Object.keys(NOTICE_ITEMS) as NoticeItem[]).filter((item) => Object.hasOwn(values, item))
}
