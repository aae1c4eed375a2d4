import { SECOND_MS, toRfc3339 } from '../../../core/time.ts'
import type { Check } from '../finding.ts'

/** What time services correct in small steps stays far below this. */
const JUMP_MS = 5 * SECOND_MS
const AHEAD_MS = SECOND_MS

export const clockChecks: readonly Check[] = [
  {
    code: 'clock_moved',
    area: 'clock',
    severity: 'medium',
    when: "The system's time was moved by more than five seconds while the process ran.",
    mend: 'Let a time service (chrony, systemd-timesyncd) keep the clock, and look at `timedatectl`.',
    look({ clock }) {
      if (!clock || Math.abs(clock.movedMs) <= JUMP_MS) return []
      const way = clock.movedMs > 0 ? 'forward' : 'back'
      const seconds = Math.round(Math.abs(clock.movedMs) / SECOND_MS)
      return [{ seen: `The clock went ${way} by ${seconds} s since the process started.` }]
    },
  },
  {
    code: 'clock_behind_log',
    area: 'tenants',
    severity: 'high',
    when: 'The newest event of a log is later than the time now: the vault’s own clock stands still until then.',
    mend: 'Set the clock right; if it was ahead before, wait: rules of time do not run meanwhile.',
    look: ({ tenants = [], now }) =>
      tenants.flatMap(({ tenant, log }) =>
        log.lastAt !== null && log.lastAt - now > AHEAD_MS
          ? [
              {
                seen: `The log of tenant ${tenant} ends at ${toRfc3339(log.lastAt)}; it is ${toRfc3339(now)}.`,
              },
            ]
          : [],
      ),
  },
]
