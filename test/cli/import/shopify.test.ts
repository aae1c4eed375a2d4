import { expect, test } from 'vitest'
import { decodeFile } from '../../../src/cli/import/decode.ts'
import { openExport } from '../../../src/cli/import/read-orders.ts'
import type { Entry } from '../../../src/cli/import/read-orders.ts'
import { readRows } from '../../../src/cli/import/read-rows.ts'
import { shopify } from '../../../src/cli/import/shopify.ts'
import { tally, testData } from './run-import.ts'

async function entriesOf(text: AsyncIterable<string>): Promise<Entry[]> {
  const entries: Entry[] = []
  const { entries: read } = await openExport(readRows(text), shopify)
  for await (const entry of read) entries.push(entry)
  return entries
}

function realEntries(): Promise<Entry[]> {
  return entriesOf(decodeFile(testData('orders.shopify.csv'), 'utf-8', () => {}))
}

async function readOne(cells: Partial<Record<string, string>>): Promise<Entry | undefined> {
  const whole = {
    'Shipping Name': 'Ann',
    'Shipping Address1': '1 Main St',
    'Shipping Country': 'US',
    'Shipping Phone': '+12025550123',
    Name: '#1',
    ...cells,
  } as Record<string, string>
  const values = shopify.columns.map((column) => `"${(whole[column] ?? '').replaceAll('"', '""')}"`)
  async function* text() {
    yield `${shopify.columns.join(',')}\n${values.join(',')}\n`
  }
  const [entry] = await entriesOf(text())
  return entry
}

function personOf(entry: Entry | undefined) {
  return entry !== undefined && 'order' in entry ? entry.order.recipient.person : undefined
}

test('rows that go on with an order are no orders, and no row of the real file is left out', async () => {
  const entries = await realEntries()
  expect(entries.length).toBe(2000)
  expect(entries.reduce((sum, { rows }) => sum + rows.length, 0)).toBe(3242)
  expect(tally(entries.flatMap((entry) => ('refusal' in entry ? [entry.refusal] : [])))).toEqual({
    no_name: 22,
    no_address: 12,
  })
})

test('cells are sent as the shop wrote them: quotes, commas, line breaks', async () => {
  const entries = await realEntries()
  expect(entries[5]).toMatchObject({
    order: {
      ref: '#1100005',
      jurisdiction: 'MS',
      recipient: {
        externalRef: '#1100005',
        person: {
          name: 'Robert "Bob" Smith',
          phone: '+16644923625',
          email: 'buyer1.5@example.org',
          address: {
            country: 'MS',
            line1: 'Farer Plaza',
            line2: 'Unit 7\nGate code 1234',
            city: 'Brades',
            province: 'Saint Peter',
          },
        },
      },
    },
  })
})

test('the guard goes from numbers, and from nothing else', async () => {
  const person = personOf(
    await readOne({
      'Shipping Zip': "'5211",
      'Shipping Phone': "'+31 20 624-1111",
      'Shipping City': "'s-Hertogenbosch",
      'Shipping Name': "'t Hooft",
    }),
  )
  expect(person).toMatchObject({
    name: "'t Hooft",
    phone: '+31206241111',
    address: { city: "'s-Hertogenbosch", postcode: '5211' },
  })
})

test('the phone of the parcel comes before that of the account', async () => {
  expect(personOf(await readOne({ Phone: '+12025550199' }))?.phone).toBe('+12025550123')
  expect(personOf(await readOne({ Phone: '+12025550199', 'Shipping Phone': '' }))?.phone).toBe('+12025550199')
})

test('what is blank is left out, not sent empty', async () => {
  expect(personOf(await readOne({ 'Shipping City': ' ', Email: '' }))).toEqual({
    name: 'Ann',
    phone: '+12025550123',
    address: { country: 'US', line1: '1 Main St' },
  })
})

test('a company stands in the address, on a line of its own', async () => {
  const person = personOf(await readOne({ 'Shipping Company': 'ACME', 'Shipping Address2': 'Floor 2' }))
  expect(person?.address.line2).toBe('ACME\nFloor 2')
})

test.each([
  [{ 'Shipping Name': ' ' }, 'no_name'],
  [{ 'Shipping Address1': '' }, 'no_address'],
  [{ 'Shipping Country': '' }, 'no_country'],
  [{ 'Shipping Phone': "'" }, 'no_phone'],
  [{ Name: '# 1' }, 'order_ref_invalid'],
])('%o is refused as %s', async (cells, refusal) => {
  expect(await readOne(cells)).toMatchObject({ refusal })
})
