import { sql } from 'drizzle-orm'
import { index, pgTable, primaryKey } from 'drizzle-orm/pg-core'
import type { SuspectId } from '../../../vault/incidents/incident.ts'
import type { Holder, HoldMode } from '../../../vault/watch/hold.ts'
import type { WatchSettings } from '../../../vault/watch/settings.ts'
import type { Signal } from '../../../vault/watch/signal.ts'
import { id, json, moment, number, text } from '../columns.ts'

/** Who is denied or slowed, until the holder lets go or the time has come. */
export const holds = pgTable(
  'holds',
  {
    tenant: number('tenant').notNull(),
    suspect: text('suspect').$type<SuspectId>().notNull(),
    holder: text('holder').$type<Holder>().notNull(),
    mode: text('mode').$type<HoldMode>().notNull(),
    until: moment('until'),
  },
  (table) => [primaryKey({ columns: [table.tenant, table.suspect, table.holder] })],
)

/** Holds that signals and persons placed, those too that are over. */
export const riskHolds = pgTable(
  'risk_holds',
  {
    tenant: number('tenant').notNull(),
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
    version: number('version').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.tenant, table.id] }),
    index('risk_holds_until')
      .on(table.until)
      .where(sql`cleared_at is null and until is not null`),
  ],
)

/** `about` is empty where a signal is about the tenant as a whole; `alert_at` says when an alert is to be tried. */
export const signals = pgTable(
  'signals',
  {
    tenant: number('tenant').notNull(),
    id: id('id', 'sig').notNull(),
    detector: text('detector').notNull(),
    about: text('about').notNull(),
    code: text('code').notNull(),
    severity: text('severity').$type<Signal['severity']>().notNull(),
    state: text('state').$type<Signal['state']>().notNull(),
    figures: json('figures').$type<Signal['figures']>().notNull(),
    implicated: json('implicated').$type<Signal['implicated']>().notNull(),
    evidence: json('evidence').$type<Signal['evidence']>().notNull(),
    actions: json('actions').$type<Signal['actions']>().notNull(),
    alerts: json('alerts').$type<Signal['alerts']>().notNull(),
    settled: json('settled').$type<NonNullable<Signal['settled']>>(),
    count: number('count').notNull(),
    firstAt: moment('first_at').notNull(),
    lastAt: moment('last_at').notNull(),
    hold: id('hold', 'hld'),
    incident: id('incident', 'inc'),
    event: id('event', 'evt').notNull(),
    alertAt: moment('alert_at'),
    version: number('version').notNull(),
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
export const watches = pgTable('watches', {
  tenant: number('tenant').primaryKey(),
  cursor: number('cursor').notNull(),
  version: number('version').notNull(),
  settings: json('settings').$type<WatchSettings>(),
  settingsVersion: number('settings_version').notNull(),
})

/** What detectors know. Removed once nothing has touched it for a while. */
export const watchCells = pgTable(
  'watch_cells',
  {
    tenant: number('tenant').notNull(),
    key: text('key').notNull(),
    state: json('state').$type<object>().notNull(),
    at: moment('at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.tenant, table.key] })],
)
