import { and, asc, eq, gt } from 'drizzle-orm'
import { toHex } from '../../../core/bytes.ts'
import { parsePartyId } from '../../../core/id.ts'
import type { PartyId } from '../../../core/id.ts'
import type { Party } from '../../../vault/principals/principal.ts'
import type { Listed, PrincipalReads } from '../../../vault/store.ts'
import type { Basis } from '../basis.ts'
import type { SqliteDatabase } from '../driver.ts'
import { credentials, parties, sessions, tenants } from '../schema/index.ts'
import { given } from '../statements.ts'
import { badCursor } from '../../cursor.ts'
import type { TenantNumbers } from './tenants.ts'

const PARTY = {
  id: parties.id,
  kind: parties.kind,
  name: parties.name,
  registrationNumber: parties.registrationNumber,
  contact: parties.contact,
  status: parties.status,
  version: parties.version,
  createdAt: parties.createdAt,
}

const CREDENTIAL = {
  id: credentials.id,
  party: credentials.party,
  label: credentials.label,
  createdAt: credentials.createdAt,
  revokedAt: credentials.revokedAt,
}

function prepare(db: SqliteDatabase) {
  return {
    tenant: db.select().from(tenants).where(given(tenants.slug)).prepare(),
    caller: db
      .select({ credential: CREDENTIAL, party: PARTY })
      .from(credentials)
      .leftJoin(parties, and(eq(parties.tenant, credentials.tenant), eq(parties.id, credentials.party)))
      .where(and(given(credentials.tenant), given(credentials.secretHash)))
      .prepare(),
    credential: db
      .select(CREDENTIAL)
      .from(credentials)
      .where(and(given(credentials.tenant), given(credentials.id)))
      .prepare(),
    party: db
      .select(PARTY)
      .from(parties)
      .where(and(given(parties.tenant), given(parties.id)))
      .prepare(),
    session: db
      .select({ subject: sessions.subject, expiresAt: sessions.expiresAt, endedAt: sessions.endedAt })
      .from(sessions)
      .where(and(given(sessions.tenant), given(sessions.id)))
      .prepare(),
  }
}

export function principalReads(db: SqliteDatabase, numbers: TenantNumbers, basis: Basis): PrincipalReads {
  const statements = prepare(db)
  return {
    async findTenant(tenant) {
      return basis.remember(tenant, 'tenant', () => {
        const row = statements.tenant.get({ slug: tenant })
        return row && { id: tenant, createdAt: row.createdAt, settings: row.settings }
      })
    },
    async listTenants() {
      const rows = db.select().from(tenants).orderBy(asc(tenants.no)).all()
      return rows.map(({ slug, createdAt, settings }) => ({ id: slug, createdAt, settings }))
    },
    async findCaller(tenant, secretHash) {
      return basis.remember(tenant, `caller ${toHex(secretHash)}`, () =>
        statements.caller.get({ tenant: numbers.of(tenant), secret_hash: secretHash }),
      )
    },
    async findCredential(tenant, id) {
      return statements.credential.get({ tenant: numbers.of(tenant), id })
    },
    async findParty(tenant, id) {
      return statements.party.get({ tenant: numbers.of(tenant), id })
    },
    async listParties(tenant, filter, page) {
      const rows = db
        .select(PARTY)
        .from(parties)
        .where(
          and(
            eq(parties.tenant, numbers.of(tenant)),
            filter.kind && eq(parties.kind, filter.kind),
            filter.status && eq(parties.status, filter.status),
            page.after === undefined ? undefined : gt(parties.id, partyCursor(page.after)),
          ),
        )
        .orderBy(asc(parties.id))
        .limit(page.limit + 1)
        .all()
      return listed(rows, page.limit)
    },
    async findSession(tenant, id) {
      return statements.session.get({ tenant: numbers.of(tenant), id })
    },
  }
}

function partyCursor(after: string): PartyId {
  return parsePartyId(after) ?? badCursor()
}

/** One row more than asked for was read, to know whether another page follows. */
function listed(rows: readonly Party[], limit: number): Listed<Party> {
  const page = rows.slice(0, limit)
  const last = page.at(-1)
  return { rows: page, next: rows.length > limit && last ? last.id : null }
}
