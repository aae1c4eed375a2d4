import { sql } from 'drizzle-orm'
import { index, integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import type { Incident } from '../../../vault/incidents/incident.ts'
import { id, moment } from '../columns.ts'

/** Few and read whole. `containing` says whether an action is not through, `check_at` when its clocks are looked at next. */
export const incidents = sqliteTable(
  'incidents',
  {
    tenant: integer('tenant').notNull(),
    id: id('id', 'inc').notNull(),
    kind: text('kind').$type<Incident['kind']>().notNull(),
    state: text('state').$type<Incident['state']>().notNull(),
    severity: text('severity').$type<NonNullable<Incident['severity']>>(),
    awareAt: moment('aware_at').notNull(),
    occurredFrom: moment('occurred_from'),
    occurredTo: moment('occurred_to'),
    suspects: text('suspects', { mode: 'json' }).$type<Incident['suspects']>().notNull(),
    containment: text('containment', { mode: 'json' }).$type<Incident['containment']>().notNull(),
    containing: integer('containing', { mode: 'boolean' }).notNull(),
    facts: text('facts', { mode: 'json' }).$type<Incident['facts']>().notNull(),
    clocks: text('clocks', { mode: 'json' }).$type<Incident['clocks']>().notNull(),
    counted: text('counted', { mode: 'json' }).$type<Incident['counted']>().notNull(),
    checkAt: moment('check_at'),
    steps: text('steps', { mode: 'json' }).$type<Incident['steps']>().notNull(),
    openedAt: moment('opened_at').notNull(),
    version: integer('version').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.tenant, table.id] }),
    index('incidents_containing')
      .on(table.tenant)
      .where(sql`containing = 1`),
    index('incidents_check_at')
      .on(table.checkAt)
      .where(sql`check_at is not null`),
  ],
)
