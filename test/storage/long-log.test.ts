import { expect, onTestFinished, test } from 'vitest'
import { instant } from '../../src/core/time.ts'
import type { EventFilter } from '../../src/vault/store.ts'
import { openInside, removeFolder, tempFolder } from './opened.ts'
import { ACME, AT, append, newId, newTenant } from './sample.ts'

const EVENTS = 22_000
const MINUTE = 60_000
const RARE = [3, 12_000, 21_990]

/** A log in which one type is rare, and its pages with a filter that matches little. */
async function longLog() {
  const folder = tempFolder()
  const { store, client } = openInside(folder)
  onTestFinished(async () => {
    await store.close()
    removeFolder(folder)
  })
  await store.commit(ACME, newTenant(ACME).changes)
  const party = newId.courier()
  const list = Array.from({ length: EVENTS }, (_, i) =>
    append({
      at: instant(AT + i * MINUTE),
      type: RARE.includes(i) ? 'credential.issued' : 'reveal.allowed',
      party,
    }),
  )
  await store.commit(ACME, list)
  return { store, client, party }
}

test.each(['oldest', 'newest'] as const)(
  'a filter that matches little costs bounded work a page, and misses nothing (%s first)',
  async (order) => {
    const { store, party } = await longLog()
    const filters: Omit<EventFilter, 'order'>[] = [
      { types: ['credential.issued'] },
      { types: ['credential.issued'], party },
    ]
    for (const filter of filters) {
      const found: number[] = []
      let pages = 0
      for (let after: string | null | undefined; after !== null; pages++) {
        const page = await store.listEvents(
          ACME,
          { ...filter, order },
          { limit: 50, ...(after && { after }) },
        )
        found.push(...page.rows.map(({ index }) => index))
        after = page.next
      }
      expect(found).toEqual(order === 'oldest' ? RARE : RARE.toReversed())
      expect(pages).toBe(3)
    }
  },
)

test('a time is found without walking there', async () => {
  const { store } = await longLog()
  const filter = {
    from: instant(AT + 20_000 * MINUTE),
    to: instant(AT + 20_003 * MINUTE),
    order: 'oldest',
  } as const
  const page = await store.listEvents(ACME, filter, { limit: 50 })
  expect(page.rows.map(({ index }) => index)).toEqual([20_000, 20_001, 20_002])
  expect(page.next).toBeNull()
})

test('lists by person and by party are read from their own indexes', async () => {
  const { client } = await longLog()
  for (const column of ['person', 'party']) {
    const plan = client
      .prepare(
        `explain query plan select place from events
         where place >= 0 and place < 100 and ${column} = 'x' order by place desc limit 10`,
      )
      .all() as { detail: string }[]
    expect(plan.map(({ detail }) => detail)).toEqual([
      `SEARCH events USING COVERING INDEX events_${column} (${column}=? AND rowid>? AND rowid<?)`,
    ])
  }
})
