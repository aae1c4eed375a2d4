import { and, asc, eq, gt } from 'drizzle-orm'
import { parsePartyId } from '../../../core/id.ts'
import { toHex } from '../../../core/bytes.ts'
import type { PartyId, SessionId, TenantId } from '../../../core/id.ts'
import type { Party } from '../../../vault/principals/principal.ts'
import type { Listed, PrincipalReads } from '../../../vault/store.ts'
import { badCursor } from '../../cursor.ts'
import type { PostgresDatabase } from '../driver.ts'
import { credentials, parties, sessions, tenants } from '../schema/index.ts'
import type { Share } from '../shared-reads.ts'
import { among, given } from '../statements.ts'
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
    tenant: db.select().from(tenants).where(among(tenants.slug, 'slugs')).prepare('tenant'),
    tenants: db.select().from(tenants).orderBy(asc(tenants.no)).prepare('tenants'),
    callers: db
      .select({ credential: CREDENTIAL, party: PARTY, secretHash: credentials.secretHash })
      .from(credentials)
      .leftJoin(parties, and(eq(parties.tenant, credentials.tenant), eq(parties.id, credentials.party)))
      .where(and(given(credentials.tenant), among(credentials.secretHash, 'hashes')))
      .prepare('callers'),
    credential: db
      .select(CREDENTIAL)
      .from(credentials)
      .where(and(given(credentials.tenant), given(credentials.id)))
      .prepare('credential'),
    parties: db
      .select(PARTY)
      .from(parties)
      .where(and(given(parties.tenant), among(parties.id, 'ids')))
      .prepare('parties'),
    sessions: db
      .select({
        id: sessions.id,
        subject: sessions.subject,
        expiresAt: sessions.expiresAt,
        endedAt: sessions.endedAt,
      })
      .from(sessions)
      .where(and(given(sessions.tenant), among(sessions.id, 'ids')))
      .prepare('sessions'),
  }
}

function prepareShared(db: PostgresDatabase, share: Share) {
  const statements = prepare(db)
  return {
    statements,
    tenant: share({
      read: (_tenant, slugs: readonly TenantId[]) => statements.tenant.execute({ slugs }),
      ofAsk: (slug) => slug,
      ofRow: ({ slug }) => slug,
    }),
    caller: share({
      read: (tenant, hashes: readonly Uint8Array[]) => statements.callers.execute({ tenant, hashes }),
      ofAsk: toHex,
      ofRow: ({ secretHash }) => toHex(secretHash),
    }),
    party: share({
      read: (tenant, ids: readonly PartyId[]) => statements.parties.execute({ tenant, ids }),
      ofAsk: (id) => id,
      ofRow: ({ id }) => id,
    }),
    session: share({
      read: (tenant, ids: readonly SessionId[]) => statements.sessions.execute({ tenant, ids }),
      ofAsk: (id) => id,
      ofRow: ({ id }) => id,
    }),
  }
}

export function principalReads(db: PostgresDatabase, numbers: TenantNumbers, share: Share): PrincipalReads {
  const { statements, ...many } = prepareShared(db, share)
  return {
    async findTenant(tenant) {
      const [row] = await many.tenant(await numbers.of(tenant), [tenant])
      return row && { id: tenant, createdAt: row.createdAt, settings: row.settings }
    },
    async listTenants() {
      const rows = await statements.tenants.execute()
      return rows.map(({ slug, createdAt, settings }) => ({ id: slug, createdAt, settings }))
    },
    async findCaller(tenant, secretHash) {
      const [row] = await many.caller(await numbers.of(tenant), [secretHash])
      return row && { credential: row.credential, party: row.party }
    },
    async findCredential(tenant, id) {
      const [row] = await statements.credential.execute({ tenant: await numbers.of(tenant), id })
      return row
    },
    async findParty(tenant, id) {
      const [row] = await many.party(await numbers.of(tenant), [id])
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
      const [row] = await many.session(await numbers.of(tenant), [id])
      return row && { subject: row.subject, expiresAt: row.expiresAt, endedAt: row.endedAt }
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
