/**
 * What a group holds of steps, changes or asks before it takes no more: the last one in it then waits for no more than some 40 ms
 * of others' work.
 */
const MAX_WEIGHT = 4_000

/** @returns how many at the front of the queue go together: the first however heavy, and others while there is room. */
export function groupSize<T>(queue: readonly T[], weigh: (waiting: T) => number): number {
  let weight = 0
  let size = 0
  for (const waiting of queue) {
    weight += weigh(waiting)
    if (size > 0 && weight > MAX_WEIGHT) break
    size += 1
  }
  return size
}
