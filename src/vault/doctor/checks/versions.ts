import type { Instant } from '../../../core/time.ts'
import { toRfc3339 } from '../../../core/time.ts'
import { seenIf } from '../finding.ts'
import type { Check, Seen } from '../finding.ts'

/** https://github.com/nodejs/release#release-schedule: the end of each line with long-term support. */
const NODE_ENDS: Readonly<Record<string, string>> = { 22: '2027-04-30', 24: '2028-04-30', 26: '2029-04-30' }

/** https://www.postgresql.org/support/versioning/. */
const POSTGRES_ENDS: Readonly<Record<string, string>> = {
  15: '2027-11-11',
  16: '2028-11-09',
  17: '2029-11-08',
  18: '2030-11-14',
}

/** CVE-2025-6965, memory corruption by a query, is mended in 3.50.2. */
const SQLITE_OLDEST = [3, 50, 2]

function major(version: string): string {
  return version.split('.')[0] ?? ''
}

function isBelow(version: string, oldest: readonly number[]): boolean {
  const parts = version.split('.').map(Number)
  const at = oldest.findIndex((part, i) => (parts[i] ?? 0) !== part)
  return at >= 0 && (parts[at] ?? 0) < (oldest[at] ?? 0)
}

/** A version that ended, or has ended by now; one that this table does not know is left alone. */
function ended(
  what: string,
  version: string | undefined,
  ends: Readonly<Record<string, string>>,
  now: Instant,
): readonly Seen[] {
  const end = version === undefined ? undefined : ends[major(version)]
  return seenIf(
    end !== undefined && toRfc3339(now).slice(0, 10) > end,
    `${what} ${version} gets no mends since ${end}.`,
  )
}

export const versionChecks: readonly Check[] = [
  {
    code: 'node_ended',
    area: 'versions',
    severity: 'high',
    when: 'The line of Node has come to its end.',
    mend: 'Install a line of Node that is kept, the one in package.json or newer.',
    look: ({ versions, now }) => ended('Node', versions?.node, NODE_ENDS, now),
  },
  {
    code: 'node_unkept',
    area: 'versions',
    severity: 'medium',
    when: 'The line of Node is an odd one, which is kept for half a year only.',
    mend: 'Install an even line of Node, the one in package.json or newer.',
    look: ({ versions }) =>
      seenIf(
        versions?.node !== undefined && Number(major(versions.node)) % 2 === 1,
        `Node ${versions?.node} is of a line without long-term support.`,
      ),
  },
  {
    code: 'postgres_ended',
    area: 'versions',
    severity: 'high',
    when: 'The version of PostgreSQL has come to its end.',
    mend: 'Upgrade the server (docs/postgres.md).',
    look: ({ versions, now }) => ended('PostgreSQL', versions?.postgres, POSTGRES_ENDS, now),
  },
  {
    code: 'sqlite_old',
    area: 'versions',
    severity: 'medium',
    when: 'SQLite is older than 3.50.2, of which a fault is known.',
    mend: 'npm run setup',
    look: ({ versions }) =>
      seenIf(
        versions?.sqlite !== undefined && isBelow(versions.sqlite, SQLITE_OLDEST),
        `SQLite is ${versions?.sqlite}.`,
      ),
  },
  {
    code: 'schema_older',
    area: 'versions',
    severity: 'medium',
    when: "The database's schema is of an older version of Cloakroom.",
    mend: 'Start the service once: it brings the schema up to date.',
    look: ({ versions }) =>
      seenIf(versions?.schema === 'older', 'The schema of the database is older than this program.'),
  },
  {
    code: 'schema_newer',
    area: 'versions',
    severity: 'critical',
    when: "The database's schema is of a newer version of Cloakroom, which this one must not write to.",
    mend: 'Install the version of Cloakroom that wrote the database.',
    look: ({ versions }) =>
      seenIf(versions?.schema === 'newer', 'The schema of the database is newer than this program.'),
  },
]
