import { readFile } from 'node:fs/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { problem, startFakeService } from './fake-service.ts'
import type { FakeService } from './fake-service.ts'
import { Workbench, tally, testData } from './run-import.ts'

let service: FakeService
let bench: Workbench

beforeEach(async () => {
  service = await startFakeService()
  bench = await Workbench.make()
})

afterEach(async () => {
  await service.close()
  await bench[Symbol.asyncDispose]()
})

const COLUMNS = [
  'Name', 'Email', 'Phone', 'Shipping Name', 'Shipping Address1', 'Shipping Address2', 'Shipping Company',
  'Shipping City', 'Shipping Zip', 'Shipping Province', 'Shipping Country', 'Shipping Phone',
] // prettier-ignore

function shopifyRow(ref: string, phone = '+12025550123', line1 = '1 Main St'): string {
  return `${ref},a@example.com,,Ann,${line1},,,Springfield,'01101,MA,US,${phone}\n`
}

function shopifyFile(...rows: string[]): Promise<string> {
  return bench.write('orders.csv', `${COLUMNS.join(',')}\n${rows.join('')}`)
}

describe('the real exports', () => {
  test('every Shopify order is imported or rejected with its reason, and none is lost', async () => {
    const ended = await bench.import(service, testData('orders.shopify.csv'), 'shopify')
    const tokens = await bench.records(bench.tokens)
    const rejects = await bench.records(bench.rejects)
    const orders = new Set(rejects.map((row) => row.Name ?? ''))

    expect(ended).toMatchObject({
      code: 0,
      stdout: `${tokens.length} imported, ${orders.size} rejected\n`,
      stderr: '',
    })
    expect(tokens.length + orders.size).toBe(2000)
    const firstRows = rejects.filter((row) => row['Financial Status'] !== '')
    expect(tally(firstRows.map((row) => row.reason ?? ''))).toEqual({
      no_name: 22,
      no_address: 12,
      phone_invalid: 24,
      email_invalid: 9,
    })
    expect(service.redirected).toBe(0)
  })

  test('every Taobao order is imported or rejected with its reason, and none is lost', async () => {
    const ended = await bench.import(service, testData('orders.taobao.csv'), 'taobao')
    const rejects = await bench.records(bench.rejects)
    expect(ended).toMatchObject({ code: 0, stdout: '1961 imported, 39 rejected\n', stderr: '' })
    expect(tally(rejects.map((row) => row.reason ?? ''))).toEqual({ no_address: 16, phone_invalid: 23 })
    expect(service.redirected).toBe(0)
  })

  test('the tokens file has one line an order in the order of the export', async () => {
    await bench.import(service, testData('orders.shopify.csv'), 'shopify')
    const refs = (await bench.records(bench.tokens)).map((row) => row.order_ref ?? '')
    expect(refs).toEqual([...refs].sort())
    expect(new Set(refs).size).toBe(refs.length)
    expect((await readFile(bench.tokens, 'utf8')).split('\n')[0]).toBe('order_ref,name,phone,email,address')
  })
})

test('an order that is rejected goes to the rejects with all its rows, columns untouched, lines counted', async () => {
  const text = await readFile(testData('orders.shopify.csv'), 'utf8')
  await bench.import(service, testData('orders.shopify.csv'), 'shopify')
  const lines = text.split('\n')
  const rejects = await bench.records(bench.rejects)
  for (const row of rejects) expect(lines[Number(row.line) - 1]).toMatch(new RegExp(`^${row.Name},`))
  const rejected = new Set(rejects.map((row) => row.Name ?? ''))
  const rowsInFile = lines.filter((line) => rejected.has(line.split(',')[0] ?? ''))
  expect(rejects.length).toBe(rowsInFile.length)
})

test('rejects of a GB18030 export can be corrected and imported as they are', async () => {
  await bench.import(service, testData('orders.taobao.csv'), 'taobao')
  const rejects = await readFile(bench.rejects, 'utf8')
  const corrected = await bench.write('again.csv', rejects.replaceAll("'1380013,", "'13800138000,"))
  const ended = await bench.import(service, corrected, 'taobao', '--overwrite')
  expect(ended.stdout).toBe('23 imported, 16 rejected\n')
})

test('an e-mail that is not there leaves its cell empty', async () => {
  await bench.import(service, testData('orders.taobao.csv'), 'taobao')
  const [first] = await bench.records(bench.tokens)
  expect(first).toMatchObject({ order_ref: '13900000000000', email: '' })
  expect(first?.address).toMatch(/^tok_/)
})

test('batches keep to 250 orders, and each is asked under a key of its own', async () => {
  await bench.import(service, testData('orders.taobao.csv'), 'taobao')
  expect(service.calls.map(({ body }) => body.items.length)).toEqual([250, 250, 250, 250, 250, 250, 250, 234])
  expect(new Set(service.calls.map(({ key }) => key)).size).toBe(8)
})

test('a service that is busy or away is asked again under the same key, and nothing is doubled', async () => {
  service.intercept = (call) =>
    ({
      1: problem(503, 'unavailable'),
      2: problem(429, 'rate_limited'),
      4: problem(409, 'idempotency_in_flight'),
    })[call]
  const ended = await bench.import(service, await shopifyFile(shopifyRow('#1')), 'shopify')
  expect(ended.stdout).toBe('1 imported, 0 rejected\n')
  expect(service.calls.length).toBe(3)
  expect(new Set(service.calls.map(({ key }) => key)).size).toBe(1)
})

test('Retry-After is waited for', async () => {
  service.intercept = (call) =>
    call === 1 ? { ...problem(429, 'rate_limited'), headers: { 'retry-after': '1' } } : undefined
  const file = await shopifyFile(shopifyRow('#1'))
  const started = performance.now()
  const ended = await bench.import(service, file, 'shopify')
  expect(ended.code).toBe(0)
  expect(performance.now() - started).toBeGreaterThan(1000)
})

test('a call that is refused ends the import with the reason, and the next run goes on from there', async () => {
  service.intercept = (call) => (call >= 7 ? problem(403, 'party_not_active') : undefined)
  const file = testData('orders.taobao.csv')
  const ended = await bench.import(service, file, 'taobao')
  expect(ended).toMatchObject({ code: 1, stdout: '' })
  expect(ended.stderr).toContain('403 party_not_active')

  service.intercept = () => undefined
  const asked = service.calls.length
  expect(await bench.import(service, file, 'taobao')).toMatchObject({
    code: 0,
    stdout: '1961 imported, 39 rejected\n',
  })
  expect(service.calls.length - asked).toBeLessThan(8)
})

test('a wrong credential is named, not shown', async () => {
  const file = await shopifyFile(shopifyRow('#1'))
  await bench.write('key', 'ck_default_another')
  const ended = await bench.import(service, file, 'shopify')
  expect(ended.code).toBe(1)
  expect(ended.stderr).toContain('--key-file')
  expect(ended.stderr).not.toContain('ck_default_another')
})

test('one item that makes the call invalid is rejected alone', async () => {
  service.intercept = (_, body) => {
    const at = body.items.findIndex((item) => item.person.name === 'Bad')
    if (at === -1) return undefined
    return problem(400, 'invalid_request', {
      errors: [{ pointer: `/items/${at}/person/name`, code: 'too_long' }],
    })
  }
  const rows = [shopifyRow('#1'), shopifyRow('#2').replace('Ann', 'Bad'), shopifyRow('#3')]
  const ended = await bench.import(service, await shopifyFile(...rows), 'shopify')
  expect(ended.stdout).toBe('2 imported, 1 rejected\n')
  expect((await bench.records(bench.rejects)).map(({ Name, reason }) => [Name, reason])).toEqual([
    ['#2', 'too_long'],
  ])
})

test('a second phone is tried once when the first is refused, for a recipient of its own', async () => {
  const header = '订单编号,收货人姓名,收货地址,联系电话,联系手机\n'
  const place = '浙江省 杭州市 西湖区 古荡街道 文三路1号'
  const file = await bench.write(
    'taobao.csv',
    `\ufeff${header}1,王伟,${place},'0571-86013388,'1380013\n2,王伟,${place},'86-010-65551234-802,'13800138000\n` +
      `3,王伟,${place},'123,'1380013\n4,王伟,${place},'0571-86013388,'\n`,
  )
  const ended = await bench.import(service, file, 'taobao')
  expect(ended.stdout).toBe('3 imported, 1 rejected\n')
  expect([...service.persons].map(([ref, person]) => [ref, JSON.parse(person).phone])).toEqual([
    ['2', '13800138000'],
    ['1/2', '057186013388'],
  ])
  expect(service.redirected).toBe(0)
})

test('outputs that no journal accounts for are not written over unasked', async () => {
  const file = await shopifyFile(shopifyRow('#1'))
  await bench.write('tokens.csv', 'mine')
  const refused = await bench.import(service, file, 'shopify')
  expect(refused.code).toBe(1)
  expect(refused.stderr).toContain('--overwrite')
  expect(await bench.outputs()).toEqual({ 'tokens.csv': 'mine' })
  expect((await bench.import(service, file, 'shopify', '--overwrite')).code).toBe(0)
})

test('a key file that others can read is warned of', async () => {
  const { chmod } = await import('node:fs/promises')
  await chmod(`${bench.folder}/key`, 0o644)
  const ended = await bench.import(service, await shopifyFile(shopifyRow('#1')), 'shopify')
  expect(ended.code).toBe(0)
  expect(ended.stderr).toContain('chmod 600')
})

test('a file of the other shop is refused by its columns before anything is sent or written', async () => {
  const ended = await bench.import(service, testData('orders.taobao.csv'), 'shopify')
  expect(ended.code).toBe(1)
  expect(ended.stderr).toContain('Not a shopify export')
  expect(service.calls).toEqual([])
  expect(await bench.outputs()).toEqual({})
})
