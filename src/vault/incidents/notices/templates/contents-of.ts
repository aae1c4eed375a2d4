import { JURISDICTIONS } from '../../law/index.ts'
import { GENERAL } from './contents/general.ts'
import { NOTICE_CONTENTS } from './contents/index.ts'
import type { NoticeAudience, NoticeItem } from './items.ts'
import type { AudienceContents, NoticeContents, Requirement } from './requirement.ts'

/** What a notice has to say, and on what that rests. `general`: the law has no list that is known here. */
export type ContentsFor = AudienceContents & { jurisdiction: string; basis: 'law' | 'general' }

/** Whatever the law says: a reader has to know who writes, about what, and whom to ask. */
const ALWAYS: readonly Requirement[] = (['sender', 'nature', 'contact'] as const).map((item) => ({
  item,
  article: 'none: of our own',
  mark: 'K',
}))

/**
 * The contents for persons of a jurisdiction, or for its authority. Its own file, else that of the law that covers it (`DE`: EU;
 * `US-WA`: US), else the general list. A public notice stands in for one to persons and says the same.
 * @param jurisdiction ISO 3166-1 or 3166-2 code, a code of the folder law/, or anything else for the general list.
 */
export function contentsFor(audience: NoticeAudience, jurisdiction: string): ContentsFor {
  for (const { jurisdiction: code, audiences } of filesFor(jurisdiction)) {
    const own = audiences[audience] ?? (audience === 'public' ? audiences.persons : undefined)
    if (own) return { ...own, items: withAlways(own.items), jurisdiction: code, basis: 'law' }
  }
  const general = GENERAL.audiences[audience]
  return { ...general, items: withAlways(general.items), jurisdiction: 'GENERAL', basis: 'general' }
}

/** The nearest first. */
export function filesFor(jurisdiction: string): readonly NoticeContents[] {
  const codes = [jurisdiction, ...coveredBy(jurisdiction), ...coveredBy(jurisdiction.slice(0, 2))]
  const files = [...new Set(codes)].map((code) => NOTICE_CONTENTS.find((file) => file.jurisdiction === code))
  return files.filter((file) => file !== undefined)
}

function coveredBy(code: string): readonly string[] {
  return JURISDICTIONS.filter(({ covers }) => covers.includes(code)).map((law) => law.code)
}

function withAlways(items: readonly Requirement[]): readonly Requirement[] {
  const named = new Set<NoticeItem>(items.map(({ item }) => item))
  return [...items, ...ALWAYS.filter(({ item }) => !named.has(item))]
}
