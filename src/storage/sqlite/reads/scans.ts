import { and, asc, eq, sql } from 'drizzle-orm'
import type { IncidentReads, ScannedEvent } from '../../../vault/store.ts'
import { indexOf, placeOf } from '../../log-place.ts'
import type { SqliteDatabase } from '../driver.ts'
import type { PersonNumbers } from '../row-numbers.ts'
import { canaries, dataKeys, events, subjects } from '../schema/index.ts'
import { given, within } from '../statements.ts'
import { lastEvent, timeSearch } from './audit.ts'
import type { TenantNumbers } from './tenants.ts'

const SCANNED = {
  place: events.place,
  at: events.at,
  type: events.type,
  person: events.person,
  leaf: sql<string>`cast(${events.bytes} as text)`,
}

const FACTS = {
  person: subjects.no,
  subject: subjects.id,
  state: subjects.state,
  locale: subjects.locale,
  jurisdiction: subjects.jurisdiction,
  canary: sql<boolean>`${canaries.person} is not null`.mapWith(Boolean),
}

/** At most one for a person. */
const IS_CANARY = and(eq(canaries.tenant, subjects.tenant), eq(canaries.person, subjects.no))

function prepare(db: SqliteDatabase) {
  const limit = sql.placeholder('limit')
  const scan = () => db.select(SCANNED).from(events).$dynamic()
  return {
    whole: scan().where(within(events.place)).orderBy(asc(events.place)).limit(limit).prepare(),
    byParty: scan()
      .where(and(given(events.party), within(events.place)))
      .orderBy(asc(events.place))
      .limit(limit)
      .prepare(),
    ofPerson: scan()
      .where(and(given(events.person), within(events.place)))
      .orderBy(asc(events.place))
      .limit(limit)
      .prepare(),
    // The place is hidden from the planner, which would sort all of the log by person otherwise.
    behindPerson: scan()
      .where(
        and(
          sql`${events.person} > ${sql.placeholder('person')}`,
          sql`+${events.place} between ${sql.placeholder('first')} and ${sql.placeholder('last')}`,
        ),
      )
      .orderBy(asc(events.person), asc(events.place))
      .limit(limit)
      .prepare(),
    // The tenant is hidden from the planner, which would go through all of its persons otherwise.
    facts: db
      .select(FACTS)
      .from(subjects)
      .leftJoin(canaries, IS_CANARY)
      .where(and(within(subjects.no), sql`+${subjects.tenant} = ${sql.placeholder('tenant')}`))
      .orderBy(asc(subjects.no))
      .prepare(),
    copied: db
      .select({
        ...FACTS,
        keyVersion: dataKeys.tenantKeyVersion,
        createdAt: subjects.createdAt,
        erasedAt: subjects.erasedAt,
      })
      .from(dataKeys)
      .innerJoin(subjects, eq(subjects.no, dataKeys.person))
      .leftJoin(canaries, IS_CANARY)
      .where(and(sql`${dataKeys.person} > ${sql.placeholder('after')}`, given(dataKeys.tenant)))
      .orderBy(asc(dataKeys.person))
      .limit(limit)
      .prepare(),
  }
}

type Row = Omit<ScannedEvent, 'index'> & { place: number }

function scanned({ place, ...row }: Row): ScannedEvent {
  return { index: indexOf(place), ...row }
}

type ScanReads = Pick<IncidentReads, 'scanEvents' | 'scanByPerson' | 'listPersonFacts' | 'listCopiedKeys'>

export function scanReads(db: SqliteDatabase, numbers: TenantNumbers, persons: PersonNumbers): ScanReads {
  const statements = prepare(db)
  const stretchOf = timeSearch(db)
  const last = lastEvent(db)
  return {
    async scanEvents(tenant, { party, subject, from, to }, after, limit) {
      const no = numbers.of(tenant)
      const person = subject === undefined ? undefined : persons.peek(no, subject)
      if (subject !== undefined && person === undefined) return { rows: [], next: null }
      const times = { ...(from !== null && { from }), ...(to !== null && { to }) }
      const stretch = stretchOf(no, (last(no)?.index ?? -1) + 1, times)
      const first = placeOf(no, Math.max(stretch.first, after + 1))
      const bounds = { first, last: placeOf(no, stretch.end) - 1, limit }
      const found =
        person === undefined
          ? party === undefined
            ? statements.whole.all(bounds)
            : statements.byParty.all({ party, ...bounds })
          : statements.ofPerson.all({ person, ...bounds })
      const rows = found.map(scanned)
      return { rows, next: rows.length < limit ? null : (rows.at(-1)?.index ?? null) }
    },
    async scanByPerson(tenant, { person, index }, limit) {
      const no = numbers.of(tenant)
      const end = placeOf(no + 1, 0) - 1
      const rest = statements.ofPerson.all({ person, first: placeOf(no, index + 1), last: end, limit })
      const more = limit - rest.length
      const others =
        more > 0 ? statements.behindPerson.all({ person, first: placeOf(no, 0), last: end, limit: more }) : []
      return [...rest, ...others].map(scanned)
    },
    async listPersonFacts(tenant, first, end) {
      return statements.facts.all({ tenant: numbers.of(tenant), first, last: end })
    },
    async listCopiedKeys(tenant, after, limit) {
      return statements.copied.all({ tenant: numbers.of(tenant), after, limit })
    },
  }
}
