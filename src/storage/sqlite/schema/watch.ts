import { sql } from 'drizzle-orm'
import { index, integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import type { SuspectId } from '../../../vault/incidents/incident.ts'
import type { Holder, HoldMode } from '../../../vault/watch/hold.ts'
import type { WatchSettings } from '../../../vault/watch/settings.ts'
import type { Signal } from '../../../vault/watch/signal.ts'
import { id, moment } from '../columns.ts'

/** Who is denied or slowed, until the holder lets go or the time has come. WITHOUT ROWID. */
export const holds = sqliteTable(
  'holds',
  {
    tenant: integer('tenant').notNull(),
    suspect: text('suspect').$type<SuspectId>().notNull(),
    holder: text('holder').$type<Holder>().notNull(),
    mode: text('mode').$type<HoldMode>().notNull(),
    until: moment('until'),
  },
  (table) => [primaryKey({ columns: [table.tenant, table.suspect, table.holder] })],
)

/** Holds that signals and persons placed, those too that are over. */
export const riskHolds = sqliteTable(
  'risk_holds',
  {
    tenant: integer('tenant').notNull(),
    id: id('id', 'hld').notNull(),
    suspect: text('suspect').$type<SuspectId>().notNull(),
    mode: text('mode').$type<HoldMode>().notNull(),
    signal: id('signal', 'sig'),
    placedBy: id('placed_by', 'key'),
    placedAt: moment('placed_at').notNull(),
    until: moment('until'),
    event: id('event', 'evt').notNull(),
    clearedAt: moment('cleared_at'),
    clearedBy: id('cleared_by', 'key'),
    clearedEvent: id('cleared_event', 'evt'),
    version: integer('version').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.tenant, table.id] }),
    index('risk_holds_until')
      .on(table.until)
      .where(sql`cleared_at is null and until is not null`),
  ],
)

/** `about` is empty where a signal is about the tenant as a whole; `alert_at` says when an alert is to be tried. */
export const signals = sqliteTable(
  'signals',
  {
    tenant: integer('tenant').notNull(),
    id: id('id', 'sig').notNull(),
    detector: text('detector').notNull(),
    about: text('about').notNull(),
    code: text('code').notNull(),
    severity: text('severity').$type<Signal['severity']>().notNull(),
    state: text('state').$type<Signal['state']>().notNull(),
    figures: text('figures', { mode: 'json' }).$type<Signal['figures']>().notNull(),
    implicated: text('implicated', { mode: 'json' }).$type<Signal['implicated']>().notNull(),
    evidence: text('evidence', { mode: 'json' }).$type<Signal['evidence']>().notNull(),
    actions: text('actions', { mode: 'json' }).$type<Signal['actions']>().notNull(),
    alerts: text('alerts', { mode: 'json' }).$type<Signal['alerts']>().notNull(),
    settled: text('settled', { mode: 'json' }).$type<NonNullable<Signal['settled']>>(),
    count: integer('count').notNull(),
    firstAt: moment('first_at').notNull(),
    lastAt: moment('last_at').notNull(),
    hold: id('hold', 'hld'),
    incident: id('incident', 'inc'),
    event: id('event', 'evt').notNull(),
    alertAt: moment('alert_at'),
    version: integer('version').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.tenant, table.id] }),
    index('signals_about').on(table.tenant, table.detector, table.about, table.lastAt),
    index('signals_alert_at')
      .on(table.alertAt)
      .where(sql`alert_at is not null`),
  ],
)

/** One row a tenant: how far its detectors are, and what it has set. */
export const watches = sqliteTable('watches', {
  tenant: integer('tenant').primaryKey(),
  cursor: integer('cursor').notNull(),
  version: integer('version').notNull(),
  settings: text('settings', { mode: 'json' }).$type<WatchSettings>(),
  settingsVersion: integer('settings_version').notNull(),
})

/** What detectors know. Removed once nothing has touched it for a while. */
export const watchCells = sqliteTable(
  'watch_cells',
  {
    tenant: integer('tenant').notNull(),
    key: text('key').notNull(),
    state: text('state', { mode: 'json' }).$type<object>().notNull(),
    at: moment('at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.tenant, table.key] })],
)
