import type { Mark } from '../../law/rule.ts'
import type { NoticeItem } from '../../notices/templates/items.ts'
import type { FormCode } from '../report.ts'
import type { FactName } from './facts.ts'
import type { FormWords } from './words/words.ts'

/**
 * One question of an item: what the vault knows of it by itself, and the officers' text that answers it. It is open while there is neither.
 * With `needsText` the facts help and do not answer.
 */
export type FormPart = {
  label: string
  facts?: readonly FactName[]
  text?: NoticeItem
  needsText?: true
}

export type FormItem = {
  /** As in the form or the article. */
  number: string
  label: string
  original?: string
  /** Asked for only when the report comes more than 72 hours after awareness. */
  only?: 'after_72h'
  parts: readonly FormPart[]
}

/** An authority's form, in its own order. */
export type Form = {
  code: FormCode
  title: string
  original?: string
  instrument: string
  /** In which what the vault knows is filled in. */
  words: FormWords
  /** How the items are known; see law/rule.ts. */
  mark: Mark
  note: string
  items: readonly FormItem[]
}
