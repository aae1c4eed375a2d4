import { instant } from '../core/time.ts'
import type { Clock } from '../core/time.ts'

/**
 * The system's time, which may be set back; this clock then stands still until it is caught up.
 * @param notBefore when the last event of any log was made, in milliseconds: a restart never goes behind it.
 */
export function createClock(notBefore: number): Clock {
  let last = notBefore
  return {
    now() {
      last = Math.max(last, Date.now())
      return instant(last)
    },
  }
}
