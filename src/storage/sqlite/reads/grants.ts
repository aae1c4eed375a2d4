import { and, asc, eq, isNull } from 'drizzle-orm'
import type { GrantReads } from '../../../vault/store.ts'
import type { SqliteDatabase } from '../driver.ts'
import { grantPayments, grants, subjects } from '../schema/index.ts'
import { given } from '../statements.ts'
import type { TenantNumbers } from './tenants.ts'

export const GRANT = {
  id: grants.id,
  subject: subjects.id,
  party: grants.party,
  purpose: grants.purpose,
  fields: grants.fields,
  basis: grants.basis,
  origin: grants.origin,
  shipment: grants.shipment,
  from: grants.from,
  until: grants.until,
  usesMax: grants.usesMax,
  uses: grants.uses,
  paidAt: grantPayments.paidAt,
  revokedAt: grants.revokedAt,
  version: grants.version,
  createdAt: grants.createdAt,
}

function prepare(db: SqliteDatabase) {
  const found = () =>
    db
      .select(GRANT)
      .from(grants)
      .innerJoin(subjects, eq(subjects.no, grants.person))
      .leftJoin(grantPayments, eq(grantPayments.grant, grants.no))
      .$dynamic()
  return {
    grant: found()
      .where(and(given(grants.tenant), given(grants.id)))
      .prepare(),
    ofSubject: found()
      .where(and(given(subjects.tenant), given(subjects.id)))
      .orderBy(asc(grants.no))
      .prepare(),
    standing: found()
      .where(and(given(subjects.tenant), given(subjects.id), given(grants.party), isNull(grants.shipment)))
      .orderBy(asc(grants.no))
      .prepare(),
  }
}

export function grantReads(db: SqliteDatabase, numbers: TenantNumbers): GrantReads {
  const statements = prepare(db)
  return {
    async findGrant(tenant, id) {
      return statements.grant.get({ tenant: numbers.of(tenant), id })
    },
    async listGrantsOf(tenant, subject) {
      return statements.ofSubject.all({ tenant: numbers.of(tenant), id: subject })
    },
    async listStandingGrants(tenant, ofSubjects, party) {
      const no = numbers.of(tenant)
      return [...new Set(ofSubjects)].flatMap((id) => statements.standing.all({ tenant: no, id, party }))
    },
  }
}
