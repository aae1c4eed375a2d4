import * as fc from 'fast-check'
import examples from 'libphonenumber-js/examples.mobile.json'
import { getCountries, getExampleNumber } from 'libphonenumber-js/max'
import { describe, expect, test } from 'vitest'
import { phoneField } from '../../../src/vault/fields/phone/phone.ts'

const parse = (input: unknown, country?: string) => phoneField.parse(input, { country })
const digits = (text: string) => text.replace(/\D/g, '').length

describe('parsing a phone number', () => {
  test.each([
    ['+8613812345678', undefined, '+8613812345678'],
    ['13812345678', 'CN', '+8613812345678'],
    ['0086 138 1234 5678', undefined, '+8613812345678'],
    ['１８６２９７３４５６２', 'CN', '+8618629734562'],
    ['٠٥٠١٢٣٤٦٣٦', 'AE', '+971501234636'],
    ["'13812345678", 'CN', '+8613812345678'],
    ['="13812345678"', 'CN', '+8613812345678'],
    ['\u202a+86 138‑1234‑5678\u202c', undefined, '+8613812345678'],
    ['0755-86013388', 'CN', '+8675586013388'],
    ['86-010-65551234-802', 'CN', '+861065551234;ext=802'],
    ['010-65551234 转 802', 'CN', '+861065551234;ext=802'],
    ['tel:+1-201-555-0123;ext=7', undefined, '+12015550123;ext=7'],
    ['+44 (0)20 7946 0958', undefined, '+442079460958'],
    ['011 86 138 1234 5678', 'US', '+8613812345678'],
    ['+453 441-2914', undefined, '+4534412914'],
    ['+683 4000', undefined, '+6834000'],
  ])('%s (%s) is %s', (input, country, value) => {
    expect(parse(input, country)).toEqual({ ok: true, value })
  })

  test.each([
    ['1380013', 'CN', 'phone_invalid'],
    ['call me', 'US', 'phone_invalid'],
    ['138****5678', 'CN', 'phone_invalid'],
    ['13812345678-9', 'CN', 'phone_invalid'],
    ['+8613812345678, +8613912345678', undefined, 'phone_invalid'],
    ['+0', undefined, 'phone_invalid'],
    ['1'.repeat(65), 'CN', 'phone_invalid'],
    [8613812345678, 'CN', 'phone_invalid'],
    ['\ud800', 'CN', 'phone_invalid'],
    ["'", 'CN', 'phone_empty'],
    ['13812345678', undefined, 'phone_country_required'],
    ['13812345678', 'AQ', 'phone_country_required'],
  ])('%s (%s) is refused as %s', (input, country, code) => {
    expect(parse(input, country)).toEqual({
      ok: false,
      errors: [{ pointer: '', code }],
    })
  })

  test('every country’s example number, national or not, gives the same value, and again', () => {
    for (const country of getCountries()) {
      const example = getExampleNumber(country, examples)!
      const expected = { ok: true, value: example.number }
      expect(parse(example.number)).toEqual(expected)
      expect(parse(example.formatInternational())).toEqual(expected)
      expect(parse(example.formatNational(), country)).toEqual(expected)
    }
  })

  test('no input throws', () => {
    const unit = fc.constantFrom(...Array.from('+0123456789 -().;ext=#x转٣３\'"\u202a😀'))
    fc.assert(
      fc.property(
        fc.oneof(fc.string({ unit, maxLength: 40 }), fc.string({ unit: 'binary' }), fc.anything()),
        (input) => {
          const parsed = parse(input, 'CN')
          if (parsed.ok) expect(parse(parsed.value)).toEqual(parsed)
        },
      ),
      { numRuns: 2_000 },
    )
  })
})

describe('the mask of a phone number', () => {
  test.each([
    ['+8613812345678', '+86138******78'],
    ['+8613812345678;ext=802', '+86138******78'],
    ['+12015550123', '+120******23'],
    ['+33612345678', '+336******78'],
    ['+6581234393', '+65******93'],
    ['+6834000', '+*******'],
    ['+29051234', '+********'],
  ])('%s → %s', (phone, masked) => expect(phoneField.show(phone, 'masked')).toBe(masked))

  const hides = (show: (phone: string) => string) =>
    fc.property(fc.stringMatching(/^\+[1-9][0-9]{6,14}(;ext=[0-9]{1,7})?$/), (phone) => {
      const [number = ''] = phone.split(';')
      return digits(number) - digits(show(phone)) >= 6
    })

  test('hides at least six digits of any number', () => {
    fc.assert(hides((phone) => phoneField.show(phone, 'masked') ?? phone))
  })

  test('control: 138****5678 does not', () => {
    expect(fc.check(hides((phone) => phone.replace(/\d{4}(\d{4})$/, '****$1'))).failed).toBe(true)
  })
})

test('none and relay show nothing, full all; extensions share an index term', () => {
  expect(phoneField.views.map((view) => phoneField.show('+8613812345678', view))).toEqual([
    undefined,
    '+86138******78',
    undefined,
    '+8613812345678',
  ])
  expect(phoneField.indexTerm('+861065551234;ext=802')).toBe('+861065551234')
})
