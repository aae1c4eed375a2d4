import type { Change } from '../../../vault/changes.ts'
import type { SqliteDatabase } from '../driver.ts'
import { placeOf } from '../log-place.ts'
import { lastEvent } from '../reads/audit.ts'
import { events } from '../schema/index.ts'
import { rowArgs } from '../statements.ts'
import type { ListContext } from './list.ts'

type AuditChange = Extract<Change, { type: 'event.append' }>

/** The next place is the one after the last event that is there: an undone list leaves no gap. */
export function auditApplier(db: SqliteDatabase) {
  const last = lastEvent(db)
  const append = db.insert(events).values(rowArgs(events)).prepare()
  return ({ event: sealed }: AuditChange, { tenant, logSizes }: ListContext): void => {
    const index = logSizes.get(tenant) ?? (last(tenant)?.index ?? -1) + 1
    logSizes.set(tenant, index + 1)
    const { id, at, type, subject = null, party = null } = sealed.event
    const { bytes, leafHash, subjectSalt } = sealed
    const place = placeOf(tenant, index)
    append.run({ place, id, at, type, subject, subjectSalt, party, bytes, leafHash })
  }
}
