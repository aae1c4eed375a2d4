import { and, asc, eq, isNull, sql } from 'drizzle-orm'
import type { Token } from '../../../core/id.ts'
import type { TokenReads } from '../../../vault/store.ts'
import type { TokenRecord } from '../../../vault/tokens/token.ts'
import { packToken } from '../../packed-token.ts'
import type { PostgresDatabase } from '../driver.ts'
import { dataKeys, subjects, tokens } from '../schema/index.ts'
import type { Share } from '../shared-reads.ts'
import { among, given } from '../statements.ts'
import type { TenantNumbers } from '../tenants.ts'
import { PERSON, addresses, emails, names, ofPerson, person, phones } from './persons.ts'

const TOKEN = {
  token: tokens.token,
  party: tokens.party,
  subject: subjects.id,
  field: tokens.field,
  linkability: tokens.linkability,
  window: tokens.window,
  issuedAt: tokens.issuedAt,
  expiresAt: tokens.expiresAt,
  retiredAt: tokens.retiredAt,
}

type TokenRow = Omit<TokenRecord, 'window'> & { window: string | null }

/** An order's token is its own window, and is not stored twice. */
function record(row: TokenRow): TokenRecord {
  return { ...row, window: row.window ?? row.token }
}

function prepare(db: PostgresDatabase) {
  const byToken = and(given(tokens.tenant), among(tokens.token, 'tokens'))
  return {
    tokens: db
      .select(TOKEN)
      .from(tokens)
      .innerJoin(subjects, eq(subjects.no, tokens.person))
      .where(byToken)
      .prepare('tokens'),
    withPersons: db
      .select({ ...PERSON, token: TOKEN })
      .from(tokens)
      .innerJoin(subjects, eq(subjects.no, tokens.person))
      .innerJoin(dataKeys, eq(dataKeys.person, subjects.no))
      .leftJoin(names, ofPerson(names, 'name'))
      .leftJoin(phones, ofPerson(phones, 'phone'))
      .leftJoin(emails, ofPerson(emails, 'email'))
      .leftJoin(addresses, ofPerson(addresses, 'address'))
      .where(byToken)
      .prepare('tokens_with_persons'),
    ofSubjects: db
      .select(TOKEN)
      .from(subjects)
      .innerJoin(tokens, eq(tokens.person, subjects.no))
      .where(
        and(
          given(subjects.tenant),
          among(subjects.id, 'subjects'),
          isNull(tokens.retiredAt),
          sql`(${sql.placeholder('party')}::text is null or ${tokens.party} = ${sql.placeholder('party')})`,
        ),
      )
      .orderBy(asc(tokens.no))
      .prepare('tokens_of_subjects'),
  }
}

export function tokenReads(db: PostgresDatabase, numbers: TenantNumbers, share: Share): TokenReads {
  const statements = prepare(db)
  const packed = (wanted: readonly Token[]) => wanted.map(packToken)
  const tokens = share({
    read: async (tenant, wanted: readonly Token[]) =>
      (await statements.tokens.execute({ tenant, tokens: packed(wanted) })).map(record),
    ofAsk: (token) => token,
    ofRow: ({ token }) => token,
  })
  const withPersons = share({
    read: async (tenant, wanted: readonly Token[]) => {
      const rows = await statements.withPersons.execute({ tenant, tokens: packed(wanted) })
      return rows.map(({ token, ...rest }) => ({ token: record(token), person: person(rest) }))
    },
    ofAsk: (token) => token,
    ofRow: ({ token }) => token.token,
  })
  return {
    async findTokens(tenant, wanted) {
      return tokens(await numbers.of(tenant), wanted)
    },
    async findTokensWithPersons(tenant, wanted) {
      return withPersons(await numbers.of(tenant), wanted)
    },
    async listTokensOf(tenant, ofSubjects, party) {
      const no = await numbers.of(tenant)
      const rows = await statements.ofSubjects.execute({ tenant: no, subjects: ofSubjects, party })
      return rows.map(record)
    },
  }
}
