import { describe, expect, test } from 'vitest'
import { JURISDICTIONS } from '../../../../src/vault/incidents/law/index.ts'
import { NOTICE_CONTENTS } from '../../../../src/vault/incidents/notices/templates/contents/index.ts'
import { contentsFor } from '../../../../src/vault/incidents/notices/templates/contents-of.ts'
import { missingContents } from '../../../../src/vault/incidents/notices/templates/draft.ts'
import { draftFaults } from '../../../../src/vault/incidents/notices/templates/faults.ts'
import { ITEMS_OF, NOTICE_AUDIENCES } from '../../../../src/vault/incidents/notices/templates/items.ts'
import type { NoticeAudience } from '../../../../src/vault/incidents/notices/templates/items.ts'
import { NOTICE_LANGUAGES } from '../../../../src/vault/incidents/notices/templates/language.ts'
import { SECTIONS } from '../../../../src/vault/incidents/notices/templates/sections.ts'
import { EVERYTHING, ITEMS, wholeDraft, without } from './drafts.ts'

const AUDIENCE_OF = {
  individual: 'persons',
  authority: 'authority',
  controller: 'partners',
  media: 'public',
} as const satisfies Record<string, NoticeAudience>

const PLACES = JURISDICTIONS.flatMap(({ code }) =>
  NOTICE_AUDIENCES.map((audience) => [code, audience] as const),
).concat(NOTICE_AUDIENCES.map((audience) => ['unknown', audience] as const))

describe('what a notice has to say', () => {
  test('every jurisdiction of the law has contents for each audience: its own, or the general list by name', () => {
    const stated = JURISDICTIONS.flatMap(({ code }) =>
      NOTICE_AUDIENCES.map((audience) => ({ code, audience, ...contentsFor(audience, code) })),
    )
    for (const { code, basis, jurisdiction, items } of stated) {
      expect(items.length, code).toBeGreaterThan(2)
      expect(basis === 'general', code).toBe(jurisdiction === 'GENERAL')
    }
    const general = stated.filter(({ basis, audience }) => basis === 'general' && audience === 'persons')
    // Of Texas no list for persons is known, and the federal one stands in.
    expect(general.map(({ code }) => code)).toEqual([])
    expect(contentsFor('persons', 'US-TX').jurisdiction).toBe('US')
    expect(contentsFor('persons', 'unknown')).toMatchObject({ basis: 'general', jurisdiction: 'GENERAL' })
  })

  test('every file of contents is of a jurisdiction of the law', () => {
    const codes = JURISDICTIONS.map(({ code }) => code)
    expect(
      NOTICE_CONTENTS.map(({ jurisdiction }) => jurisdiction).filter((code) => !codes.includes(code)),
    ).toEqual([])
    expect(NOTICE_CONTENTS.map(({ jurisdiction }) => jurisdiction)).toEqual(codes)
  })

  test('what a rule of the law lists is required of the notice that it asks for', () => {
    const listing = JURISDICTIONS.flatMap(({ rules }) => rules).filter(({ content }) => content.length > 0)
    expect(listing.length).toBeGreaterThan(8)
    const lacking = listing.flatMap(({ id, audience, jurisdiction, content }) => {
      const { items } = contentsFor(AUDIENCE_OF[audience], jurisdiction)
      const required = items.map(({ item }) => item)
      const asked = content.flatMap((word) => ITEMS_OF[word])
      return asked.filter((item) => !required.includes(item)).map((item) => `${id}: ${item}`)
    })
    expect(lacking).toEqual([])
  })

  test.each(['DE', 'FR', 'IS'])('persons of %s are under the law that covers them', (code) => {
    expect(contentsFor('persons', code).jurisdiction).toBe('EU')
  })

  test('each requirement names its article, and no item is asked for twice', () => {
    for (const [code, audience] of PLACES) {
      const { items, instrument } = contentsFor(audience, code)
      expect(instrument).not.toBe('')
      expect(items.filter(({ article }) => article.trim() === '')).toEqual([])
      expect(new Set(items.map(({ item }) => item)).size, `${code} ${audience}`).toBe(items.length)
    }
  })

  test('every item stands in exactly one section', () => {
    expect(Object.values(SECTIONS).flat().toSorted()).toEqual(ITEMS.toSorted())
  })
})

describe('a draft', () => {
  test.each(PLACES)('for %s, %s: whole it may go; without any one content it may not', (code, audience) => {
    const whole = wholeDraft(audience, code)
    // The control: the same check on a draft that lacks nothing.
    expect(missingContents(whole)).toEqual([])
    const required = contentsFor(audience, code).items.map(({ item }) => item)
    for (const item of ITEMS) {
      for (const instead of [undefined, '', ' \n\u200b\u202e ', '…']) {
        const missing = missingContents(without(whole, item, instead))
        const expected = required.includes(item) ? NOTICE_LANGUAGES : []
        expect(
          missing.map(({ language }) => language),
          item,
        ).toEqual(expected)
        for (const one of missing) expect(one).toMatchObject({ kind: 'content', item })
      }
    }
  })

  test('names the article that asks for what is missing', () => {
    const [missing] = missingContents(
      without(wholeDraft('authority', 'DE', { languages: ['en'] }), 'numbers'),
    )
    expect(missing).toEqual({
      kind: 'content',
      language: 'en',
      item: 'numbers',
      instrument: 'GDPR, Regulation (EU) 2016/679',
      article: '33(3)(a)',
    })
  })

  test('a missing translation is named, once, and not as each of its contents', () => {
    const values = { en: EVERYTHING, 'zh-Hans': { nature: '  ' } }
    expect(missingContents(wholeDraft('persons', 'CN', { values }))).toEqual([
      { kind: 'translation', language: 'zh-Hans' },
      { kind: 'translation', language: 'zh-Hant' },
    ])
    expect(missingContents(wholeDraft('persons', 'CN', { values, languages: ['en'] }))).toEqual([])
    expect(missingContents(wholeDraft('persons', 'CN', { values: {}, languages: [] }))).toEqual([
      { kind: 'translation', language: 'en' },
    ])
  })

  test('what hangs on a condition is asked for where it is so, and not otherwise', () => {
    const late = without(wholeDraft('authority', 'EU', { languages: ['en'] }), 'late_reasons')
    expect(missingContents(late)).toMatchObject([{ item: 'late_reasons' }])
    expect(missingContents({ ...late, conditions: [] })).toEqual([])
  })

  test('nobody’s address or number goes to everybody; how to reach an office does', () => {
    const of = (values: object) =>
      draftFaults(wholeDraft('persons', 'EU', { languages: ['en'], values: { en: values } }))
    expect(of(EVERYTHING)).toEqual([])
    expect(
      of({ contact: 'privacy@shop.example, +44 20 7946 0000', when: '2026-11-20 to 2026-11-25, 09:30' }),
    ).toEqual([])
    for (const text of ['xiaoming@example.com', '13812345678', '+886 912 345 678', 'card 4111111111111111']) {
      expect(of({ nature: `It showed ${text} to a stranger.` })).toEqual([
        { kind: 'personal_data', language: 'en', item: 'nature' },
      ])
    }
    expect(of({ nature: 'x'.repeat(4_001), cause: '王'.repeat(4_000) })).toEqual([
      { kind: 'too_long', language: 'en', item: 'nature' },
    ])
  })
})
