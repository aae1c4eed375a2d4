import { instant } from '../../../core/time.ts'
import type { Clock, Instant } from '../../../core/time.ts'

/** A clock that runs like the system's and may be set forward, so that made-up days can pass. Never goes back. */
export class DrillClock implements Clock {
  #behindMs = 0
  #last = 0

  constructor(start: Instant) {
    this.be(start)
  }

  now(): Instant {
    this.#last = Math.max(this.#last, Date.now() - this.#behindMs)
    return instant(this.#last)
  }

  be(at: Instant): void {
    this.#behindMs = Date.now() - Math.max(at, this.#last)
  }
}
