import { groupSize } from '../group-size.ts'

/** A read of any number of things in one statement. */
export type ReadOfMany<Ask, Row> = {
  /** @param asks at least one, none twice. */
  read: (tenant: number, asks: readonly Ask[]) => Promise<readonly Row[]>
  /** What an ask has in common with the rows that answer it, and with no other's. */
  ofAsk: (ask: Ask) => string
  ofRow: (row: Row) => string
}

/** @returns the rows of each ask, in the order in which they were asked for. */
export type ReadOfSome<Ask, Row> = (tenant: number, asks: readonly Ask[]) => Promise<readonly Row[]>

/** How a store reads what many callers ask for at once. */
export type Share = <Ask, Row>(many: ReadOfMany<Ask, Row>) => ReadOfSome<Ask, Row>

/** Each caller has a statement of its own: for where a connection is one request's own. */
export const unshared: Share = (many) => async (tenant, asks) => (await readAll(many, tenant, asks))(asks)

/**
 * Of one kind and tenant one statement at a time in this process; what is asked meanwhile shares the next one. So each ask is
 * answered by a statement that was sent after it, and sees all that was committed before it.
 */
export const shared: Share = <Ask, Row>(many: ReadOfMany<Ask, Row>): ReadOfSome<Ask, Row> => {
  const queues = new Map<number, Waiting<Ask, Row>[]>()
  const work = async (tenant: number, queue: Waiting<Ask, Row>[]): Promise<void> => {
    // What is asked in the same turn of the event loop goes together from the first on.
    await Promise.resolve()
    while (queue.length > 0) {
      const size = groupSize(queue, ({ asks }) => asks.length)
      await answer(many, tenant, queue.splice(0, size))
    }
    queues.delete(tenant)
  }
  return (tenant, asks) =>
    new Promise((resolve, reject) => {
      const waiting = { asks, resolve, reject }
      const queue = queues.get(tenant)
      if (queue) {
        queue.push(waiting)
        return
      }
      const begun = [waiting]
      queues.set(tenant, begun)
      void work(tenant, begun)
    })
}

type Waiting<Ask, Row> = {
  asks: readonly Ask[]
  resolve: (rows: readonly Row[]) => void
  reject: (reason: unknown) => void
}

async function answer<Ask, Row>(
  many: ReadOfMany<Ask, Row>,
  tenant: number,
  group: readonly Waiting<Ask, Row>[],
): Promise<void> {
  try {
    const rowsOf = await readAll(
      many,
      tenant,
      group.flatMap(({ asks }) => asks),
    )
    for (const { asks, resolve } of group) resolve(rowsOf(asks))
  } catch (error) {
    for (const { reject } of group) reject(error)
  }
}

async function readAll<Ask, Row>(
  { read, ofAsk, ofRow }: ReadOfMany<Ask, Row>,
  tenant: number,
  asks: readonly Ask[],
): Promise<(own: readonly Ask[]) => Row[]> {
  const wanted = new Map(asks.map((ask) => [ofAsk(ask), ask]))
  const rows = wanted.size > 0 ? await read(tenant, [...wanted.values()]) : []
  const found = Map.groupBy(rows, ofRow)
  return (own) => [...new Set(own.map(ofAsk))].flatMap((key) => found.get(key) ?? [])
}
