import { readFileSync } from 'node:fs'
import { chmod } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'csv-parse/sync'
import { ServiceProcess } from '../../proofs/service-process.ts'
import { Workbench, testData } from './run-import.ts'

/** The real service, the real command, both real exports: what went in comes out again, from the tokens that were given. */

type Row = Record<string, string>
type Fields = Record<string, string | Row | undefined>
type Event = { type: string; subject: string }
type Shown = { key: string; fields: Record<string, { value: string }> }

const service = new ServiceProcess()
let shop = { id: '', key: '' }

async function call<T>(key: string, path: string, body?: unknown): Promise<T> {
  const response = await fetch(service.url + path, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  if (!response.ok) throw new Error(`${path}: ${response.status} ${text}`)
  return JSON.parse(text) as T
}

beforeAll(async () => {
  await service.start()
  const { platformKey } = service
  const { id } = await call<{ id: string }>(platformKey, '/v1/parties', { kind: 'merchant', name: 'A shop' })
  await call(platformKey, `/v1/parties/${id}/status`, { status: 'active', reason: 'reviewed' })
  const { secret } = await call<{ secret: string }>(platformKey, `/v1/parties/${id}/credentials`, {
    label: 'x',
  })
  shop = { id, key: secret }
  await service.stop()
  await service.setDailyQuota(1_000_000)
  await service.start()
})

afterAll(() => service.discard())

async function importExport(format: 'shopify' | 'taobao') {
  await using bench = await Workbench.make()
  const key = await bench.write('platform.key', service.platformKey)
  await chmod(key, 0o600)
  const to = ['--url', service.url, '--key-file', key, '--party', shop.id]
  const outputs = ['--tokens', bench.tokens, '--rejects', bench.rejects]
  const file = testData(`orders.${format}.csv`)
  const ended = await bench.cloakroom('import', file, '--format', format, ...to, ...outputs)
  const [tokens, rejects] = [await bench.records(bench.tokens), await bench.records(bench.rejects)]
  return { ended, tokens, rejects }
}

/** The platform lets the shop see every imported person in full, for the law's sake. */
async function allowFull(): Promise<void> {
  const subjects = new Set<string>()
  for (let cursor = ''; cursor !== 'null';) {
    const page = await call<{ items: Event[]; next_cursor: string | null }>(
      service.platformKey,
      `/v1/events?limit=100${cursor && `&cursor=${encodeURIComponent(cursor)}`}`,
    )
    for (const { type, subject } of page.items) if (type === 'subject.stored') subjects.add(subject)
    cursor = String(page.next_cursor)
  }
  const fields = { name: 'full', phone: 'full', email: 'full', address: 'full' }
  const grant = {
    party: shop.id,
    purpose: 'legal',
    fields,
    basis: 'legal_obligation',
    until: '2099-01-01T00:00:00Z',
  }
  const left = subjects.values()
  const worker = async () => {
    for (const subject of left) await call(service.platformKey, '/v1/grants', { subject, ...grant })
  }
  await Promise.all(Array.from({ length: 16 }, worker))
}

/** What each order's tokens reveal. */
async function revealAll(tokens: readonly Row[]): Promise<Map<string, Fields>> {
  const revealed = new Map<string, Fields>()
  for (let at = 0; at < tokens.length; at += 25) {
    const rows = tokens.slice(at, at + 25)
    const items = rows.flatMap(({ order_ref = '', ...given }) =>
      Object.entries(given)
        .filter(([, token]) => token !== '')
        .map(([field, token]) => ({ key: `${order_ref}/${field}`, token, order_ref })),
    )
    const body = { purpose: 'legal', operator: { id: 'test' }, items }
    const answer = await call<{ items: Shown[] }>(shop.key, '/v1/reveal', body)
    for (const { key, fields } of answer.items) {
      const [order = '', field = ''] = key.split('/')
      revealed.set(order, {
        ...revealed.get(order),
        [field]: fields[field]!.value,
      })
    }
  }
  return revealed
}

const digits = (text: string) => text.replace(/[^0-9０-９]/g, '').normalize('NFKC')
/** Of two spellings of one number, the national one is the end of the international one. */
const samePhone = (shown: unknown, held: string) => {
  const [a, b] = [digits(String(shown)), digits(held).replace(/^0+/, '')]
  return b !== '' && (a.endsWith(b) || b.endsWith(a))
}
const part = (address: unknown, name: string) => (address as Row | undefined)?.[name] ?? ''
const joined = (address: unknown) =>
  ['province', 'city', 'district', 'town', 'line1', 'line2'].map((name) => part(address, name)).join('')
const bare = (text: string) => text.replace(/[\s\u200e\u200f]/g, '')

function shopifyDiffers(row: Row, shown: Fields | undefined): boolean {
  const { name, email, phone, address } = shown ?? {}
  const line2 = [row['Shipping Company'], row['Shipping Address2']].filter(Boolean).join('\n')
  const held = {
    country: row['Shipping Country'],
    province: row['Shipping Province'],
    city: row['Shipping City'],
    line1: row['Shipping Address1'],
    line2,
    postcode: row['Shipping Zip']?.replace(/^'/, ''),
  }
  const sameAddress = Object.entries(held).every(
    ([key, text = '']) => bare(part(address, key)) === bare(text.normalize('NFC')),
  )
  const sameEmail = (email ?? '') === row['Email']
  return !(
    name === row['Shipping Name']?.normalize('NFC') &&
    sameEmail &&
    samePhone(phone, row['Shipping Phone'] ?? '') &&
    sameAddress
  )
}

function taobaoDiffers(row: Row, shown: Fields | undefined): boolean {
  const { name, phone, address } = shown ?? {}
  const [, place = '', postcode = ''] =
    /^(.*?)(?:[(（]([^()（）]*)[)）])?$/s.exec(row['收货地址'] ?? '') ?? []
  const sameAddress = bare(joined(address)) === bare(place) && part(address, 'postcode') === postcode
  const held = [row['联系手机'] ?? '', row['联系电话'] ?? '']
  return !(
    name === row['收货人姓名'] &&
    held.some((number) => samePhone(phone, number.replace(/-\d+$/, ''))) &&
    sameAddress
  )
}

describe('every row that can be taken reveals to what it held; every other one stands in the rejects', () => {
  test.each([
    ['shopify', 1933, 67, 'Name', 'utf-8', shopifyDiffers],
    ['taobao', 1961, 39, '订单编号', 'gb18030', taobaoDiffers],
  ] as const)(
    '%s',
    { timeout: 120_000 },
    async (format, imported, rejected, refColumn, encoding, differs) => {
      const text = new TextDecoder(encoding).decode(readFileSync(testData(`orders.${format}.csv`)))
      const rows: Row[] = parse(text, { columns: true, bom: true, relax_quotes: true })
      const refOf = (row: Row) => (row[refColumn] ?? '').replace(/[="']/g, '')
      const { ended, tokens, rejects } = await importExport(format)
      expect(ended).toMatchObject({ code: 0, stdout: `${imported} imported, ${rejected} rejected\n` })
      await allowFull()
      const revealed = await revealAll(tokens)
      const taken = new Set(tokens.map((row) => row['order_ref']))
      const refused = new Set(rejects.map(refOf))
      const firstRows = [...Map.groupBy(rows, refOf).values()].map(([first = {}]) => first)
      expect(firstRows.filter((row) => taken.has(refOf(row)) === refused.has(refOf(row)))).toEqual([])
      const shown = (row: Row) => revealed.get(refOf(row))
      const wrong = firstRows.filter((row) => taken.has(refOf(row)) && differs(row, shown(row)))
      expect(wrong.map((row) => [row, shown(row)]).slice(0, 3)).toEqual([])
      const control = firstRows.filter(
        (row, i) => taken.has(refOf(row)) && differs(row, shown(firstRows[i + 1] ?? {})),
      )
      expect(control.length).toBeGreaterThan(imported / 2)
    },
  )
})
