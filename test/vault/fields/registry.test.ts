import { expect, test } from 'vitest'
import {
  FIELD_NAMES,
  FIELDS,
  isFieldName,
  isView,
  lesserView,
  parsePerson,
  showField,
} from '../../../src/vault/fields/registry.ts'

test('a person with every field comes out in canonical form', () => {
  expect(
    parsePerson({
      name: ' 王小明 ',
      phone: '138 1234 5678',
      email: 'Wang@QQ.com',
      address: { country: 'cn', city: '三亚市', line1: '人民路1号' },
    }),
  ).toEqual({
    ok: true,
    person: {
      name: '王小明',
      phone: '+8613812345678',
      email: 'Wang@qq.com',
      address: { country: 'CN', city: '三亚市', line1: '人民路1号' },
    },
  })
})

test('every wrong field is named by its pointer, and no error repeats what was sent', () => {
  const parsed = parsePerson({
    name: 'canary\0',
    phone: 'canary',
    email: 'canary',
    address: { country: 'canary', city: 'canary\0' },
  })
  expect(parsed).toEqual({
    ok: false,
    errors: [
      { pointer: '/name', code: 'name_invalid' },
      { pointer: '/phone', code: 'phone_invalid' },
      { pointer: '/email', code: 'email_invalid' },
      { pointer: '/address/country', code: 'address_country_invalid' },
      { pointer: '/address/city', code: 'address_part_invalid' },
    ],
  })
})

test.each([
  [undefined, 'person_invalid'],
  ['王小明', 'person_invalid'],
  [[], 'person_invalid'],
  [{}, 'person_empty'],
  [{ name: undefined }, 'person_empty'],
  [{ name: 'A', canary: 'B' }, 'person_unknown_field'],
  [JSON.parse('{"name":"A","__proto__":{}}'), 'person_unknown_field'],
])('%j is refused as %s', (input, code) => {
  expect(parsePerson(input)).toEqual({ ok: false, errors: [{ pointer: '', code }] })
})

test('a national number is read by the address that comes with it, else by the one that is known', () => {
  const phone = '13812345678'
  expect(parsePerson({ phone }, { country: 'CN' })).toEqual({ ok: true, person: { phone: '+8613812345678' } })
  expect(parsePerson({ phone })).toMatchObject({
    errors: [{ pointer: '/phone', code: 'phone_country_required' }],
  })
  expect(parsePerson({ phone, address: { country: 'US', city: 'x' } }, { country: 'CN' })).toMatchObject({
    errors: [{ pointer: '/phone', code: 'phone_invalid' }],
  })
})

test('of two views the lesser one wins, and one that the field has not shows nothing', () => {
  for (const field of FIELD_NAMES) {
    const { views, maskedView } = FIELDS[field]
    expect([views[0], views.at(-1)]).toEqual(['none', 'full'])
    expect(isView(field, maskedView)).toBe(true)
    for (const [at, a] of views.entries()) {
      for (const [bt, b] of views.entries()) expect(lesserView(field, a, b)).toBe(views[Math.min(at, bt)])
    }
  }
  expect(lesserView('phone', 'surname', 'full')).toBe('none')
  expect(isView('phone', 'surname')).toBe(false)
  expect(isFieldName('toString')).toBe(false)
})

test('a field is shown by its name', () => {
  expect(FIELD_NAMES).toEqual(['name', 'phone', 'email', 'address'])
  expect(showField('name', 'Nagy János', 'surname', { locale: 'hu' })).toBe('Nagy **')
  expect(showField('address', { country: 'DE', city: 'Köln' }, 'none')).toBeUndefined()
})
