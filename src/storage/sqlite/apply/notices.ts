import { and, eq, exists, sql } from 'drizzle-orm'
import { unreachable } from '../../../core/errors.ts'
import type { Change } from '../../../vault/changes.ts'
import { isAtWork } from '../../../vault/incidents/notices/notice.ts'
import type { SqliteDatabase } from '../driver.ts'
import { noticeDeliveries, notices } from '../schema/index.ts'
import { DONE, arg, given, rowArgs } from '../statements.ts'
import { must } from './list.ts'
import type { ListContext } from './list.ts'

type NoticeChange = Extract<Change, { type: `notice.${string}` | `delivery.${string}` }>

function prepare(db: SqliteDatabase) {
  const { state, editedBy, approvedBy, approvedAt, cursor, atWork, version } = notices
  const rows = noticeDeliveries
  const ofRow = [given(rows.tenant), given(rows.notice), given(rows.recipient)]
  const isSent = db
    .select(DONE)
    .from(notices)
    .where(and(given(notices.tenant), given(notices.id, 'notice'), eq(notices.state, 'sending')))
  return {
    insert: db.insert(notices).values(rowArgs(notices)).prepare(),
    put: db
      .update(notices)
      .set({
        state: arg(state),
        editedBy: arg(editedBy),
        approvedBy: arg(approvedBy),
        approvedAt: arg(approvedAt),
        cursor: arg(cursor),
        atWork: arg(atWork),
        version: arg(version),
      })
      .where(and(given(notices.tenant), given(notices.id), given(version, 'expected')))
      .returning(DONE)
      .prepare(),
    enrol: db.insert(rows).values(rowArgs(rows)).prepare(),
    claim: db
      .update(rows)
      .set({ attempts: sql`${rows.attempts} + 1`, nextAt: arg(rows.nextAt), at: arg(rows.at) })
      .where(and(...ofRow, eq(rows.state, 'queued'), given(rows.attempts), exists(isSent)))
      .returning(DONE)
      .prepare(),
    settle: db
      .update(rows)
      .set({
        state: arg(rows.state),
        nextAt: arg(rows.nextAt),
        code: arg(rows.code),
        at: arg(rows.at),
      })
      .where(and(...ofRow, given(rows.state, 'from'), given(rows.attempts)))
      .returning(DONE)
      .prepare(),
  }
}

export function noticeApplier(db: SqliteDatabase) {
  const statements = prepare(db)
  return (change: NoticeChange, { tenant }: ListContext): void => {
    switch (change.type) {
      case 'notice.insert': {
        const { notice } = change
        statements.insert.run({ tenant, ...notice, atWork: isAtWork(notice) })
        return
      }
      case 'notice.put': {
        const { notice, expectedVersion: expected } = change
        const { id, state, cursor, editedBy: edited_by, approvedBy: approved_by } = notice
        const moved = { version: expected + 1, at_work: isAtWork(notice), approved_at: notice.approvedAt }
        const row = { id, state, cursor, edited_by, approved_by, ...moved }
        return must(statements.put.get({ tenant, ...row, expected }))
      }
      case 'delivery.enrol': {
        const { notice, rows, at } = change
        for (const { recipient, state } of rows) {
          const nextAt = state === 'queued' ? at : null
          const row = { notice, recipient, state, attempts: 0, nextAt, code: null, since: at, at }
          statements.enrol.run({ tenant, ...row })
        }
        return
      }
      case 'delivery.claim': {
        const { notice, recipient, attempts, until: next_at, at } = change
        return must(statements.claim.get({ tenant, notice, recipient, attempts, next_at, at }))
      }
      case 'delivery.settle': {
        const { notice, delivery, from } = change
        const { recipient, state, attempts, nextAt: next_at, code, at } = delivery
        const row = { notice, recipient, state, attempts, next_at, code, at, from }
        return must(statements.settle.get({ tenant, ...row }))
      }
      default:
        return unreachable(change)
    }
  }
}
