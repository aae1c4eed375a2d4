import { and, asc, eq, isNull } from 'drizzle-orm'
import type { GrantReads } from '../../../vault/store.ts'
import type { PostgresDatabase } from '../driver.ts'
import { grantPayments, grants, subjects } from '../schema/index.ts'
import { among, given } from '../statements.ts'
import type { TenantNumbers } from '../tenants.ts'

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

function prepare(db: PostgresDatabase) {
  const found = () =>
    db
      .select(GRANT)
      .from(grants)
      .innerJoin(subjects, eq(subjects.no, grants.person))
      .leftJoin(grantPayments, eq(grantPayments.grant, grants.no))
      .$dynamic()
  const ofSubjects = and(given(subjects.tenant), among(subjects.id, 'subjects'))
  return {
    grant: found()
      .where(and(given(grants.tenant), given(grants.id)))
      .prepare('grant'),
    ofSubjects: found().where(ofSubjects).orderBy(asc(grants.no)).prepare('grants_of_subjects'),
    standing: found()
      .where(and(ofSubjects, given(grants.party), isNull(grants.shipment)))
      .orderBy(asc(grants.no))
      .prepare('standing_grants'),
  }
}

export function grantReads(db: PostgresDatabase, numbers: TenantNumbers): GrantReads {
  const statements = prepare(db)
  return {
    async findGrant(tenant, id) {
      const [row] = await statements.grant.execute({ tenant: await numbers.of(tenant), id })
      return row
    },
    async listGrantsOf(tenant, subject) {
      return statements.ofSubjects.execute({ tenant: await numbers.of(tenant), subjects: [subject] })
    },
    async listStandingGrants(tenant, ofSubjects, party) {
      return statements.standing.execute({ tenant: await numbers.of(tenant), subjects: ofSubjects, party })
    },
  }
}
