import { MINUTE_MS, toRfc3339 } from '../../../core/time.ts'
import { seenIf } from '../finding.ts'
import type { Check } from '../finding.ts'

/** A checkpoint follows an event within a second; what takes so long does not come by itself any more. */
const COVER_MS = MINUTE_MS

/** Witnesses are asked again after a minute at most. */
const COSIGN_MS = 10 * MINUTE_MS

const LOCAL_LOG = 'cloakroom.localhost'

export const logChecks: readonly Check[] = [
  {
    code: 'log_behind',
    area: 'tenants',
    severity: 'high',
    when: 'Events are under no checkpoint a minute after the last of them.',
    mend: 'Look for `job_failed` in the log of the service, then start it anew; `cloakroom fsck` on the stopped service tells more.',
    look: ({ tenants = [], now }) =>
      tenants
        .filter(({ log }) => log.covered < log.size && log.lastAt !== null && now - log.lastAt > COVER_MS)
        .map(({ tenant, log }) => ({
          seen: `The checkpoint of tenant ${tenant} covers ${log.covered} of ${log.size} events.`,
        })),
  },
  {
    code: 'no_witness',
    area: 'settings',
    severity: 'medium',
    when: 'Nobody outside cosigns the checkpoints, so that a log set back is found only by who kept one.',
    mend: 'Set CLOAKROOM_WITNESSES (docs/witness.md), or keep checkpoints elsewhere and give them to `cloakroom fsck --checkpoint`.',
    look: ({ settings }) => seenIf(settings?.witnesses === 'none', 'No witness cosigns the logs.'),
  },
  {
    code: 'witness_behind',
    area: 'tenants',
    severity: 'high',
    when: 'Witnesses are set, and the newest events are not cosigned for ten minutes.',
    mend: 'Look for `witness` in the log of the service: it says what each of them answered.',
    look: ({ tenants = [], settings, now }) =>
      tenants
        .filter(({ log }) => typeof settings?.witnesses === 'object' && log.cosigned < log.covered)
        .filter(({ log }) => now - (log.cosignedAt ?? 0) > COSIGN_MS)
        .map(({ tenant, log }) => ({
          seen: `${log.cosigned} of ${log.covered} events of tenant ${tenant} are cosigned, last ${log.cosignedAt === null ? 'never' : toRfc3339(log.cosignedAt)}.`,
        })),
  },
  {
    code: 'log_name_local',
    area: 'settings',
    severity: 'low',
    when: 'In production the logs have the name of a machine of nobody.',
    mend: 'Set CLOAKROOM_LOG_NAME to a name that is yours, before the first checkpoint: a log keeps the one that it has.',
    look: ({ settings }) =>
      seenIf(
        settings?.environment === 'production' && settings.logName.startsWith(LOCAL_LOG),
        `New logs begin with ${settings?.logName}.`,
      ),
  },
]
