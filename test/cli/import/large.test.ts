import { createWriteStream } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { expect, test } from 'vitest'
import { makeOrders } from '../../../scripts/make-orders.ts'
import { startFakeService } from './fake-service.ts'
import { Workbench, testData } from './run-import.ts'

/** What one import may take, whatever the export's length. */
const MAX_RSS_MIB = 350

async function importMade(format: string, count: number) {
  await using bench = await Workbench.make()
  const service = await startFakeService()
  // Only the command is measured: the service says yes to everything and remembers nothing.
  service.intercept = (_, { items }) => {
    service.calls.length = 0
    const tokens = { name: 'tok_n', phone: 'tok_p', address: 'tok_a' }
    return { status: 200, body: { items: items.map(({ key }) => ({ key, status: 'created', tokens })) } }
  }
  const file = join(bench.folder, 'orders.csv')
  await pipeline(makeOrders(format, count, 1), createWriteStream(file))
  const ended = await bench.import(service, file, format)
  await service.close()
  return ended
}

test('100,000 orders fit in the memory of one import', async () => {
  const ended = await importMade('shopify', 100_000)
  expect(ended).toMatchObject({ code: 0, stdout: '98300 imported, 1700 rejected\n' })
  expect(ended.maxRssMiB).toBeLessThan(MAX_RSS_MIB)
})

test.each(['shopify', 'taobao'])(
  'made orders are the model itself as far as that goes: %s',
  async (format) => {
    const made = Buffer.concat([...makeOrders(format, 2_000, 7)])
    expect(made.equals(await readFile(testData(`orders.${format}.csv`)))).toBe(true)
  },
)
