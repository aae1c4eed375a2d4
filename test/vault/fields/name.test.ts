import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { nameField } from '../../../src/vault/fields/name/name.ts'
import { graphemes } from '../../../src/vault/fields/text.ts'

const parse = (input: unknown) => nameField.parse(input, {})
const letters = (text: string) =>
  graphemes(text).filter((part) => /[\p{L}\p{N}\p{S}]/u.test(part) && part !== '*')

describe('parsing a name', () => {
  test.each(['木', 'Æ', 'محمد بن سلمان', 'Robert "Bob" Smith', 'Ṣọlá Adébáyọ̀', '👩‍👩‍👧', 'عبد‌الله', '𠮷野'])(
    'takes %s as it is',
    (name) => expect(parse(name)).toEqual({ ok: true, value: name.normalize('NFC') }),
  )

  test('trims, composes, and drops what nobody sees', () => {
    expect(parse(' \u200eRene\u0301\ufeff ')).toEqual({ ok: true, value: 'René' })
  })

  test.each([
    ['a lone surrogate', 'A\ud800', 'name_invalid'],
    ['NUL', 'A\0B', 'name_invalid'],
    ['a line break', 'A\nB', 'name_invalid'],
    ['a bidi override', 'A\u202eB', 'name_invalid'],
    ['a bidi isolate', 'A\u2067B', 'name_invalid'],
    ['nothing', ' \u3000 ', 'name_empty'],
    ['nothing visible', '\u200b\u3164\u2800', 'name_empty'],
    ['a number', 7, 'name_invalid'],
    ['null', null, 'name_invalid'],
    ['101 characters', 'é'.repeat(101), 'name_too_long'],
    ['a tower of marks', `a${'\u0301'.repeat(5_000)}`, 'name_too_long'],
  ])('refuses %s without repeating it', (_what, input, code) => {
    expect(parse(input)).toEqual({ ok: false, errors: [{ pointer: '', code }] })
  })

  test('counts characters as readers do: 100 families are 100', () => {
    expect(parse('👩‍👩‍👧'.repeat(100))).toMatchObject({ ok: true })
  })

  test('what was taken is taken again, unchanged', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (input) => {
        const parsed = parse(input)
        if (parsed.ok) expect(parse(parsed.value)).toEqual(parsed)
      }),
    )
  })
})

describe('views of a name', () => {
  test.each([
    ['王小明', '王**', '王**', undefined],
    ['欧阳娜娜', '欧**', '欧阳**', undefined],
    ['欧阳', '欧**', '欧**', undefined],
    ['司马 先生', '司**', '司**', undefined],
    ['木', '**', '**', undefined],
    ['王〇明', '王**', '王**', undefined],
    ['王.', '**', '**', undefined],
    ['张三 13812345678', '张**', '张**', undefined],
    ['阿卜杜拉·买买提', '阿**', '阿卜杜拉·**', undefined],
    ['李雷 (Lei Li)', '李**', '李**', undefined],
    ['山田 太郎', '山**', '山田 **', undefined],
    ['山田太郎', '山**', '山田**', 'ja-JP'],
    ['李雷 韩梅梅', '李**', '李**', undefined],
    ['김민준', '김**', '김**', undefined],
    ['남궁 민준', '남**', '남궁**', undefined],
    ['Robert "Bob" Smith', 'S**', '** Smith', undefined],
    ['Robert Smith, Jr.', 'S**', '** Smith', undefined],
    ['Dr. Smith', 'S**', 'S**', undefined],
    ['De la Cruz, María', 'C**', 'De la Cruz, **', undefined],
    ['Óscar de León', 'L**', '** de León', undefined],
    ['Nagy János', 'N**', 'Nagy **', 'hu'],
    ['Nguyễn Thị Ánh', 'N**', 'Nguyễn **', undefined],
    ['Ánh Nguyễn', 'N**', '** Nguyễn', undefined],
    ['Юлия Щербакова', 'Щ**', '** Щербакова', undefined],
    ['Щербакова Юлия Ивановна', 'Щ**', 'Щербакова **', undefined],
    ['محمد بن سلمان', 'س**', '** بن سلمان', undefined],
    ['דוד לוי', 'ל**', '** לוי', undefined],
    ['สมชาย ใจดี', 'ใ**', '** ใจดี', undefined],
    ['क्षितिज', 'क्षि**', 'क्षि**', undefined],
    ['Anne-Marie', 'A**', 'A**', undefined],
    ['👩‍👩‍👧', '**', '**', undefined],
  ])('%s', (name, masked, surname, locale) => {
    expect(nameField.show(name, 'masked', { locale })).toBe(masked)
    expect(nameField.show(name, 'surname', { locale })).toBe(surname)
  })

  test('none shows nothing, full all, and another field’s view nothing', () => {
    expect(nameField.views.map((view) => nameField.show('王小明', view))).toEqual([
      undefined,
      '王**',
      '王**',
      '王小明',
    ])
    expect(nameField.show('王小明', 'street')).toBeUndefined()
  })

  test('no name is shown whole, and a lesser view shows nothing that the greater one hides', () => {
    const scripts = [
      '王小明欧阳',
      'やまだ',
      '김민준남궁',
      'ABcdé',
      'Юлия',
      'محمد',
      'דוד',
      'क्षमा',
      'สมช',
      '😀👩‍👩‍👧',
      ' ·,"(）.’〇1',
    ]
    const unit = fc.constantFrom(...scripts.flatMap(graphemes))
    const locale = fc.constantFrom(undefined, 'zh', 'ja', 'vi', 'hu', 'en-US')
    fc.assert(
      fc.property(fc.string({ unit, maxLength: 20 }), locale, (input, chosen) => {
        const parsed = parse(input)
        if (!parsed.ok) return
        const whole = letters(parsed.value)
        const masked = letters(nameField.show(parsed.value, 'masked', { locale: chosen }) ?? '')
        const surname = letters(nameField.show(parsed.value, 'surname', { locale: chosen }) ?? '')
        expect(masked.length).toBeLessThan(Math.max(2, whole.length))
        if (whole.length > 0) expect(surname.length).toBeLessThan(whole.length)
        expect(masked.every((letter) => surname.includes(letter))).toBe(true)
      }),
      { numRuns: 3_000 },
    )
  })
})

test('equal names share an index term, whatever their case, composition and spaces', () => {
  const term = (name: string) => nameField.indexTerm(name)
  expect(term('RENE\u0301  Strauß')).toBe(term('René STRAUSS'))
  expect(term('王小明')).not.toBe(term('王小'))
})
