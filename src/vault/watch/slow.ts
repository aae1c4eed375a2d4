import { VaultError } from '../../core/errors.ts'
import { SECOND_MS } from '../../core/time.ts'
import type { Instant } from '../../core/time.ts'
import type { SuspectId } from '../incidents/incident.ts'
import type { Vault } from '../vault.ts'
import type { Held } from './hold.ts'
import { SLOW_EVERY_MS } from './memory.ts'

/**
 * Lets a call through every few seconds where a hold slows one of those who look. Each process counts for itself.
 * @throws VaultError `rate_limited`, naming the hold.
 */
export function slowDown(
  vault: Pick<Vault, 'watch'>,
  held: readonly Held[],
  looking: readonly SuspectId[],
  now: Instant,
): void {
  for (const { suspect, mode, holder } of held) {
    if (mode !== 'slow' || !looking.includes(suspect)) continue
    const waitMs = vault.watch.waitMs(suspect, now)
    if (waitMs === 0) continue
    throw new VaultError(
      'rate_limited',
      `Slowed to a call every ${SLOW_EVERY_MS / SECOND_MS} s by ${holder}.`,
      {
        retryAfterS: Math.ceil(waitMs / SECOND_MS),
      },
    )
  }
}
