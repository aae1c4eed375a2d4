import { and, asc, eq, gt, isNotNull, sql } from 'drizzle-orm'
import type { SQL } from 'drizzle-orm'
import { alias } from 'drizzle-orm/sqlite-core'
import type { SQLiteColumn } from 'drizzle-orm/sqlite-core'
import type { Noun } from '../../../vault/log/fsck/finding.ts'
import type { FsckReader, HeldRows, Told } from '../../../vault/log/fsck/reader.ts'
import { ERASED } from '../../../vault/log/fsck/said.ts'
import { SLOTS_EACH } from '../../field-slots.ts'
import type { SqliteDatabase } from '../driver.ts'
import {
  credentials,
  dataKeys,
  fields,
  grants,
  notes,
  parties,
  sessions,
  shipments,
  subjects,
  tenants,
  tokens,
} from '../schema/index.ts'
import { given } from '../statements.ts'
import { said } from './fsck-said.ts'
import type { TenantNumbers } from './tenants.ts'

const TOLD = { born: said.born, word: said.word }

type Owned = { tenant: SQLiteColumn; id: SQLiteColumn }

/** What the log said of this row, for a left join. */
function toldOf(
  noun: Noun,
  { tenant, id }: Owned,
  notes: Owned & { about: SQLiteColumn } = said,
): SQL | undefined {
  return and(eq(notes.tenant, tenant), sql`${notes.about} = ${sql.raw(`'${noun}'`)}`, eq(notes.id, id))
}

/** In the order of ids, which each of these tables can be read in. */
function nextOf(table: Owned): SQL | undefined {
  return and(given(table.tenant), gt(table.id, sql`+${sql.placeholder('after')}`))
}

const LIMIT = sql.placeholder('limit')

function preparePrincipals(db: SqliteDatabase) {
  return {
    tenant: db
      .select({ id: tenants.slug, ...TOLD })
      .from(tenants)
      .leftJoin(said, toldOf('tenant', { tenant: tenants.no, id: tenants.slug }))
      .where(and(given(tenants.no, 'tenant'), gt(tenants.slug, sql`+${sql.placeholder('after')}`)))
      .limit(LIMIT)
      .prepare(),
    party: db
      .select({ id: parties.id, status: parties.status, ...TOLD })
      .from(parties)
      .leftJoin(said, toldOf('party', parties))
      .where(nextOf(parties))
      .orderBy(asc(parties.id))
      .limit(LIMIT)
      .prepare(),
    credential: db
      .select({ id: credentials.id, party: credentials.party, revoked: is(credentials.revokedAt), ...TOLD })
      .from(credentials)
      .leftJoin(said, toldOf('credential', credentials))
      .where(nextOf(credentials))
      .orderBy(asc(credentials.id))
      .limit(LIMIT)
      .prepare(),
    session: db
      .select({ id: sessions.id, subject: sessions.subject, ended: is(sessions.endedAt), ...TOLD })
      .from(sessions)
      .leftJoin(said, toldOf('session', sessions))
      .where(nextOf(sessions))
      .orderBy(asc(sessions.id))
      .limit(LIMIT)
      .prepare(),
  }
}

function is(moment: SQLiteColumn) {
  return sql<number>`${isNotNull(moment)}`
}

const ofPerson = alias(said, 'of_person')

function prepareRecords(db: SqliteDatabase) {
  const { subject } = prepareSubjects(db)
  return {
    subject,
    grant: db
      .select({
        id: grants.id,
        origin: grants.origin,
        subject: subjects.id,
        party: grants.party,
        purpose: grants.purpose,
        fields: grants.fields,
        shipment: grants.shipment,
        createdAt: grants.createdAt,
        revokedAt: grants.revokedAt,
        personWord: ofPerson.word,
        ...TOLD,
      })
      .from(grants)
      .leftJoin(subjects, and(eq(subjects.no, grants.person), eq(subjects.tenant, grants.tenant)))
      .leftJoin(said, toldOf('grant', grants))
      .leftJoin(ofPerson, toldOf('subject', subjects, ofPerson))
      .where(nextOf(grants))
      .orderBy(asc(grants.id))
      .limit(LIMIT)
      .prepare(),
    shipment: db
      .select({
        id: shipments.id,
        merchant: shipments.merchant,
        order: shipments.order,
        subject: subjects.id,
        grant: shipments.grant,
        stage: shipments.stage,
        stageAt: shipments.stageAt,
        createdAt: shipments.createdAt,
        ...TOLD,
      })
      .from(shipments)
      .leftJoin(subjects, and(eq(subjects.no, shipments.person), eq(subjects.tenant, shipments.tenant)))
      .leftJoin(said, toldOf('shipment', shipments))
      .where(nextOf(shipments))
      .orderBy(asc(shipments.id))
      .limit(LIMIT)
      .prepare(),
  }
}

function prepareSubjects(db: SqliteDatabase) {
  // Of those who are not said to be erased nobody counts: there are millions of them.
  const ifErased = (rows: SQL) =>
    sql<number>`case when ${said.word} = ${sql.raw(`'${ERASED}'`)} then ${rows} else 0 end`
  const data = sql`
    (select count(*) from ${fields} where ${fields.slot} between ${subjects.no} * ${sql.raw(String(SLOTS_EACH))}
      and ${subjects.no} * ${sql.raw(String(SLOTS_EACH))} + ${sql.raw(String(SLOTS_EACH - 1))})
    + (select count(*) from ${notes} where ${notes.tenant} = ${subjects.tenant} and ${notes.subject} = ${subjects.id})
    + (coalesce(${subjects.externalRef}, ${subjects.locale}, ${subjects.jurisdiction}) is not null)`
  const liveTokens = sql`
    (select count(*) from ${tokens} where ${tokens.person} = ${subjects.no} and ${tokens.retiredAt} is null)`
  const liveGrants = sql`
    (select count(*) from ${grants} where ${grants.person} = ${subjects.no} and ${grants.revokedAt} is null)`
  return {
    subject: db
      .select({
        id: subjects.id,
        state: subjects.state,
        createdAt: subjects.createdAt,
        keyIsZero: sql<number | null>`${dataKeys.wrapped} = zeroblob(length(${dataKeys.wrapped}))`,
        data: ifErased(data),
        liveTokens: ifErased(liveTokens),
        liveGrants: ifErased(liveGrants),
        ...TOLD,
      })
      .from(subjects)
      .leftJoin(dataKeys, eq(dataKeys.person, subjects.no))
      .leftJoin(said, toldOf('subject', subjects))
      .where(nextOf(subjects))
      .orderBy(asc(subjects.id))
      .limit(LIMIT)
      .prepare(),
  }
}

type PageArgs = { tenant: number; after: string; limit: number }
type Lists = { [N in Noun]: (page: PageArgs) => HeldRows[N][] }

function lists(db: SqliteDatabase): Lists {
  const principals = preparePrincipals(db)
  const records = prepareRecords(db)
  return {
    tenant: (page) => principals.tenant.all(page).map(withTold),
    party: (page) => principals.party.all(page).map(withTold),
    credential: (page) =>
      principals.credential.all(page).map((row) => ({ ...withTold(row), revoked: row.revoked !== 0 })),
    session: (page) =>
      principals.session.all(page).map((row) => ({ ...withTold(row), ended: row.ended !== 0 })),
    subject: (page) =>
      records.subject.all(page).map(({ state, keyIsZero, data, liveTokens, liveGrants, ...row }) => ({
        ...withTold(row),
        erased: state === 'erased',
        keyIsZero: keyIsZero === null ? null : keyIsZero !== 0,
        left: { data, liveTokens, liveGrants },
      })),
    grant: (page) =>
      records.grant.all(page).map(({ personWord, ...row }) => ({
        ...withTold(row),
        personErased: personWord === ERASED,
      })),
    shipment: (page) => records.shipment.all(page).map(withTold),
  }
}

function withTold<Row extends Told>({ born, word, ...row }: Row): Omit<Row, keyof Told> & { told: Told } {
  return { ...row, told: { born, word } }
}

/** Where each noun's rows are found by id. */
const HELD_IN: Record<Noun, Owned> = {
  tenant: { tenant: tenants.no, id: tenants.slug },
  party: parties,
  credential: credentials,
  subject: subjects,
  grant: grants,
  shipment: shipments,
  session: sessions,
}

function goneLists(db: SqliteDatabase) {
  const gone = ({ tenant, id }: Owned) =>
    db
      .select({ id: said.id })
      .from(said)
      .where(
        and(
          given(said.tenant),
          eq(said.about, sql`+${sql.placeholder('about')}`),
          gt(said.id, sql`+${sql.placeholder('after')}`),
          sql`not exists (select 1 from ${id.table} where ${tenant} = ${said.tenant} and ${id} = ${said.id})`,
        ),
      )
      .orderBy(asc(said.id))
      .limit(LIMIT)
      .prepare()
  return Object.fromEntries(Object.entries(HELD_IN).map(([noun, at]) => [noun, gone(at)])) as Record<
    Noun,
    ReturnType<typeof gone>
  >
}

export function heldReads(
  db: SqliteDatabase,
  numbers: TenantNumbers,
): Pick<FsckReader, 'listHeld' | 'listGone' | 'findKeyWord'> {
  const held = lists(db)
  const gone = goneLists(db)
  const word = db
    .select({ word: said.word })
    .from(said)
    .where(and(given(said.tenant), eq(said.about, sql`'key'`), given(said.id)))
    .prepare()
  return {
    async findKeyWord(tenant, key) {
      return word.get({ tenant: numbers.of(tenant), id: key })?.word ?? null
    },
    async listHeld(tenant, noun, { limit, after = '' }) {
      const rows = held[noun]({ tenant: numbers.of(tenant), after, limit })
      return { rows, next: nextAfter(rows, limit) }
    },
    async listGone(tenant, noun, { limit, after = '' }) {
      const rows = gone[noun].all({ tenant: numbers.of(tenant), about: noun, after, limit })
      return { rows: rows.map(({ id }) => id), next: nextAfter(rows, limit) }
    },
  }
}

function nextAfter(rows: readonly { id: string }[], limit: number): string | null {
  return rows.length === limit ? (rows.at(-1)?.id ?? null) : null
}
