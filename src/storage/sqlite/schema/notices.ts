import { sql } from 'drizzle-orm'
import { index, integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import type { Delivery, Notice } from '../../../vault/incidents/notices/notice.ts'
import { id, moment } from '../columns.ts'

/** Few. `at_work` says whether the job has something left to do. */
export const notices = sqliteTable(
  'notices',
  {
    tenant: integer('tenant').notNull(),
    id: id('id', 'ntc').notNull(),
    incident: id('incident', 'inc').notNull(),
    audience: text('audience').$type<Notice['audience']>().notNull(),
    jurisdiction: text('jurisdiction'),
    channel: text('channel').$type<Notice['channel']>().notNull(),
    state: text('state').$type<Notice['state']>().notNull(),
    draftedBy: id('drafted_by', 'key').notNull(),
    draftedAt: moment('drafted_at').notNull(),
    editedBy: id('edited_by', 'key').notNull(),
    approvedBy: id('approved_by', 'key'),
    approvedAt: moment('approved_at'),
    seed: text('seed').notNull(),
    cursor: integer('cursor').notNull(),
    atWork: integer('at_work', { mode: 'boolean' }).notNull(),
    version: integer('version').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.tenant, table.id] }),
    index('notices_incident').on(table.tenant, table.incident),
    index('notices_at_work')
      .on(table.id)
      .where(sql`at_work = 1`),
  ],
)

/** One row a recipient: of a notice to persons the number of the person's row. WITHOUT ROWID. */
export const noticeDeliveries = sqliteTable(
  'notice_deliveries',
  {
    tenant: integer('tenant').notNull(),
    notice: id('notice', 'ntc').notNull(),
    recipient: integer('recipient').notNull(),
    state: text('state').$type<Delivery['state']>().notNull(),
    attempts: integer('attempts').notNull(),
    nextAt: moment('next_at'),
    code: text('code'),
    since: moment('since').notNull(),
    at: moment('at').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.tenant, table.notice, table.recipient] }),
    index('notice_deliveries_next')
      .on(table.tenant, table.notice, table.nextAt)
      .where(sql`next_at is not null`),
  ],
)
