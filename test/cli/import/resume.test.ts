import { appendFile, readFile, writeFile } from 'node:fs/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { startFakeService } from './fake-service.ts'
import type { FakeService } from './fake-service.ts'
import { Workbench, testData } from './run-import.ts'

const FILE = testData('orders.shopify.csv')

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

/** What an import leaves that nobody disturbs. */
async function undisturbed() {
  await using quiet = await Workbench.make()
  const other = await startFakeService()
  const { stdout } = await quiet.import(other, FILE, 'shopify')
  const state = { stdout, outputs: await quiet.outputs(), persons: new Map(other.persons) }
  await other.close()
  return state
}

type Moment = { before?: number; after?: number }

/** Ends the process at a call: before it is worked on, or once its answer is out. */
async function importAndKill({ before, after }: Moment): Promise<void> {
  service.intercept = (call) => {
    if (call === before) bench.kill()
    return undefined
  }
  service.afterReply = (call) => {
    if (call === after) bench.kill()
  }
  const ended = await bench.import(service, FILE, 'shopify')
  expect(ended.code).toBe(null)
  service.intercept = () => undefined
  service.afterReply = () => {}
}

const MOMENTS: Moment[] = [{ before: 1 }, { after: 1 }, { before: 4 }, { before: 8 }, { after: 8 }]

test.each(MOMENTS)('killed at call %o, the next run leaves what an undisturbed one would', async (moment) => {
  const whole = await undisturbed()
  await importAndKill(moment)
  const { stdout } = await bench.import(service, FILE, 'shopify')
  const state = { stdout, outputs: await bench.outputs(), persons: new Map(service.persons) }
  expect(state).toEqual(whole)
  expect(service.redirected).toBe(0)
})

test('killed again and again, it still comes to the same end', async () => {
  const whole = await undisturbed()
  for (const more of [8, 3, 2]) await importAndKill({ before: service.calls.length + more })
  await bench.import(service, FILE, 'shopify')
  expect(await bench.outputs()).toEqual(whole.outputs)
  expect(new Map(service.persons)).toEqual(whole.persons)
})

test('what was written behind the last entry of the journal is cut off', async () => {
  const whole = await undisturbed()
  await importAndKill({ before: 8 })
  await appendFile(bench.tokens, '#1100999,tok_half')
  await bench.import(service, FILE, 'shopify')
  expect(await bench.outputs()).toEqual(whole.outputs)
})

test('negative control: a journal that forgets how far it was doubles lines', async () => {
  const whole = await undisturbed()
  await importAndKill({ before: 8 })
  const state = JSON.parse(await readFile(bench.journal, 'utf8'))
  state.progress.done = 0
  await writeFile(bench.journal, JSON.stringify(state))
  await bench.import(service, FILE, 'shopify')
  expect(state.progress.tokensBytes).toBeGreaterThan(1000)
  expect((await bench.records(bench.tokens)).length).toBeGreaterThan(
    whole.outputs['tokens.csv']!.split('\n').length,
  )
})

test('a resume asks for what was under way under the same keys', async () => {
  await importAndKill({ after: 3 })
  const before = service.calls.length
  await bench.import(service, FILE, 'shopify')
  const [first, again] = [service.calls.slice(0, before), service.calls.slice(before)]
  const repeated = again.filter(({ key }) => first.some((call) => call.key === key))
  expect(repeated.length).toBeGreaterThan(0)
  for (const { key, body } of repeated) expect(first.find((call) => call.key === key)?.body).toEqual(body)
})

test('an export that was changed in between is not gone on with', async () => {
  const copy = await bench.write('orders.csv', await readFile(FILE))
  service.intercept = (call) => {
    if (call === 4) bench.kill()
    return undefined
  }
  await bench.import(service, copy, 'shopify')
  service.intercept = () => undefined
  const before = await bench.outputs()
  // One digit in the last row: the size stays.
  const bytes = await readFile(copy)
  bytes.write('9', bytes.length - 3)
  await writeFile(copy, bytes)
  const ended = await bench.import(service, copy, 'shopify')
  expect(ended.code).toBe(1)
  expect(ended.stderr).toContain('the export has changed')
  expect(await bench.outputs()).toEqual(before)
})
