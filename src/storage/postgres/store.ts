import { DrizzleQueryError, sql } from 'drizzle-orm'
import { VaultError } from '../../core/errors.ts'
import type { VaultStore } from '../../vault/store.ts'
import { hidingRemoved } from '../removed-events.ts'
import { Commits } from './commit.ts'
import type { PostgresDatabase, PostgresDriver } from './driver.ts'
import { auditReads } from './reads/audit.ts'
import { canaryReads } from './reads/canaries.ts'
import { grantReads } from './reads/grants.ts'
import { holdReads } from './reads/holds.ts'
import { incidentReads } from './reads/incidents.ts'
import { keyReads } from './reads/keys.ts'
import { logReads } from './reads/log.ts'
import { noticeReads } from './reads/notices.ts'
import { parcelReads } from './reads/parcels.ts'
import { principalReads } from './reads/principals.ts'
import { recordReads } from './reads/records.ts'
import { requestReads } from './reads/requests.ts'
import { retentionReads } from './reads/retention.ts'
import { scanReads } from './reads/scans.ts'
import { shipmentReads } from './reads/shipments.ts'
import { tokenReads } from './reads/tokens.ts'
import { watchReads } from './reads/watch.ts'
import { shared, unshared } from './shared-reads.ts'
import { tenantNumbers } from './tenants.ts'

/** The storage port on a PostgreSQL database whose schema is in place; any number of processes may have one each. */
export function postgresStore(driver: PostgresDriver): VaultStore {
  const { db } = driver
  const share = driver.alone ? unshared : shared
  const numbers = tenantNumbers(db, share)
  const commits = new Commits(driver, numbers)
  const begun = new Set<Promise<unknown>>()
  let closed: Promise<void> | undefined

  /** Refuses once the store is closed; until then the store closes only after it. */
  const whileOpen = async <T>(work: () => Promise<T>): Promise<T> => {
    if (closed) throw new VaultError('shutting_down', 'The service is shutting down.')
    const done = work().catch((error: unknown) => {
      throw withoutArguments(error)
    })
    begun.add(done)
    return done.finally(() => begun.delete(done))
  }
  const reads = {
    ...principalReads(db, numbers, share),
    ...keyReads(db, numbers),
    ...recordReads(db, numbers, share),
    ...tokenReads(db, numbers, share),
    ...shipmentReads(db, numbers, share),
    ...parcelReads(db, numbers, share),
    ...grantReads(db, numbers, share),
    ...requestReads(db, numbers, share),
    ...logReads(db, numbers),
    ...hidingRemoved(auditReads(db, numbers)),
    ...retentionReads(db, numbers),
    ...incidentReads(db, numbers),
    ...holdReads(db, numbers, share),
    ...watchReads(db, numbers),
    ...noticeReads(db, numbers),
    ...canaryReads(db, numbers, share),
    ...scanReads(db, numbers),
  }
  return {
    ...guarded(reads, whileOpen),
    // Others write too: what a list rests on is always checked.
    mark: () => undefined,
    commit: (tenant, changes) => whileOpen(() => commits.commit(tenant, changes)),
    ping: () => whileOpen(() => requireWriter(db)),
    close() {
      closed ??= Promise.allSettled(begun).then(() => driver.close())
      return closed
    },
  }
}

/** @throws VaultError `unavailable` if what answers is a standby: it reads what may be old, and cannot write. */
async function requireWriter(db: PostgresDatabase): Promise<void> {
  const standby = sql<boolean>`pg_is_in_recovery()`
  const [server] = await db.select({ standby }).from(sql`(select 1) as one`)
  if (server?.standby !== false) throw new VaultError('unavailable', 'The database is a standby.')
}

/** Drizzle's own error says the statement with all its arguments, and would carry them into a log. */
function withoutArguments(error: unknown): unknown {
  return error instanceof DrizzleQueryError ? error.cause : error
}

type Reads = Record<string, (...args: never[]) => Promise<unknown>>
type Guard = <T>(work: () => Promise<T>) => Promise<T>

function guarded<R extends Reads>(reads: R, guard: Guard): R {
  const entries = Object.entries(reads).map(([name, read]) => [
    name,
    (...args: never[]) => guard(() => read(...args)),
  ])
  return Object.fromEntries(entries) as R
}
