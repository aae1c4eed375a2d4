import { eq, exists, sql } from 'drizzle-orm'
import { unreachable } from '../../../core/errors.ts'
import type { Change } from '../../../vault/changes.ts'
import { isAtWork } from '../../../vault/incidents/notices/notice.ts'
import type { PostgresDatabase } from '../driver.ts'
import { insertEach } from '../rows.ts'
import { noticeDeliveries, notices } from '../schema/index.ts'
import { DONE, all, arg, given, must, rowArgs, statement } from '../statements.ts'
import type { Apply } from './list.ts'

type NoticeChange = Extract<Change, { type: `notice.${string}` | `delivery.${string}` }>

function prepare(db: PostgresDatabase) {
  const { state, editedBy, approvedBy, approvedAt, cursor, atWork, version } = notices
  const rows = noticeDeliveries
  const ofRow = [given(rows.tenant), given(rows.notice), given(rows.recipient)]
  const isSent = db
    .select(DONE)
    .from(notices)
    .where(all(given(notices.tenant), given(notices.id, 'notice'), eq(notices.state, 'sending')))
  const put = db
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
    .where(all(given(notices.tenant), given(notices.id), given(version, 'expected')))
    .returning(DONE)
  const claim = db
    .update(rows)
    .set({ attempts: sql`${rows.attempts} + 1`, nextAt: arg(rows.nextAt), at: arg(rows.at) })
    .where(all(...ofRow, eq(rows.state, 'queued'), given(rows.attempts), exists(isSent)))
    .returning(DONE)
  const settle = db
    .update(rows)
    .set({ state: arg(rows.state), nextAt: arg(rows.nextAt), code: arg(rows.code), at: arg(rows.at) })
    .where(all(...ofRow, given(rows.state, 'from'), given(rows.attempts)))
    .returning(DONE)
  return {
    insert: statement(db.insert(notices).values(rowArgs(notices))),
    put: must(put),
    enrol: insertEach(noticeDeliveries),
    claim: must(claim),
    settle: must(settle),
  }
}

export function noticeApplier(db: PostgresDatabase): Apply<NoticeChange> {
  const statements = prepare(db)
  return (change, { tenant }) => {
    switch (change.type) {
      case 'notice.insert': {
        const { notice } = change
        return [statements.insert({ tenant, ...notice, atWork: isAtWork(notice) })]
      }
      case 'notice.put': {
        const { notice, expectedVersion: expected } = change
        const { id, state, cursor, editedBy: edited_by, approvedBy: approved_by } = notice
        const moved = { version: expected + 1, at_work: isAtWork(notice), approved_at: notice.approvedAt }
        return [statements.put({ tenant, id, state, cursor, edited_by, approved_by, ...moved, expected })]
      }
      case 'delivery.enrol': {
        const { notice, rows, at } = change
        return rows.map(({ recipient, state }) => {
          const nextAt = state === 'queued' ? at : null
          const row = { notice, recipient, state, attempts: 0, nextAt, code: null, since: at, at }
          return statements.enrol({ tenant, ...row })
        })
      }
      case 'delivery.claim': {
        const { notice, recipient, attempts, until: next_at, at } = change
        return [statements.claim({ tenant, notice, recipient, attempts, next_at, at })]
      }
      case 'delivery.settle': {
        const { notice, delivery, from } = change
        const { recipient, state, attempts, nextAt: next_at, code, at } = delivery
        return [statements.settle({ tenant, notice, recipient, state, attempts, next_at, code, at, from })]
      }
      default:
        return unreachable(change)
    }
  }
}
