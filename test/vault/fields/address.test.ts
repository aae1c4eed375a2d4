import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { addressField } from '../../../src/vault/fields/address/address.ts'
import { COUNTRIES } from '../../../src/vault/fields/address/countries.ts'
import type { Address } from '../../../src/vault/fields/field-type.ts'

const parse = (input: unknown) => addressField.parse(input, {})
const FULL: Address = {
  country: 'CN',
  province: '河南省',
  city: '三门峡市',
  district: '湖滨区',
  town: '三里屯街道',
  line1: '人民路276号万科城4-4-1192',
  line2: '放门口',
  postcode: '518000',
}

describe('parsing an address', () => {
  test('keeps every part, trims, drops the empty ones, upper-cases the country', () => {
    expect(parse(FULL)).toEqual({ ok: true, value: FULL })
    expect(parse({ country: ' de', city: ' Köln ', line1: '', line2: ' A \r\n\n B ' })).toEqual({
      ok: true,
      value: { country: 'DE', city: 'Köln', line2: 'A\nB' },
    })
  })

  test.each([
    [null, '', 'address_invalid'],
    [['CN'], '', 'address_invalid'],
    [{ city: 'x' }, '/country', 'address_country_required'],
    [{ country: 'ZZ', city: 'x' }, '/country', 'address_country_invalid'],
    [{ country: 'China', city: 'x' }, '/country', 'address_country_invalid'],
    [{ country: 'CN', city: 7 }, '/city', 'address_part_invalid'],
    [{ country: 'CN', city: 'a\nb' }, '/city', 'address_part_invalid'],
    [{ country: 'CN', line1: 'a\0' }, '/line1', 'address_part_invalid'],
    [{ country: 'CN', line1: 'a'.repeat(201) }, '/line1', 'address_part_too_long'],
    [{ country: 'CN', postcode: '518000' }, '', 'address_empty'],
    [{ country: 'CN', line1: ' ' }, '', 'address_empty'],
    [{ country: 'CN', city: 'x', room: '502' }, '', 'address_unknown_part'],
    [JSON.parse('{"country":"CN","city":"x","__proto__":{}}'), '', 'address_unknown_part'],
  ])('%j is refused at "%s" as %s', (input, pointer, code) => {
    expect(parse(input)).toEqual({ ok: false, errors: [{ pointer, code }] })
  })

  test('every wrong part is named at once', () => {
    const parsed = parse({ country: 'ZZ', city: 7, line1: '\ud800' })
    expect(parsed.ok ? [] : parsed.errors.map(({ pointer }) => pointer)).toEqual([
      '/country',
      '/city',
      '/line1',
    ])
  })

  test('the countries are those that have a name, and Kosovo', () => {
    const names = new Intl.DisplayNames('en', { type: 'region' })
    expect([...COUNTRIES].filter((code) => names.of(code) === code)).toEqual([])
    expect(COUNTRIES.size).toBe(250)
  })
})

describe('views of an address', () => {
  test('each view adds its parts; line2 and postcode are in full alone', () => {
    const city = { country: 'CN', province: '河南省', city: '三门峡市' }
    const district = { ...city, district: '湖滨区' }
    const street = { ...district, town: '三里屯街道', line1: '人民路**' }
    expect(addressField.views.map((view) => addressField.show(FULL, view))).toEqual([
      undefined,
      city,
      district,
      street,
      FULL,
    ])
    expect(addressField.show(FULL, 'masked')).toBeUndefined()
  })

  const street = (line1: string) => addressField.show({ country: 'CN', line1 }, 'street')?.line1
  test.each([
    ['人民路276号万科城4-4-1192', '人民路**'],
    ['文一西路1637号', '文*西路**'],
    ['西李家村9组195号', '西李家村**'],
    ['绿地中央广场B座20层1766房', '**'],
    ['三单元五〇二室', '**'],
    ['五〇二室中山路', '**'],
    ['中山路三单元五〇二室', '中山路**'],
    ['工人新村3栋', '**'],
    ['舟入通り4-1-573', '舟入通り**'],
    ['146 동교로 502호', '동교로 **'],
    ['17A Baggårde, 2º izq.', '**'],
    ['12 Main Street Apt 4B', 'Main Street **'],
    ['Apt Rose Main Street', '**'],
    ['Flat Seven Main Street', 'Main Street **'],
    ['Main Street\nGate code 1234', 'Main Street **'],
    ['c/o Hotel', '**'],
    ['c/o Hotel Main Street', '**'],
    ["13 Route d'Esch", "Route d'Esch **"],
    ['Rue Carnot Bâtiment Lilas', 'Rue Carnot **'],
    ['Rue Louis XIV', 'Rue Louis **'],
    ['Fifth Avenue', '**'],
    ['Bahnhofstraße 29A', 'Bahnhofstraße **'],
    ['улица Ленина дом пять', 'улица Ленина **'],
    ['١٢ شارع النزهة شقة ٥', 'شارع النزهة **'],
    ['רחוב הרצל 5 דירה 3', 'רחוב הרצל **'],
    ['ถนนสุขุมวิท ๑๒', 'ถนนสุขุมวิท **'],
    ['फ्लैट ५, महात्मा गांधी मार्ग', 'महात्मा गांधी मार्ग **'],
    ['Kingsway', '**'],
  ])('street of %s is %s', (line, shown) => expect(street(line)).toBe(shown))

  test.each([
    ['12 Main Street Apt 4B', '**'],
    ['朝阳区三号楼五〇二室', '**'],
    ['улица Ленина десять', '**'],
    ['Quận 1', 'Quận 1'],
    ['Prague 5', 'Prague 5'],
    ['Springfield 4', '**'],
    ['三亚市', '三亚市'],
    ['Seven Oaks', 'Seven Oaks'],
  ])('an address line written into the city is hidden: %s → %s', (city, shown) => {
    expect(addressField.show({ country: 'CN', city }, 'city')).toEqual({ country: 'CN', city: shown })
  })

  const noDigit = (show: (line: string) => string) => {
    const unit = fc.constantFrom(
      ...Array.from('中山路街村道室号 ,Street Rue 0９٣५๕①²〇Ⅻ一шоссе\n'),
      ' Street',
      'Rue ',
    )
    return fc.property(
      fc.string({ unit, maxLength: 30 }),
      (line) => !/[\p{N}一]/u.test(show(line).normalize('NFKC')),
    )
  }

  test('no digit or numeral of any script is in a street', () => {
    fc.assert(
      noDigit((line) => street(line) ?? ''),
      { numRuns: 3_000 },
    )
  })

  test('control: a mask of ASCII digits leaves the others', () => {
    expect(fc.check(noDigit((line) => line.replace(/[0-9]/g, '*'))).failed).toBe(true)
  })
})

test('index terms are equal for equal addresses and differ when text moves between parts', () => {
  const term = (address: Partial<Address>) => addressField.indexTerm({ country: 'DE', ...address })
  expect(term({ city: 'KÖLN', line1: 'A  1' })).toBe(term({ city: 'Köln', line1: 'a １' }))
  expect(term({ city: 'ab', district: 'c' })).not.toBe(term({ city: 'a', district: 'bc' }))
  expect(term({ city: 'a","b' })).not.toBe(term({ city: 'a', district: 'b' }))
})
