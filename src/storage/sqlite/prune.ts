import { asc, inArray, or, sql } from 'drizzle-orm'
import type { VaultStore } from '../../vault/store.ts'
import type { SqliteDatabase } from './driver.ts'
import { idempotency, paidItems, sessions } from './schema/index.ts'
import { DONE } from './statements.ts'

/** Deletes at most `limit` rows that have run out. @returns how many. */
export function prune(db: SqliteDatabase, before: Parameters<VaultStore['prune']>[0], limit: number): number {
  let deleted = pruneIdempotency(db, before.idempotency, limit)
  deleted += prunePaidItems(db, before.paidItems, limit - deleted)
  return deleted + pruneSessions(db, before.sessions, limit - deleted)
}

function pruneIdempotency(db: SqliteDatabase, before: number, limit: number): number {
  const old = db
    .select({ no: idempotency.no })
    .from(idempotency)
    .where(sql`${idempotency.createdAt} < ${before}`)
    .orderBy(asc(idempotency.createdAt))
    .limit(limit)
  return db.delete(idempotency).where(inArray(idempotency.no, old)).returning(DONE).all().length
}

function prunePaidItems(db: SqliteDatabase, before: number, limit: number): number {
  const { tenant, party, item, at } = paidItems
  const old = db
    .select({ tenant, party, item })
    .from(paidItems)
    .where(sql`${at} < ${before}`)
    .orderBy(asc(at))
    .limit(limit)
  return db
    .delete(paidItems)
    .where(sql`(${tenant}, ${party}, ${item}) in ${old}`)
    .returning(DONE)
    .all().length
}

function pruneSessions(db: SqliteDatabase, before: number, limit: number): number {
  const { tenant, id, expiresAt, endedAt } = sessions
  const old = db
    .select({ tenant, id })
    .from(sessions)
    .where(or(sql`${expiresAt} < ${before}`, sql`${endedAt} < ${before}`))
    .limit(limit)
  return db
    .delete(sessions)
    .where(sql`(${tenant}, ${id}) in ${old}`)
    .returning(DONE)
    .all().length
}
