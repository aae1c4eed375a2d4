import { MINUTE_MS, SECOND_MS } from '../core/time.ts'
import type { Instant } from '../core/time.ts'
import { lookOutForTouches } from './canaries/look-out.ts'
import { checkClocks, nextClockCheck } from './incidents/check-clocks.ts'
import { goOnContaining } from './incidents/contain-steps.ts'
import { nextSending, sendNotices } from './incidents/notices/round.ts'
import { integrateLogs } from './log/integrate.ts'
import { cleanUp } from './retention/clean.ts'
import type { Vault } from './vault.ts'
import { sendAlerts } from './watch/alerts.ts'
import { endHolds } from './watch/service.ts'
import { nextWatch, watchLogs } from './watch/watch-log.ts'

/** Work that comes back by itself, never beside itself. Safe to run twice, late, or never for a while. */
export type Job = {
  name: string
  everyMs: number
  run(vault: Vault): Promise<void>
  /** When it is needed by then, for a runner that sleeps meanwhile. */
  nextAt?(vault: Vault): Promise<Instant | undefined>
}

/** A proof is ready within a second of its event. */
const INTEGRATE_EVERY_MS = 500

/** The shortest limit of any law is an hour. */
const CHECK_CLOCKS_EVERY_MS = 10 * SECOND_MS

/** How long a thief has before anybody looks. */
const WATCH_EVERY_MS = 500

/** An alarm stands within a second of the touch. */
const CANARIES_EVERY_MS = 250

export const JOBS: readonly Job[] = [
  { name: 'retention', everyMs: MINUTE_MS, run: cleanUp },
  { name: 'integrate', everyMs: INTEGRATE_EVERY_MS, run: integrateLogs },
  { name: 'containment', everyMs: SECOND_MS, run: goOnContaining },
  { name: 'notices', everyMs: SECOND_MS, run: sendNotices, nextAt: nextSending },
  { name: 'clocks', everyMs: CHECK_CLOCKS_EVERY_MS, run: checkClocks, nextAt: nextClockCheck },
  { name: 'watch', everyMs: WATCH_EVERY_MS, run: watchLogs, nextAt: nextWatch },
  { name: 'alerts', everyMs: SECOND_MS, run: sendAlerts, nextAt: (vault) => vault.store.nextAlert() },
  { name: 'canaries', everyMs: CANARIES_EVERY_MS, run: lookOutForTouches },
  { name: 'holds', everyMs: 10 * SECOND_MS, run: endHolds, nextAt: (vault) => vault.store.nextHoldEnd() },
]
