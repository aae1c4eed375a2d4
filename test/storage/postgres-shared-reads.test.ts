import { expect, test } from 'vitest'
import { shared, unshared } from '../../src/storage/postgres/shared-reads.ts'
import type { ReadOfMany, Share } from '../../src/storage/postgres/shared-reads.ts'

type Row = { id: string; value: number }

/** A table whose statements see what it holds when they are sent, and answer when they are told to. */
function table(rows: Record<string, number>) {
  const statements: { tenant: number; asks: readonly string[]; answer(): void; fail(): void }[] = []
  const many: ReadOfMany<string, Row> = {
    read: (tenant, asks) => {
      const seen = asks.flatMap((id) => (id in rows ? [{ id, value: rows[id] ?? 0 }] : []))
      return new Promise((resolve, reject) => {
        statements.push({
          tenant,
          asks,
          answer: () => resolve(seen.toReversed()),
          fail: () => reject(new Error('gone')),
        })
      })
    },
    ofAsk: (id) => id,
    ofRow: ({ id }) => id,
  }
  return { rows, statements, many }
}

/** Until everything that can go on has gone on. */
const settled = () => new Promise<void>((resolve) => setImmediate(resolve))

test('what is asked at once goes as one statement, and each has its own rows in its own order, none twice', async () => {
  const { many, statements } = table({ a: 1, b: 2, c: 3 })
  const read = shared(many)
  const answers = Promise.all([read(1, ['b', 'a', 'b']), read(1, ['x']), read(1, ['c', 'a'])])
  await settled()
  expect(statements.map(({ asks }) => asks)).toEqual([['b', 'a', 'x', 'c']])
  statements[0]?.answer()
  expect((await answers).map((rows) => rows.map(({ id }) => id))).toEqual([['b', 'a'], [], ['c', 'a']])
})

/** Asks, lets somebody commit while the statement is under way, and asks again. */
async function readAfterCommit(share: Share): Promise<number | undefined> {
  const { many, rows, statements } = table({ a: 1 })
  const read = share(many)
  const first = read(1, ['a'])
  await settled()
  rows['a'] = 2
  const second = read(1, ['a'])
  for (let sent = 0; sent < 2; sent++) {
    statements[sent]?.answer()
    await settled()
  }
  expect((await first)[0]?.value).toBe(1)
  return (await second)[0]?.value
}

test('an ask is never answered by a statement that was sent before it', async () => {
  expect(await readAfterCommit(shared)).toBe(2)
  expect(await readAfterCommit(unshared)).toBe(2)
  // The control: a share that has whoever comes wait for what is under way.
  const stale: Share = (many) => {
    let under: ReturnType<typeof many.read> | undefined
    return async (tenant, asks) => (under ??= many.read(tenant, asks).finally(() => (under = undefined)))
  }
  expect(await readAfterCommit(stale)).toBe(1)
})

test('a statement that fails fails for its own callers, and the next is sent', async () => {
  const { many, statements } = table({ a: 1 })
  const read = shared(many)
  const failing = Promise.allSettled([read(1, ['a']), read(1, ['b'])])
  await settled()
  const next = read(1, ['a'])
  statements[0]?.fail()
  expect((await failing).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  await settled()
  statements[1]?.answer()
  expect(await next).toEqual([{ id: 'a', value: 1 }])
})

test('no statement is about two tenants, and none waits for another tenant’s', async () => {
  const { many, statements } = table({ a: 1 })
  const read = shared(many)
  void read(1, ['a'])
  const other = read(2, ['a'])
  await settled()
  expect(statements.map(({ tenant }) => tenant)).toEqual([1, 2])
  statements[1]?.answer()
  expect(await other).toEqual([{ id: 'a', value: 1 }])
})

test('a statement has room for some thousands of asks; nobody waits for ever, and nobody is split', async () => {
  const { many, statements } = table({})
  const read = shared(many)
  const asks = (caller: number, count: number) => Array.from({ length: count }, (_, i) => `${caller}-${i}`)
  const all = Promise.all([0, 1, 2, 3].map((caller) => read(1, asks(caller, caller === 3 ? 9_000 : 1_900))))
  for (let sent = 0; sent < 3; sent++) {
    await settled()
    statements[sent]?.answer()
  }
  await all
  expect(statements.map((one) => one.asks.length)).toEqual([3_800, 1_900, 9_000])
})

test('nothing asked for is nothing sent', async () => {
  const { many, statements } = table({ a: 1 })
  expect(await shared(many)(1, [])).toEqual([])
  expect(await unshared(many)(1, [])).toEqual([])
  expect(statements).toEqual([])
})
