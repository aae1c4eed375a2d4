import { sql } from 'drizzle-orm'
import { VaultError } from '../../core/errors.ts'
import type { VaultStore } from '../../vault/store.ts'
import { listApplier } from './apply/index.ts'
import { Basis } from './basis.ts'
import type { SqliteDriver } from './driver.ts'
import { GroupCommit } from './group-commit.ts'
import { grantNumbers, personNumbers } from './row-numbers.ts'
import { hidingRemoved } from '../removed-events.ts'
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
import { tenantNumbers } from './reads/tenants.ts'
import { tokenReads } from './reads/tokens.ts'
import { watchReads } from './reads/watch.ts'
import { probe, tenants } from './schema/index.ts'

export type StoreOptions = {
  /** Called once if written data may be lost: the process must stop and start again from what is on disk. */
  onFatal: (cause: unknown) => void
}

/** The storage port on one SQLite connection whose schema is in place. */
export function sqliteStore(driver: SqliteDriver, { onFatal }: StoreOptions): VaultStore {
  const { db } = driver
  const numbers = tenantNumbers(db)
  const persons = personNumbers(db)
  const grants = grantNumbers(db)
  const basis = new Basis()
  const group = new GroupCommit(
    driver,
    numbers,
    listApplier(db, driver.rowsOf, { persons, grants }),
    basis,
    onFatal,
  )
  for (const { slug } of db.select({ slug: tenants.slug }).from(tenants).all()) group.appended.add(slug)
  let closed: Promise<void> | undefined

  const whyClosed = () => closed && new VaultError('shutting_down', 'The service is shutting down.')
  const refuseIfClosed = () => {
    const reason = whyClosed()
    if (reason) throw reason
  }
  const probeWrite = db
    .insert(probe)
    .values({ no: 1, writes: 1 })
    .onConflictDoUpdate({ target: probe.no, set: { writes: sql`${probe.writes} + 1` } })
    .prepare()

  const ping = () => {
    try {
      if (group.health === 'lost') throw new Error('a flush to disk has failed')
      if (group.health === 'not_writing') group.alone(() => probeWrite.run())
      db.get(sql`select 1`)
    } catch (cause) {
      throw new VaultError('unavailable', 'The store does not answer.', { cause })
    }
  }

  const reads = {
    ...principalReads(db, numbers, basis),
    ...keyReads(db, numbers),
    ...recordReads(db, numbers),
    ...tokenReads(db, numbers, persons),
    ...shipmentReads(db, numbers),
    ...parcelReads(db, numbers, { persons, grants }),
    ...grantReads(db, numbers),
    ...requestReads(db, numbers),
    ...logReads(db, numbers, group.appended),
    ...hidingRemoved(auditReads(db, numbers, persons)),
    ...retentionReads(db, numbers),
    ...incidentReads(db, numbers),
    ...holdReads(db, numbers, basis),
    ...watchReads(db, numbers),
    ...noticeReads(db, numbers),
    ...canaryReads(db, numbers),
    ...scanReads(db, numbers, persons),
  }
  return {
    ...guarded(reads, whyClosed),
    mark: (tenant) => group.mark(tenant),
    async commit(tenant, changes, mark) {
      refuseIfClosed()
      return group.commit(tenant, changes, mark)
    },
    async ping() {
      refuseIfClosed()
      ping()
    },
    close() {
      closed ??= group.drain().then(() => driver.close())
      return closed
    },
  }
}

type Reads = Record<string, (...args: never[]) => Promise<unknown>>

/** The same reads, each of which first asks `guard` whether it may. */
function guarded<R extends Reads>(reads: R, guard: () => Error | undefined): R {
  const entries = Object.entries(reads).map(([name, read]) => [
    name,
    (...args: never[]) => {
      const closed = guard()
      return closed ? Promise.reject(closed) : read(...args)
    },
  ])
  return Object.fromEntries(entries) as R
}
