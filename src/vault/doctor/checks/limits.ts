import type { Check } from '../finding.ts'
import { seenIf } from '../finding.ts'

const MIB = 2 ** 20

/** Sockets of callers, the database's files, witnesses and mail servers: 1,024 are soon used up. */
const OPEN_FILES = 4_096

/** A backup copies the database into the data folder first, and the write-ahead log takes its part. */
const FREE_BYTES = 1_024 * MIB

export const limitChecks: readonly Check[] = [
  {
    code: 'few_open_files',
    area: 'limits',
    severity: 'medium',
    when: 'The process may have fewer than 4,096 files and sockets open.',
    mend: '`LimitNOFILE=65536` in the unit, or `ulimit -n 65536` before the start',
    look({ limits }) {
      const count = limits?.openFiles
      return seenIf(
        count !== undefined && count < OPEN_FILES,
        `The process may have ${count} files and sockets open.`,
      )
    },
  },
  {
    code: 'disk_low',
    area: 'limits',
    severity: 'high',
    when: 'Less is free beside the database than 1 GiB and as much again as it has.',
    mend: 'Make room on the disk of the data folder: when it is full, every reveal is refused (`log_unavailable`).',
    look({ limits }) {
      const [free, used = 0] = [limits?.freeDiskBytes, limits?.databaseBytes]
      return seenIf(
        free !== undefined && free < FREE_BYTES + used,
        `${Math.floor((free ?? 0) / MIB)} MiB are free, and the database has ${Math.ceil(used / MIB)} MiB.`,
      )
    },
  },
]
