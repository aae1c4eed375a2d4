import { HOUR_MS, MINUTE_MS, after } from '../core/time.ts'
import { integrateLogs } from './log/integrate.ts'
import { PAID_FOR_MS } from './quota/quota.ts'
import { IDEMPOTENCY_LIVES_MS } from './requests/idempotency.ts'
import type { Vault } from './vault.ts'

/** Work that comes back by itself, never beside itself. Safe to run twice, late, or never for a while. */
export type Job = { name: string; everyMs: number; run(vault: Vault): Promise<void> }

/** Small bites, so that no request waits behind a big one. */
const PRUNE_ROWS = 500

async function prune(vault: Vault): Promise<void> {
  const now = vault.clock.now()
  const before = {
    idempotency: after(now, -IDEMPOTENCY_LIVES_MS),
    paidItems: after(now, -PAID_FOR_MS),
    // A session that ran out an hour ago is refused by its own token already.
    sessions: after(now, -HOUR_MS),
  }
  for (let deleted = PRUNE_ROWS; deleted >= PRUNE_ROWS;) deleted = await vault.store.prune(before, PRUNE_ROWS)
}

/** A proof is ready within a second of its event. */
const INTEGRATE_EVERY_MS = 500

export const JOBS: readonly Job[] = [
  { name: 'prune', everyMs: MINUTE_MS, run: prune },
  { name: 'integrate', everyMs: INTEGRATE_EVERY_MS, run: integrateLogs },
]
