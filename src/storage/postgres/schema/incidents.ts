import { sql } from 'drizzle-orm'
import { boolean, index, pgTable, primaryKey } from 'drizzle-orm/pg-core'
import type { Incident } from '../../../vault/incidents/incident.ts'
import { id, json, moment, number, text } from '../columns.ts'

/** Few and read whole. `containing` says whether an action is not through, `check_at` when its clocks are looked at next. */
export const incidents = pgTable(
  'incidents',
  {
    tenant: number('tenant').notNull(),
    id: id('id', 'inc').notNull(),
    kind: text('kind').$type<Incident['kind']>().notNull(),
    state: text('state').$type<Incident['state']>().notNull(),
    severity: text('severity').$type<NonNullable<Incident['severity']>>(),
    awareAt: moment('aware_at').notNull(),
    occurredFrom: moment('occurred_from'),
    occurredTo: moment('occurred_to'),
    suspects: json('suspects').$type<Incident['suspects']>().notNull(),
    containment: json('containment').$type<Incident['containment']>().notNull(),
    containing: boolean('containing').notNull(),
    facts: json('facts').$type<Incident['facts']>().notNull(),
    clocks: json('clocks').$type<Incident['clocks']>().notNull(),
    counted: json('counted').$type<Incident['counted']>().notNull(),
    checkAt: moment('check_at'),
    steps: json('steps').$type<Incident['steps']>().notNull(),
    openedAt: moment('opened_at').notNull(),
    version: number('version').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.tenant, table.id] }),
    index('incidents_containing')
      .on(table.tenant)
      .where(sql`containing`),
    index('incidents_check_at')
      .on(table.checkAt)
      .where(sql`check_at is not null`),
  ],
)
