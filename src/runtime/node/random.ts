import { randomFillSync } from 'node:crypto'
import type { Random } from '../../core/id.ts'

/** A call to the operating system costs about as much for a few bytes as for this many. */
const POOL_BYTES = 8 * 1024

const pool = new Uint8Array(POOL_BYTES)
let used = POOL_BYTES

/** The operating system's generator, read in larger pieces. Each byte is given out once and leaves the pool. */
export const random: Random = (length) => {
  if (length > POOL_BYTES) return randomFillSync(new Uint8Array(length))
  if (used + length > POOL_BYTES) {
    randomFillSync(pool)
    used = 0
  }
  const bytes = pool.slice(used, used + length)
  pool.fill(0, used, used + length)
  used += length
  return bytes
}
