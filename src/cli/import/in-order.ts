/**
 * Runs `work` on up to `limit` items at a time and gives the results in the items' order. After a failure nothing new is
 * begun; what was under way is left to end unheard.
 */
export async function* inOrder<Item, Result>(
  items: AsyncIterable<Item>,
  limit: number,
  work: (item: Item) => Promise<Result>,
): AsyncGenerator<Result> {
  const underWay: Promise<Result>[] = []
  for await (const item of items) {
    const result = work(item)
    // Failures are met in turn, when the result is asked for; until then they must not count as unhandled.
    result.catch(() => undefined)
    underWay.push(result)
    const oldest = underWay.length >= limit ? underWay.shift() : undefined
    if (oldest !== undefined) yield await oldest
  }
  for (const result of underWay) yield await result
}
