import { sql } from 'drizzle-orm'
import type { Change } from '../../../vault/changes.ts'
import type { SqliteDatabase } from '../driver.ts'
import { lastEvent } from '../reads/audit.ts'
import { events } from '../schema/index.ts'
import { rowArgs } from '../statements.ts'
import type { ListContext } from './list.ts'

type AuditChange = Extract<Change, { type: 'event.append' }>

/** The next place is the one after the last event that is there: an undone list leaves no gap. */
export function auditApplier(db: SqliteDatabase) {
  const last = lastEvent(db)
  const append = db
    .insert(events)
    .values({ ...rowArgs(events), no: sql`null` })
    .prepare()
  return ({ event: sealed }: AuditChange, list: ListContext): void => {
    const { tenant } = list
    const idx = list.nextIndex ?? (last.get({ tenant })?.idx ?? -1) + 1
    list.nextIndex = idx + 1
    const { id, at, type, subject = null, party = null } = sealed.event
    const { bytes, leafHash, subjectSalt } = sealed
    append.run({ tenant, idx, id, at, type, subject, subjectSalt, party, bytes, leafHash })
  }
}
