import { sql } from 'drizzle-orm'
import { index, pgTable, primaryKey, uniqueIndex } from 'drizzle-orm/pg-core'
import type { TenantId } from '../../../core/id.ts'
import type { KeyKind, KeyState } from '../../../vault/keys/tenant-key.ts'
import type { PartyKind, PartyStatus, TenantSettings } from '../../../vault/principals/principal.ts'
import { bytes, id, json, moment, number, partyId, rowNumber, text } from '../columns.ts'

/** Every other table names its tenant by `no`: eight bytes in a key instead of up to forty. */
export const tenants = pgTable(
  'tenants',
  {
    no: rowNumber('no'),
    slug: text('slug').$type<TenantId>().notNull(),
    createdAt: moment('created_at').notNull(),
    settings: json('settings').$type<TenantSettings>().notNull(),
  },
  (table) => [uniqueIndex('tenants_slug').on(table.slug)],
)

export const tenantKeys = pgTable(
  'tenant_keys',
  {
    tenant: number('tenant').notNull(),
    kind: text('kind').$type<KeyKind>().notNull(),
    version: number('version').notNull(),
    state: text('state').$type<KeyState>().notNull(),
    keyId: text('key_id').notNull(),
    rootKeyId: text('root_key_id').notNull(),
    wrapped: bytes('wrapped').notNull(),
    createdAt: moment('created_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.tenant, table.kind, table.version] })],
)

export const parties = pgTable(
  'parties',
  {
    tenant: number('tenant').notNull(),
    id: partyId('id').notNull(),
    kind: text('kind').$type<PartyKind>().notNull(),
    name: text('name').notNull(),
    registrationNumber: text('registration_number'),
    contact: bytes('contact'),
    status: text('status').$type<PartyStatus>().notNull(),
    version: number('version').notNull(),
    createdAt: moment('created_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.tenant, table.id] })],
)

export const credentials = pgTable(
  'credentials',
  {
    tenant: number('tenant').notNull(),
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

export const sessions = pgTable(
  'sessions',
  {
    tenant: number('tenant').notNull(),
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
