// `node scripts/make-orders.ts shopify|taobao COUNT FILE [SEED]`: an export of any length, made from the one in test/data
// by variation. Guards, phone shapes, line items, buyers who come back and rows that cannot be taken keep their shares.
import { createWriteStream, readFileSync } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { parse } from 'csv-parse/sync'
import { stringify } from 'csv-stringify/sync'
import { encodeGb18030 } from './gb18030.ts'
import { seeded } from './seeded.ts'

type Shape = {
  encoding: 'utf-8' | 'gb18030'
  orderRef: string
  firstNumber: number
  /** What makes a buyer another one: the last two digits of phones, the first number of the rest. */
  phones: readonly string[]
  numbers: readonly string[]
}

const SHAPES: Readonly<Record<string, Shape>> = {
  shopify: {
    encoding: 'utf-8',
    orderRef: 'Name',
    firstNumber: 1_100_000,
    phones: ['Shipping Phone'],
    numbers: ['Email', 'Shipping Address1', 'Shipping Street'],
  },
  taobao: {
    encoding: 'gb18030',
    orderRef: '订单编号',
    firstNumber: 13_900_000_000_000,
    phones: ['联系手机'],
    numbers: ['买家会员名', '收货地址'],
  },
}

type Row = Record<string, string>

function readOrders(format: string, shape: Shape): Row[][] {
  const file = new URL(`../test/data/orders.${format}.csv`, import.meta.url)
  const rows: Row[] = parse(new TextDecoder(shape.encoding).decode(readFileSync(file)), { columns: true })
  const orders: Row[][] = []
  for (const row of rows) {
    const last = orders.at(-1)
    if (last?.[0]?.[shape.orderRef] === row[shape.orderRef]) last?.push(row)
    else orders.push([row])
  }
  return orders
}

/** Changes the last two ASCII digits, so that most numbers stay numbers. */
function varyPhone(phone: string, by: number): string {
  return phone.replace(/\d\d$/, (digits) => String((Number(digits) + by) % 100).padStart(2, '0'))
}

function varyNumber(text: string, by: number): string {
  return text.replace(/\d+/, (digits) => String(Number(digits) + by))
}

function vary(row: Row, shape: Shape, number: number, round: number, by: number): Row {
  const varied = { ...row }
  varied[shape.orderRef] = (row[shape.orderRef] ?? '').replace(/\d+/, String(number))
  if (round === 0) return varied
  for (const column of shape.phones) varied[column] = varyPhone(row[column] ?? '', by)
  // A number of its own for each round: a buyer of one round is never one of another.
  for (const column of shape.numbers) varied[column] = varyNumber(row[column] ?? '', round * 10_000)
  return varied
}

/** The export as bytes, one round over the model's orders at a time; the same for the same seed. */
export function* makeOrders(format: string, count: number, seed: number): Generator<Buffer> {
  const shape = SHAPES[format]
  if (shape === undefined) throw new Error(`make-orders: no format "${format}"`)
  const encode = shape.encoding === 'gb18030' ? encodeGb18030 : (text: string) => Buffer.from(text)
  const random = seeded(seed)
  const orders = readOrders(format, shape)
  const columns = Object.keys(orders[0]?.[0] ?? {})
  yield encode(stringify([columns], { record_delimiter: 'windows', quoted_match: /\n/ }))
  for (let made = 0, round = 0; made < count; round++) {
    const by = Math.floor(random() * 100)
    const taken = orders.slice(0, count - made)
    const rows = taken.flatMap((rows, i) =>
      rows.map((row) => vary(row, shape, shape.firstNumber + made + i, round, by)),
    )
    yield encode(stringify(rows, { columns, record_delimiter: 'windows', quoted_match: /\n/ }))
    made += taken.length
  }
}

if (import.meta.main) {
  const [format = '', count = '', file = '', seed = '1'] = process.argv.slice(2)
  if (file === '') throw new Error('usage: make-orders.ts shopify|taobao COUNT FILE [SEED]')
  await pipeline(makeOrders(format, Number(count), Number(seed)), createWriteStream(file))
}
