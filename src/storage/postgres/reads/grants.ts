import { and, asc, eq, isNull } from 'drizzle-orm'
import type { Grant } from '../../../vault/grants/grant.ts'
import type { GrantReads } from '../../../vault/store.ts'
import type { PostgresDatabase } from '../driver.ts'
import { givenRows, rowsGiven } from '../rows.ts'
import { grantPayments, grants, subjects } from '../schema/index.ts'
import type { Share } from '../shared-reads.ts'
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

/** Whose grants at whom are asked for. */
const STANDING = { subject: subjects.id, party: grants.party }

function prepare(db: PostgresDatabase) {
  const found = () =>
    db
      .select(GRANT)
      .from(grants)
      .innerJoin(subjects, eq(subjects.no, grants.person))
      .leftJoin(grantPayments, eq(grantPayments.grant, grants.no))
      .$dynamic()
  const { source, row } = givenRows(STANDING)
  const ofSubjects = and(given(subjects.tenant), among(subjects.id, 'subjects'))
  return {
    grant: found()
      .where(and(given(grants.tenant), given(grants.id)))
      .prepare('grant'),
    ofSubjects: found().where(ofSubjects).orderBy(asc(grants.no)).prepare('grants_of_subjects'),
    standing: db
      .select(GRANT)
      .from(source)
      .innerJoin(subjects, and(given(subjects.tenant), eq(subjects.id, row.subject)))
      .innerJoin(grants, and(eq(grants.person, subjects.no), eq(grants.party, row.party)))
      .leftJoin(grantPayments, eq(grantPayments.grant, grants.no))
      .where(isNull(grants.shipment))
      .orderBy(asc(grants.no))
      .prepare('standing_grants'),
  }
}

type Standing = Pick<Grant, 'subject' | 'party'>

function standingKey({ subject, party }: Standing): string {
  return `${subject} ${party}`
}

export function grantReads(db: PostgresDatabase, numbers: TenantNumbers, share: Share): GrantReads {
  const statements = prepare(db)
  const standing = share({
    read: (tenant, asks: readonly Standing[]) =>
      statements.standing.execute({ tenant, ...rowsGiven(STANDING, asks) }),
    ofAsk: standingKey,
    ofRow: (grant: Grant) => standingKey(grant),
  })
  return {
    async findGrant(tenant, id) {
      const [row] = await statements.grant.execute({ tenant: await numbers.of(tenant), id })
      return row
    },
    async listGrantsOf(tenant, subject) {
      return statements.ofSubjects.execute({ tenant: await numbers.of(tenant), subjects: [subject] })
    },
    async listStandingGrants(tenant, ofSubjects, party) {
      return standing(
        await numbers.of(tenant),
        ofSubjects.map((subject) => ({ subject, party })),
      )
    },
  }
}
