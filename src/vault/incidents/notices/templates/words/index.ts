import type { NoticeLanguage } from '../language.ts'
import { en } from './en.ts'
import type { NoticeWords } from './words.ts'
import { zhHans } from './zh-hans.ts'
import { zhHant } from './zh-hant.ts'

/** A language that templates are written in has its words here, or this does not compile. */
export const NOTICE_WORDS: Readonly<Record<NoticeLanguage, NoticeWords>> = {
  en,
  'zh-Hans': zhHans,
  'zh-Hant': zhHant,
}
