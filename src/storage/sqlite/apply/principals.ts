import { and, eq, isNull, sql } from 'drizzle-orm'
import type { Change } from '../../../vault/changes.ts'
import type { SqliteDatabase } from '../driver.ts'
import { credentials, parties, sessions, tenantKeys, tenants } from '../schema/index.ts'
import { DONE, arg, given, rowArgs } from '../statements.ts'
import { must } from './list.ts'
import type { ListContext } from './list.ts'

type PrincipalChange = Extract<
  Change,
  {
    type:
      | 'expect.caller'
      | 'expect.session'
      | 'expect.party'
      | `tenant.${string}`
      | 'tenant_key.insert'
      | `party.${string}`
      | `credential.${string}`
      | `session.${string}`
  }
>

function prepareExpectations(db: SqliteDatabase) {
  return {
    caller: db
      .select(DONE)
      .from(credentials)
      .leftJoin(parties, and(eq(parties.tenant, credentials.tenant), eq(parties.id, credentials.party)))
      .where(
        and(
          given(credentials.tenant),
          given(credentials.id),
          isNull(credentials.revokedAt),
          sql`${credentials.party} is ${arg(credentials.party)}`,
          sql`${parties.version} is ${arg(parties.version)}`,
        ),
      )
      .prepare(),
    session: db
      .select(DONE)
      .from(sessions)
      .where(and(given(sessions.tenant), given(sessions.id), isNull(sessions.endedAt)))
      .prepare(),
    party: db
      .select(DONE)
      .from(parties)
      .where(and(given(parties.tenant), given(parties.id), given(parties.version)))
      .prepare(),
  }
}

function prepareWrites(db: SqliteDatabase) {
  return {
    tenant: db
      .insert(tenants)
      .values({ ...rowArgs(tenants), no: sql`null` })
      .returning({ no: tenants.no })
      .prepare(),
    settings: db
      .update(tenants)
      .set({ settings: sql`${arg(tenants.settings)}` })
      .where(given(tenants.no))
      .returning(DONE)
      .prepare(),
    tenantKey: db.insert(tenantKeys).values(rowArgs(tenantKeys)).prepare(),
    party: db.insert(parties).values(rowArgs(parties)).prepare(),
    partyStatus: db
      .update(parties)
      .set({ status: sql`${arg(parties.status)}`, version: sql`${parties.version} + 1` })
      .where(and(given(parties.tenant), given(parties.id), given(parties.version)))
      .returning(DONE)
      .prepare(),
    credential: db.insert(credentials).values(rowArgs(credentials)).prepare(),
    revokeCredential: db
      .update(credentials)
      .set({ revokedAt: sql`${arg(credentials.revokedAt)}` })
      .where(and(given(credentials.tenant), given(credentials.id), isNull(credentials.revokedAt)))
      .returning(DONE)
      .prepare(),
    session: db
      .insert(sessions)
      .values({ ...rowArgs(sessions), endedAt: sql`null` })
      .prepare(),
    endSession: db
      .update(sessions)
      .set({ endedAt: sql`${arg(sessions.endedAt)}` })
      .where(and(given(sessions.tenant), given(sessions.id), isNull(sessions.endedAt)))
      .returning(DONE)
      .prepare(),
  }
}

export function principalApplier(db: SqliteDatabase) {
  const expect = prepareExpectations(db)
  const write = prepareWrites(db)
  return (change: PrincipalChange, list: ListContext): void => {
    const { tenant } = list
    switch (change.type) {
      case 'expect.caller': {
        const party = change.party?.id ?? null
        const version = change.party?.version ?? null
        return must(expect.caller.get({ tenant, id: change.credential, party, version }))
      }
      case 'expect.session':
        return must(expect.session.get({ tenant, id: change.session }))
      case 'expect.party':
        return must(expect.party.get({ tenant, id: change.id, version: change.version }))
      case 'tenant.insert': {
        const { id, createdAt, settings } = change.tenant
        list.tenant = write.tenant.get({ slug: id, createdAt, settings }).no
        return
      }
      case 'tenant.set_settings':
        return must(write.settings.get({ no: tenant, settings: change.settings }))
      case 'tenant_key.insert':
        write.tenantKey.run({ tenant, ...change.key })
        return
      case 'party.insert':
        write.party.run({ tenant, ...change.party })
        return
      case 'party.set_status': {
        const { id, status, expectedVersion } = change
        return must(write.partyStatus.get({ tenant, id, status, version: expectedVersion }))
      }
      case 'credential.insert':
        write.credential.run({ tenant, ...change.credential, secretHash: change.secretHash })
        return
      case 'credential.revoke':
        return must(write.revokeCredential.get({ tenant, id: change.id, revoked_at: change.at }))
      case 'session.insert': {
        const { session, subject, expiresAt } = change
        write.session.run({ tenant, id: session, subject, expiresAt })
        return
      }
      case 'session.end':
        return must(write.endSession.get({ tenant, id: change.session, ended_at: change.at }))
    }
  }
}
