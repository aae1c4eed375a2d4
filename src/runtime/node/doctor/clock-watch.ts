import type { Facts } from '../../../vault/doctor/facts.ts'

/** Compares, from now on, the system's time with a clock that nobody sets. */
export function watchClock(): () => NonNullable<Facts['clock']> {
  const [wallAtStart, startedAt] = [Date.now(), performance.now()]
  return () => {
    const overMs = performance.now() - startedAt
    return { movedMs: Date.now() - wallAtStart - overMs, overMs }
  }
}
