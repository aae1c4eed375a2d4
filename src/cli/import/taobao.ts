import { readChinesePhone, unguard } from './cells.ts'
import type { Cell, Format } from './format.ts'
import { isBlank, toAddress } from './order.ts'
import type { Address, Reading } from './order.ts'

/** A postcode of China: six digits in brackets at the very end; `(幸福里小区店)` is not one. */
const POSTCODE_AT_END = /^(?<place>.*)[(\uff08](?<postcode>[0-9０-９]{6})[)\uff09]$/s

/**
 * `province city district town detail(postcode)`, parted by single spaces. Parts are places in the text: a municipality
 * stands twice (`上海市 上海市 崇明区`), a city without districts leaves an empty one (`广东省 东莞市  长安镇`), and the
 * detail may hold spaces of its own. With fewer than five pieces the last is the detail. Every part stays as written, so
 * that joined by spaces they give back the cell.
 */
export function readTaobaoAddress(cell: string): Address {
  const text = cell.trim()
  const { place = text, postcode = '' } = POSTCODE_AT_END.exec(text)?.groups ?? {}
  const pieces = place.split(' ')
  const regions = pieces.slice(0, Math.min(4, pieces.length - 1))
  const [province = '', city = '', district = '', town = ''] = regions
  const line1 = pieces.slice(regions.length).join(' ')
  return toAddress('CN', { province, city, district, town, line1, postcode })
}

function read(cell: Cell): Reading {
  const name = cell('收货人姓名')
  const address = readTaobaoAddress(cell('收货地址'))
  const mobile = readChinesePhone(cell('联系手机'))
  const landLine = readChinesePhone(cell('联系电话'))
  if (isBlank(name)) return { refusal: 'no_name' }
  if (address.line1 === undefined) return { refusal: 'no_address' }
  const phone = mobile || landLine
  if (phone === '') return { refusal: 'no_phone' }
  const second = landLine === '' || landLine === phone ? {} : { secondPhone: landLine }
  return { draft: { person: { name, phone, address }, ...second, locale: 'zh-Hans', jurisdiction: 'CN' } }
}

export const taobao: Format = {
  name: 'taobao',
  encoding: 'gb18030',
  columns: ['订单编号', '收货人姓名', '收货地址', '联系电话', '联系手机'],
  ordersContinue: false,
  orderRef: (cell) => unguard(cell('订单编号')),
  read,
}
