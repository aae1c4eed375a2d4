import { MINUTE_MS, SECOND_MS } from '../core/time.ts'
import type { Instant } from '../core/time.ts'
import { goOnContaining } from './incidents/contain-steps.ts'
import { sendNotices } from './incidents/notices/round.ts'
import { integrateLogs } from './log/integrate.ts'
import { cleanUp } from './retention/clean.ts'
import type { Vault } from './vault.ts'

/**
 * Work that comes back by itself, never beside itself. Safe to run twice, late, or never for a while. What it gives is when it has
 * something to do again, for a vault that nothing else wakes.
 */
export type Job = { name: string; everyMs: number; run(vault: Vault): Promise<Instant | undefined | void> }

/** A proof is ready within a second of its event. */
const INTEGRATE_EVERY_MS = 500

export const JOBS: readonly Job[] = [
  { name: 'retention', everyMs: MINUTE_MS, run: cleanUp },
  { name: 'integrate', everyMs: INTEGRATE_EVERY_MS, run: integrateLogs },
  { name: 'containment', everyMs: SECOND_MS, run: goOnContaining },
  { name: 'notices', everyMs: SECOND_MS, run: sendNotices },
]
