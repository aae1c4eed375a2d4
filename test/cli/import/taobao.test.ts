import { readFileSync } from 'node:fs'
import { parse } from 'csv-parse/sync'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { readChinesePhone } from '../../../src/cli/import/cells.ts'
import type { Address } from '../../../src/cli/import/order.ts'
import { readTaobaoAddress } from '../../../src/cli/import/taobao.ts'
import { testData } from './run-import.ts'

const bytes = readFileSync(testData('orders.taobao.csv'))
const rows: Record<string, string>[] = parse(new TextDecoder('gb18030').decode(bytes), { columns: true })

/** The cell again, in the brackets that it had. */
function joined({ province, city, district, town, line1, postcode }: Address, brackets: string): string {
  const regions = [province, city, district, town]
    .map((part) => (part === undefined ? '' : `${part} `))
    .join('')
  return `${regions}${line1 ?? ''}${postcode === undefined ? '' : brackets[0] + postcode + brackets[1]}`
}

test('in every real row the parts, joined, give back the cell', () => {
  for (const { 收货地址: cell = '' } of rows) expect(joined(readTaobaoAddress(cell), '()')).toBe(cell)
})

test('every real address has its province, city, district, town and detail', () => {
  const whole = rows.map((row) => readTaobaoAddress(row['收货地址'] ?? '')).filter((address) => address.line1)
  expect(whole.length).toBe(1984)
  for (const { province, city, district, town, line1 } of whole) {
    expect([province, city, district, town, line1]).not.toContain(undefined)
  }
})

const piece = fc.string({
  unit: fc.constantFrom('市', '县', '1', '１', '(', ')', '（', '）', '-'),
  minLength: 1,
  maxLength: 8,
})

test('whatever the pieces, the parts joined give back the cell', () => {
  const postcode = fc.option(fc.stringMatching(/^[0-9]{6}$/), { nil: undefined })
  fc.assert(
    fc.property(
      fc.array(piece, { minLength: 1, maxLength: 9 }),
      postcode,
      fc.constantFrom('()', '（）'),
      (pieces, code, brackets) => {
        const cell = `${pieces.join(' ')}。${code === undefined ? '' : brackets[0] + code + brackets[1]}`
        const address = readTaobaoAddress(cell)
        expect(joined(address, brackets)).toBe(cell)
        expect(address.postcode).toBe(code)
      },
    ),
  )
})

test.each<[string, Omit<Address, 'country'>]>([
  [
    '河南省 南阳市 淅川县 上集镇 西李家村9组195号(518000)',
    {
      province: '河南省',
      city: '南阳市',
      district: '淅川县',
      town: '上集镇',
      line1: '西李家村9组195号',
      postcode: '518000',
    },
  ],
  [
    '重庆市 县 城口县 高燕镇 中山路525号（000000）',
    {
      province: '重庆市',
      city: '县',
      district: '城口县',
      town: '高燕镇',
      line1: '中山路525号',
      postcode: '000000',
    },
  ],
  [
    '上海市 上海市 崇明区 东平镇 解放北路２３９８号 2 楼',
    {
      province: '上海市',
      city: '上海市',
      district: '崇明区',
      town: '东平镇',
      line1: '解放北路２３９８号 2 楼',
    },
  ],
  [
    '云南省 丽江市 古城区 束河街道 菜鸟驿站（幸福里小区店）',
    {
      province: '云南省',
      city: '丽江市',
      district: '古城区',
      town: '束河街道',
      line1: '菜鸟驿站（幸福里小区店）',
    },
  ],
  [
    '广东省 东莞市  长安镇 振安路1号',
    { province: '广东省', city: '东莞市', town: '长安镇', line1: '振安路1号' },
  ],
  ['香港特别行政区 九龙 弥敦道1号', { province: '香港特别行政区', city: '九龙', line1: '弥敦道1号' }],
])('%s', (cell, parts) => {
  expect(readTaobaoAddress(cell)).toEqual({ country: 'CN', ...parts })
})

test.each([
  ["'17794772678", '17794772678'],
  ['="17794772678"', '17794772678'],
  ["'135 9669 7659", '13596697659'],
  ["'１８６２９７３４５６２", '18629734562'],
  ["'+86 135-9669-7659", '+8613596697659'],
  ["'86-13800138000", '13800138000'],
  ["'13800138000-1234", '13800138000;ext=1234'],
  ["'86-010-65551234-802", '01065551234;ext=802'],
  ["'0755-86013388", '075586013388'],
  ["'1380013", '1380013'],
  ["'", ''],
  ['', ''],
])('phone %s is sent as "%s"', (cell, phone) => {
  expect(readChinesePhone(cell)).toBe(phone)
})
