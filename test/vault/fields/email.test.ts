import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { emailField } from '../../../src/vault/fields/email/email.ts'

const parse = (input: unknown) => emailField.parse(input, {})

describe('parsing an e-mail address', () => {
  test.each([
    [' Buyer1.0@Example.NET ', 'Buyer1.0@example.net'],
    ["o'hara+x@sub.example.co.uk", "o'hara+x@sub.example.co.uk"],
    ['用户@例え.テスト', '用户@例え.テスト'],
    ['a@ПРИМЕР.РФ', 'a@пример.рф'],
    ['a@ｅｘａｍｐｌｅ．com', 'a@example.com'],
    ['a@xn--e1afmkfd.xn--p1ai', 'a@xn--e1afmkfd.xn--p1ai'],
  ])('%s is %s', (input, value) => expect(parse(input)).toEqual({ ok: true, value }))

  test.each([
    ['not-an-email', 'email_invalid'],
    ['a@b', 'email_invalid'],
    ['a@@example.com', 'email_invalid'],
    ['.a@example.com', 'email_invalid'],
    ['a..b@example.com', 'email_invalid'],
    ['a@-example.com', 'email_invalid'],
    ['a@example.com.', 'email_invalid'],
    ['a@127.0.0.1', 'email_invalid'],
    ['a@[127.0.0.1]', 'email_invalid'],
    ['a@example.com:25', 'email_invalid'],
    ['a b@example.com', 'email_invalid'],
    ['a@exa%6dple.com', 'email_invalid'],
    ['a@example.com\r\nBcc: x@example.com', 'email_invalid'],
    ['', 'email_empty'],
    [`${'a'.repeat(65)}@example.com`, 'email_too_long'],
    [`a@${'a'.repeat(63)}.${'a'.repeat(63)}.${'a'.repeat(63)}.${'a'.repeat(63)}.com`, 'email_too_long'],
    [null, 'email_invalid'],
  ])('%j is refused', (input, code) => {
    expect(parse(input)).toEqual({ ok: false, errors: [{ pointer: '', code }] })
  })

  test('no input throws, and what was taken is taken again', () => {
    fc.assert(
      fc.property(fc.oneof(fc.emailAddress(), fc.string({ unit: 'binary' }), fc.anything()), (input) => {
        const parsed = parse(input)
        if (parsed.ok) expect(parse(parsed.value)).toEqual(parsed)
      }),
    )
  })
})

describe('the mask of an e-mail address', () => {
  test.each([
    ['wang.xiaoming@qq.com', 'w**@qq.com'],
    ['w@qq.com', '**@qq.com'],
    ['bob@robert-smith.com', 'b**@**.com'],
    ['用户@例え.テスト', '用**@**.テスト'],
  ])('%s → %s', (email, masked) => expect(emailField.show(email, 'masked')).toBe(masked))

  test('shows at most one character of the local part', () => {
    fc.assert(
      fc.property(fc.emailAddress(), (email) => {
        const shown = (emailField.show(email, 'masked') ?? '').split('@')[0] ?? ''
        expect(shown.replaceAll('*', '').length).toBeLessThanOrEqual(1)
      }),
    )
  })
})

test('equal addresses share an index term, whatever their case and script', () => {
  expect(emailField.indexTerm('Bob@пример.рф')).toBe('bob@xn--e1afmkfd.xn--p1ai')
  expect(emailField.indexTerm('bob@xn--e1afmkfd.xn--p1ai')).toBe('bob@xn--e1afmkfd.xn--p1ai')
})
