import { and, asc, eq, isNull } from 'drizzle-orm'
import type { Token } from '../../../core/id.ts'
import type { Person } from '../../../vault/records/record.ts'
import type { TokenReads } from '../../../vault/store.ts'
import type { TokenRecord } from '../../../vault/tokens/token.ts'
import type { SqliteDatabase } from '../driver.ts'
import type { PersonNumbers } from '../row-numbers.ts'
import { dataKeys, subjects, tokens } from '../schema/index.ts'
import { given } from '../statements.ts'
import { DATA_KEY, SUBJECT, personReader } from './records.ts'
import type { TenantNumbers } from './tenants.ts'

/** All of a token but its text, which whoever looks it up by its text has already. */
const TOKEN = {
  party: tokens.party,
  subject: subjects.id,
  field: tokens.field,
  linkability: tokens.linkability,
  window: tokens.window,
  issuedAt: tokens.issuedAt,
  expiresAt: tokens.expiresAt,
  retiredAt: tokens.retiredAt,
}

type TokenRow = Omit<TokenRecord, 'token' | 'window'> & { window: string | null }

/** An order's token is its own window, and is not stored twice. */
function record(token: Token, row: TokenRow): TokenRecord {
  return { ...row, token, window: row.window ?? token }
}

/** One token of a tenant, by its number. */
export function tokenReader(db: SqliteDatabase): (tenant: number, token: Token) => TokenRecord | undefined {
  const byToken = db
    .select(TOKEN)
    .from(tokens)
    .innerJoin(subjects, eq(subjects.no, tokens.person))
    .where(and(given(tokens.tenant), given(tokens.token)))
    .prepare()
  return (tenant, token) => {
    const row = byToken.get({ tenant, token })
    return row && record(token, row)
  }
}

function prepare(db: SqliteDatabase) {
  const unretired = () =>
    db
      .select({ token: tokens.token, row: TOKEN })
      .from(subjects)
      .innerJoin(tokens, eq(tokens.person, subjects.no))
      .$dynamic()
  return {
    withPerson: db
      .select({ no: subjects.no, token: TOKEN, subject: SUBJECT, dataKey: DATA_KEY })
      .from(tokens)
      .innerJoin(subjects, eq(subjects.no, tokens.person))
      .innerJoin(dataKeys, eq(dataKeys.person, subjects.no))
      .where(and(given(tokens.tenant), given(tokens.token)))
      .prepare(),
    ofSubject: unretired()
      .where(and(given(subjects.tenant), given(subjects.id), isNull(tokens.retiredAt)))
      .orderBy(asc(tokens.no))
      .prepare(),
    ofSubjectAtParty: unretired()
      .where(and(given(subjects.tenant), given(subjects.id), given(tokens.party), isNull(tokens.retiredAt)))
      .orderBy(asc(tokens.no))
      .prepare(),
  }
}

export function tokenReads(
  db: SqliteDatabase,
  numbers: TenantNumbers,
  numbersOfPersons: PersonNumbers,
): TokenReads {
  const statements = prepare(db)
  const findToken = tokenReader(db)
  const complete = personReader(db)
  return {
    async findTokens(tenant, wanted) {
      const no = numbers.of(tenant)
      return [...new Set(wanted)].map((token) => findToken(no, token)).filter((row) => row !== undefined)
    },
    async findTokensWithPersons(tenant, wanted) {
      const no = numbers.of(tenant)
      const persons = new Map<number, Person>()
      return [...new Set(wanted)].flatMap((token) => {
        const row = statements.withPerson.get({ tenant: no, token })
        if (!row) return []
        const person = persons.get(row.no) ?? complete(row)
        persons.set(row.no, person)
        numbersOfPersons.remember(row.subject.id, row.no)
        return [{ token: record(token, row.token), person }]
      })
    },
    async listTokensOf(tenant, ofSubjects, party) {
      const no = numbers.of(tenant)
      const rows = [...new Set(ofSubjects)].flatMap((id) =>
        party === null
          ? statements.ofSubject.all({ tenant: no, id })
          : statements.ofSubjectAtParty.all({ tenant: no, id, party }),
      )
      return rows.map(({ token, row }) => record(token, row))
    },
  }
}
