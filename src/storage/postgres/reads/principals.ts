import { and, asc, eq, gt } from 'drizzle-orm'
import { parsePartyId } from '../../../core/id.ts'
import type { PartyId } from '../../../core/id.ts'
import type { Party } from '../../../vault/principals/principal.ts'
import type { Listed, PrincipalReads } from '../../../vault/store.ts'
import { badCursor } from '../../cursor.ts'
import type { PostgresDatabase } from '../driver.ts'
import { credentials, parties, sessions, tenants } from '../schema/index.ts'
import { given } from '../statements.ts'
import type { TenantNumbers } from '../tenants.ts'

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

function prepare(db: PostgresDatabase) {
  return {
    tenant: db.select().from(tenants).where(given(tenants.slug)).prepare('tenant'),
    tenants: db.select().from(tenants).orderBy(asc(tenants.no)).prepare('tenants'),
    caller: db
      .select({ credential: CREDENTIAL, party: PARTY })
      .from(credentials)
      .leftJoin(parties, and(eq(parties.tenant, credentials.tenant), eq(parties.id, credentials.party)))
      .where(and(given(credentials.tenant), given(credentials.secretHash)))
      .prepare('caller'),
    credential: db
      .select(CREDENTIAL)
      .from(credentials)
      .where(and(given(credentials.tenant), given(credentials.id)))
      .prepare('credential'),
    party: db
      .select(PARTY)
      .from(parties)
      .where(and(given(parties.tenant), given(parties.id)))
      .prepare('party'),
    session: db
      .select({ subject: sessions.subject, expiresAt: sessions.expiresAt, endedAt: sessions.endedAt })
      .from(sessions)
      .where(and(given(sessions.tenant), given(sessions.id)))
      .prepare('session'),
  }
}

export function principalReads(db: PostgresDatabase, numbers: TenantNumbers): PrincipalReads {
  const statements = prepare(db)
  return {
    async findTenant(tenant) {
      const [row] = await statements.tenant.execute({ slug: tenant })
      return row && { id: tenant, createdAt: row.createdAt, settings: row.settings }
    },
    async listTenants() {
      const rows = await statements.tenants.execute()
      return rows.map(({ slug, createdAt, settings }) => ({ id: slug, createdAt, settings }))
    },
    async findCaller(tenant, secretHash) {
      const [row] = await statements.caller.execute({
        tenant: await numbers.of(tenant),
        secret_hash: secretHash,
      })
      return row
    },
    async findCredential(tenant, id) {
      const [row] = await statements.credential.execute({ tenant: await numbers.of(tenant), id })
      return row
    },
    async findParty(tenant, id) {
      const [row] = await statements.party.execute({ tenant: await numbers.of(tenant), id })
      return row
    },
    async listParties(tenant, filter, page) {
      const after = page.after === undefined ? undefined : gt(parties.id, partyCursor(page.after))
      const rows = await db
        .select(PARTY)
        .from(parties)
        .where(
          and(
            eq(parties.tenant, await numbers.of(tenant)),
            filter.kind && eq(parties.kind, filter.kind),
            filter.status && eq(parties.status, filter.status),
            after,
          ),
        )
        .orderBy(asc(parties.id))
        .limit(page.limit + 1)
      return listed(rows, page.limit)
    },
    async findSession(tenant, id) {
      const [row] = await statements.session.execute({ tenant: await numbers.of(tenant), id })
      return row
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
