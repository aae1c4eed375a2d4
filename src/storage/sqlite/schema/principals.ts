import { sql } from 'drizzle-orm'
import { index, integer, primaryKey, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'
import type { TenantId } from '../../../core/id.ts'
import type { KeyKind } from '../../../vault/keys/tenant-key.ts'
import type { PartyKind, PartyStatus, TenantSettings } from '../../../vault/principals/principal.ts'
import { bytes, id, moment, partyId } from '../columns.ts'
import { keyState } from '../fixed-width.ts'

/** Every other table names its tenant by `no`: one byte in a key instead of up to forty. */
export const tenants = sqliteTable(
  'tenants',
  {
    no: integer('no').primaryKey(),
    slug: text('slug').$type<TenantId>().notNull(),
    createdAt: moment('created_at').notNull(),
    settings: text('settings', { mode: 'json' }).$type<TenantSettings>().notNull(),
  },
  (table) => [uniqueIndex('tenants_slug').on(table.slug)],
)

/** Whatever changes in a row keeps its length, so that a wrapped key is overwritten where it lies. */
export const tenantKeys = sqliteTable(
  'tenant_keys',
  {
    tenant: integer('tenant').notNull(),
    kind: text('kind').$type<KeyKind>().notNull(),
    version: integer('version').notNull(),
    state: keyState('state').notNull(),
    keyId: text('key_id').notNull(),
    rootKeyId: text('root_key_id').notNull(),
    wrapped: bytes('wrapped').notNull(),
    createdAt: moment('created_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.tenant, table.kind, table.version] })],
)

export const parties = sqliteTable(
  'parties',
  {
    tenant: integer('tenant').notNull(),
    id: partyId('id').notNull(),
    kind: text('kind').$type<PartyKind>().notNull(),
    name: text('name').notNull(),
    registrationNumber: text('registration_number'),
    contact: bytes('contact'),
    status: text('status').$type<PartyStatus>().notNull(),
    version: integer('version').notNull(),
    createdAt: moment('created_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.tenant, table.id] })],
)

export const credentials = sqliteTable(
  'credentials',
  {
    tenant: integer('tenant').notNull(),
    id: id('id', 'key').notNull(),
    party: partyId('party'),
    label: text('label').notNull(),
    /** SHA-256 of the whole credential. */
    secretHash: bytes('secret_hash').notNull(),
    createdAt: moment('created_at').notNull(),
    revokedAt: moment('revoked_at'),
  },
  (table) => [
    primaryKey({ columns: [table.tenant, table.id] }),
    uniqueIndex('credentials_secret_hash').on(table.tenant, table.secretHash),
  ],
)

/** WITHOUT ROWID. */
export const sessions = sqliteTable(
  'sessions',
  {
    tenant: integer('tenant').notNull(),
    id: id('id', 'ses').notNull(),
    subject: id('subject', 'sub').notNull(),
    expiresAt: moment('expires_at').notNull(),
    endedAt: moment('ended_at'),
  },
  (table) => [
    primaryKey({ columns: [table.tenant, table.id] }),
    index('sessions_expires_at').on(table.tenant, table.expiresAt),
    index('sessions_ended_at')
      .on(table.tenant, table.endedAt)
      .where(sql`ended_at is not null`),
  ],
)
