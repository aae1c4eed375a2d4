import { sql } from 'drizzle-orm'
import type { Change } from '../../../vault/changes.ts'
import type { SqliteDatabase } from '../driver.ts'
import { events, logHeads } from '../schema/index.ts'
import { arg, given, rowArgs } from '../statements.ts'
import { conflict } from './list.ts'
import type { ListContext, LogPlaces } from './list.ts'

type AuditChange = Extract<Change, { type: 'event.append' }>

/** The head is moved once for all events of a list; if the list is undone, so is the head. */
export function logPlaces(changes: readonly Change[]): LogPlaces {
  let count = 0
  let lastAt = 0
  for (const change of changes) {
    if (change.type !== 'event.append') continue
    count += 1
    lastAt = Math.max(lastAt, change.event.event.at)
  }
  return { count, lastAt, next: undefined }
}

export function auditApplier(db: SqliteDatabase) {
  const append = db
    .insert(events)
    .values({ ...rowArgs(events), no: sql`null` })
    .prepare()
  const advance = db
    .update(logHeads)
    .set({
      size: sql`${logHeads.size} + ${sql.placeholder('count')}`,
      lastAt: sql`max(coalesce(${logHeads.lastAt}, 0), ${arg(logHeads.lastAt)})`,
    })
    .where(given(logHeads.tenant))
    .returning({ size: logHeads.size })
    .prepare()
  const firstPlace = ({ tenant, log }: ListContext): number => {
    const head = advance.get({ tenant, count: log.count, last_at: log.lastAt })
    if (!head) throw conflict()
    return head.size - log.count
  }
  return ({ event: sealed }: AuditChange, list: ListContext): void => {
    const idx = list.log.next ?? firstPlace(list)
    list.log.next = idx + 1
    const { id, at, type, subject = null, party = null } = sealed.event
    const { bytes, leafHash, subjectSalt } = sealed
    append.run({ tenant: list.tenant, idx, id, at, type, subject, subjectSalt, party, bytes, leafHash })
  }
}
