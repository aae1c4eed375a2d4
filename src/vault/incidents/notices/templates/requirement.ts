import type { Mark } from '../../law/rule.ts'
import type { Condition, NoticeAudience, NoticeItem } from './items.ts'
import type { SectionCode } from './sections.ts'

/** One thing that a notice has to say. `article` is within the instrument; `mark` is how the requirement is known. */
export type Requirement = { item: NoticeItem; article: string; mark: Mark; onlyIf?: Condition }

/** In the law's order, which a notice to an authority follows. */
export type AudienceContents = {
  instrument: string
  items: readonly Requirement[]
  note?: string
}

/** One file of contents/: what the notices of one jurisdiction have to say. An audience that is not in it is GENERAL's. */
export type NoticeContents = {
  /** As in the folder law/, or `GENERAL`. */
  jurisdiction: string
  audiences: Readonly<Partial<Record<NoticeAudience, AudienceContents>>>
  /** Words that the law itself prescribes, for English notices to persons and the public. */
  english?: { subject: string; headings: Readonly<Partial<Record<SectionCode, string>>> }
}

/** Requirements of one mark, by article: `[['33(3)(a)', 'nature', 'numbers'], …]`. */
export function listed(
  mark: Mark,
  rows: readonly (readonly [article: string, ...items: NoticeItem[]])[],
): readonly Requirement[] {
  return rows.flatMap(([article, ...items]) => items.map((item) => ({ item, article, mark })))
}
