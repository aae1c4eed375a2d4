import { describe, expect, test } from 'vitest'
import { MAX_ITEM_CHARS } from '../../../../src/vault/incidents/notices/templates/clean.ts'
import { NOTICE_AUDIENCES } from '../../../../src/vault/incidents/notices/templates/items.ts'
import {
  NOTICE_LANGUAGES,
  isUntranslated,
  languageChain,
  noticeLanguage,
} from '../../../../src/vault/incidents/notices/templates/language.ts'
import { renderNotice } from '../../../../src/vault/incidents/notices/templates/render.ts'
import { NOTICE_WORDS } from '../../../../src/vault/incidents/notices/templates/words/index.ts'
import { EVERYTHING, ITEMS, wholeDraft } from './drafts.ts'

function withNature(nature: string, sender = 'Shop A') {
  const en = { ...EVERYTHING, nature, sender }
  return renderNotice(wholeDraft('persons', 'EU', { languages: ['en'], values: { en } }), 'en')
}

describe('the language of a notice', () => {
  test.each([
    ['zh-HK', ['zh-HK', 'zh-Hant', 'zh', 'en'], 'zh-Hant'],
    ['zh-TW', ['zh-TW', 'zh-Hant', 'zh', 'en'], 'zh-Hant'],
    ['zh-Hant-HK', ['zh-Hant-HK', 'zh-Hant', 'zh', 'en'], 'zh-Hant'],
    ['zh-CN', ['zh-CN', 'zh-Hans', 'zh', 'en'], 'zh-Hans'],
    ['zh', ['zh', 'zh-Hans', 'en'], 'zh-Hans'],
    ['en-GB', ['en-GB', 'en-Latn', 'en'], 'en'],
    ['ja-JP', ['ja-JP', 'ja-Jpan', 'ja', 'en'], 'en'],
    ['unknown', ['unknown', 'en'], 'en'],
    ['', ['en'], 'en'],
    ['not a tag', ['en'], 'en'],
  ])('%s: %j → %s', (locale, chain, language) => {
    expect(languageChain(locale)).toEqual(chain)
    expect(noticeLanguage(locale)).toBe(language)
  })

  test('only what the draft goes out in counts, and who reads another language is told apart', () => {
    expect(noticeLanguage('zh-HK', ['en', 'zh-Hans'])).toBe('en')
    expect(isUntranslated('zh-HK', ['en', 'zh-Hans'])).toBe(true)
    expect(isUntranslated('ja')).toBe(true)
    expect(isUntranslated('zh-HK')).toBe(false)
    expect(isUntranslated('en-AU')).toBe(false)
  })
})

describe('a rendered notice', () => {
  test.each(NOTICE_AUDIENCES)('to %s says every item, in text and in HTML, in each language', (audience) => {
    for (const language of NOTICE_LANGUAGES) {
      const { text, html, subject, language: given } = renderNotice(wholeDraft(audience, 'KR'), language)
      expect(given).toBe(language)
      expect(html).toContain(`<html lang="${language}"`)
      expect(subject).toMatch(/\S/)
      for (const item of ITEMS) {
        expect(text).toContain(`Said of ${item}.`)
        expect(html).toContain(`Said of ${item}.`)
      }
      expect(`${subject}${text}${html}`).not.toMatch(/undefined|\{(sender|instrument)\}|\[object/)
      expect(text).toContain('inc_01')
    }
  })

  test('California’s has the title and headings that its law words', () => {
    const { subject, text, html } = renderNotice(wholeDraft('persons', 'US-CA'), 'en-US')
    expect(subject).toBe('Notice of Data Breach')
    for (const heading of [
      'What Happened',
      'What Information Was Involved',
      'What We Are Doing',
      'What You Can Do',
      'For More Information',
    ]) {
      expect(html).toContain(`>${heading}</h2>`)
      expect(text).toContain(heading.toUpperCase())
    }
  })

  test('an authority reads the items in its law’s order', () => {
    const { text } = renderNotice(wholeDraft('authority', 'EU'), 'en')
    const places = [
      'nature',
      'person_categories',
      'data_categories',
      'numbers',
      'contact',
      'consequences',
      'measures',
    ]
    const found = places.map((item) => text.indexOf(`Said of ${item}.`))
    expect(found).toEqual(found.toSorted((a, b) => a - b))
    expect(text).toContain('GDPR, Regulation (EU) 2016/679')
  })
})

describe('hostile values', () => {
  test('are text in HTML, whatever they look like', () => {
    const hostile =
      '<script>alert(1)</script><img src=x onerror=alert(1)> "quoted" & <a href="javascript:x">y</a>'
    const { html, text } = withNature(hostile, '</title><script>x</script>')
    expect(html).not.toMatch(/<script|<img|<a /i)
    expect(html).toContain('&lt;script&gt;alert(1)&lt;/script&gt;')
    expect(text).toContain(hostile)
    // The control: put in as it is, it would be found.
    expect(html.replaceAll('&lt;', '<')).toMatch(/<script|<img|<a /i)
  })

  test('are no template', () => {
    for (const value of [
      '{sender}',
      '{{7*7}}',
      '${7*7}',
      '<%= 7*7 %>',
      '{% raw %}',
      '#{7*7}',
      '{instrument}',
      '$& a',
      '$1 b',
    ]) {
      const { text, subject } = withNature(value, value)
      expect(text).toContain(`WHAT HAPPENED\n\n${value}\n`)
      expect(subject).toBe(`${value}: your data was part of a leak`)
      expect(text).not.toContain('49')
    }
  })

  test('make no second header of the subject', () => {
    for (const end of ['\r\n', '\n', '\r', '\u2028', '\u2029', '\u0085', '\u000b', '\0']) {
      const { subject } = withNature('x', `Shop${end}Bcc: everybody@example.com`)
      expect(subject).not.toMatch(/\p{Cc}|\p{Zl}|\p{Zp}/u)
      expect(subject.startsWith('Shop')).toBe(true)
    }
  })

  test('turn no text around and hide none', () => {
    const unseen = '\u202e\u2066\u200f\u061c\ufeff\u200b\u{e0041}\u0007\ud800'
    const { subject, text, html } = withNature(`pay${unseen}pal`, `Sho${unseen}p`)
    for (const part of [subject, text, html]) {
      expect(Array.from(part).filter((character) => unseen.includes(character))).toEqual([])
    }
    expect(text).toContain('paypal')
    expect(subject.startsWith('Shop:')).toBe(true)
  })

  test('of 10,000 characters leave a subject of one line and a notice of a bounded length', () => {
    const long = '𠮷'.repeat(10_000)
    const { subject, text, html } = withNature(long, long)
    expect(Array.from(subject).length).toBeLessThanOrEqual(150)
    expect(text).toContain(`${'𠮷'.repeat(MAX_ITEM_CHARS - 1)}…`)
    expect(text.isWellFormed() && subject.isWellFormed() && html.isWellFormed()).toBe(true)
    expect(text).not.toContain('𠮷'.repeat(MAX_ITEM_CHARS))
  })
})

/** Flesch and Kincaid’s grade: years at school that a reader of English needs. Syllables are counted by groups of vowels. */
function grade(text: string): number {
  const sentences = text.split(/[.:!?\n]+/).filter((part) => /\w/.test(part)).length
  const words = text.match(/[A-Za-z]+/g) ?? []
  const syllables = words.reduce(
    (sum, word) =>
      sum +
      Math.max(
        1,
        (
          word
            .toLowerCase()
            .replace(/e$/, '')
            .match(/[aeiouy]+/g) ?? []
        ).length,
      ),
    0,
  )
  return 0.39 * (words.length / sentences) + 11.8 * (syllables / words.length) - 15.59
}

describe('plain words', () => {
  const { audiences } = NOTICE_WORDS.en
  test.each(['persons', 'public'] as const)('what we say to %s suits a reader of fourteen', (audience) => {
    const { greeting, opening, closing } = audiences[audience]
    for (const said of [opening.established, opening.possible]) {
      expect(grade(`${greeting} ${said} ${closing}`)).toBeLessThan(8)
    }
  })

  test('the control: a lawyer’s sentence does not', () => {
    expect(
      grade(
        'Pursuant to applicable statutory obligations, we hereby notify affected individuals that unauthorised acquisition of personally identifiable information may have occurred.',
      ),
    ).toBeGreaterThan(14)
  })
})
