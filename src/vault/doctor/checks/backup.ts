import { DAY_MS, HOUR_MS, toRfc3339 } from '../../../core/time.ts'
import { seenIf } from '../finding.ts'
import type { Check } from '../finding.ts'

const FRESH_MS = 2 * DAY_MS

export const backupChecks: readonly Check[] = [
  {
    code: 'backup_missing',
    area: 'backup',
    severity: 'high',
    when: 'No backup was made of this data folder, nor lies in the folder that `--backups` names.',
    mend: 'cloakroom backup --to <file> --recipient <age1…>',
    look: ({ backup }) => seenIf(backup?.newestAt === null, 'No backup is known.'),
  },
  {
    code: 'backup_old',
    area: 'backup',
    severity: 'medium',
    when: 'The newest backup is older than two days.',
    mend: 'cloakroom backup --to <file> --recipient <age1…>, at least daily by a timer',
    look({ backup, now }) {
      const newest = backup?.newestAt
      if (newest === undefined || newest === null || now - newest <= FRESH_MS) return []
      const hours = Math.floor((now - newest) / HOUR_MS)
      return [{ seen: `The newest backup is of ${toRfc3339(newest)}, ${hours} hours ago.` }]
    },
  },
  {
    code: 'tombstones_off',
    area: 'settings',
    severity: 'medium',
    when: 'On SQLite, erasures after a backup are kept nowhere else, and a restore brings the erased back.',
    mend: 'Set CLOAKROOM_TOMBSTONES to a file on another disk (docs/backup.md).',
    look: ({ settings }) =>
      seenIf(
        settings?.engine === 'sqlite' && !settings.tombstones,
        'Erasures and revocations since the last backup are in the data folder alone.',
      ),
  },
]
