import { isNull, sql } from 'drizzle-orm'
import { unreachable } from '../../../core/errors.ts'
import type { Change } from '../../../vault/changes.ts'
import type { PostgresDatabase } from '../driver.ts'
import { credentials, parties, sessions, tenantKeys, tenants } from '../schema/index.ts'
import { DONE, all, arg, given, must, rowArgs, statement } from '../statements.ts'
import { isVersion, mustFindEach, overRows, versioned } from '../rows.ts'
import type { Apply } from './list.ts'

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

function prepareExpectations() {
  const { tenant, id, party: of } = credentials
  const columns = { tenant, id, party: of, version: parties.version }
  const caller = overRows(columns, { reads: [credentials, parties] }, (given, row) =>
    mustFindEach(sql`${given}
      join ${credentials} on ${credentials.tenant} = ${row.tenant} and ${credentials.id} = ${row.id}
        and ${credentials.revokedAt} is null and ${credentials.party} is not distinct from ${row.party}
      left join ${parties} on ${parties.tenant} = ${credentials.tenant} and ${parties.id} = ${credentials.party}
      where ${parties.version} is not distinct from ${row.version}`),
  )
  const open = { tenant: sessions.tenant, id: sessions.id }
  const session = overRows(open, { reads: [sessions] }, (given, row) =>
    mustFindEach(sql`${given} join ${sessions} on ${sessions.tenant} = ${row.tenant}
      and ${sessions.id} = ${row.id} and ${sessions.endedAt} is null`),
  )
  const party = overRows(versioned(parties), { reads: [parties] }, (given, row) =>
    mustFindEach(sql`${given} join ${parties} on ${isVersion(parties, row)}`),
  )
  return { caller, session, party }
}

function prepareWrites(db: PostgresDatabase) {
  const settings = db
    .update(tenants)
    .set({ settings: arg(tenants.settings) })
    .where(given(tenants.no))
    .returning(DONE)
  const partyStatus = db
    .update(parties)
    .set({ status: arg(parties.status), version: sql`${parties.version} + 1` })
    .where(all(given(parties.tenant), given(parties.id), given(parties.version)))
    .returning(DONE)
  const revokeCredential = db
    .update(credentials)
    .set({ revokedAt: arg(credentials.revokedAt) })
    .where(all(given(credentials.tenant), given(credentials.id), isNull(credentials.revokedAt)))
    .returning(DONE)
  const endSession = db
    .update(sessions)
    .set({ endedAt: arg(sessions.endedAt) })
    .where(all(given(sessions.tenant), given(sessions.id), isNull(sessions.endedAt)))
    .returning(DONE)
  return {
    tenant: statement(db.insert(tenants).values(rowArgs(tenants))),
    settings: must(settings),
    tenantKey: statement(db.insert(tenantKeys).values(rowArgs(tenantKeys))),
    party: statement(db.insert(parties).values(rowArgs(parties))),
    partyStatus: must(partyStatus),
    credential: statement(db.insert(credentials).values(rowArgs(credentials))),
    revokeCredential: must(revokeCredential),
    session: statement(db.insert(sessions).values({ ...rowArgs(sessions), endedAt: null })),
    endSession: must(endSession),
  }
}

export function principalApplier(db: PostgresDatabase): Apply<PrincipalChange> {
  const expect = prepareExpectations()
  const write = prepareWrites(db)
  return (change, { tenant }) => {
    switch (change.type) {
      case 'expect.caller': {
        const party = change.party?.id ?? null
        return [
          expect.caller({ tenant, id: change.credential, party, version: change.party?.version ?? null }),
        ]
      }
      case 'expect.session':
        return [expect.session({ tenant, id: change.session })]
      case 'expect.party':
        return [expect.party({ tenant, id: change.id, version: change.version })]
      case 'tenant.insert': {
        const { id, createdAt, settings } = change.tenant
        return [write.tenant({ no: tenant, slug: id, createdAt, settings })]
      }
      case 'tenant.set_settings':
        return [write.settings({ no: tenant, settings: change.settings })]
      case 'tenant_key.insert':
        return [write.tenantKey({ tenant, ...change.key })]
      case 'party.insert':
        return [write.party({ tenant, ...change.party })]
      case 'party.set_status': {
        const { id, status, expectedVersion } = change
        return [write.partyStatus({ tenant, id, status, version: expectedVersion })]
      }
      case 'credential.insert':
        return [write.credential({ tenant, ...change.credential, secretHash: change.secretHash })]
      case 'credential.revoke':
        return [write.revokeCredential({ tenant, id: change.id, revoked_at: change.at })]
      case 'session.insert': {
        const { session, subject, expiresAt } = change
        return [write.session({ tenant, id: session, subject, expiresAt })]
      }
      case 'session.end':
        return [write.endSession({ tenant, id: change.session, ended_at: change.at })]
      default:
        return unreachable(change)
    }
  }
}
