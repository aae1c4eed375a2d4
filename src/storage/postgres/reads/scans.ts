import { and, asc, eq, gt, sql } from 'drizzle-orm'
import type { IncidentReads, ScannedEvent } from '../../../vault/store.ts'
import { indexOf, placeOf } from '../../log-place.ts'
import type { PostgresDatabase } from '../driver.ts'
import { canaries, dataKeys, events, subjects } from '../schema/index.ts'
import { given, within } from '../statements.ts'
import type { TenantNumbers } from '../tenants.ts'
import { logStretches } from './audit.ts'

const SCANNED = {
  place: events.place,
  at: events.at,
  type: events.type,
  person: events.person,
  bytes: events.bytes,
}

const FACTS = {
  person: subjects.no,
  subject: subjects.id,
  state: subjects.state,
  locale: subjects.locale,
  jurisdiction: subjects.jurisdiction,
  canary: sql<boolean>`${canaries.person} is not null`,
}

/** At most one for a person. */
const IS_CANARY = and(eq(canaries.tenant, subjects.tenant), eq(canaries.person, subjects.no))

function prepare(db: PostgresDatabase) {
  const limit = sql.placeholder('limit')
  const scan = () => db.select(SCANNED).from(events).$dynamic()
  return {
    whole: scan().where(within(events.place)).orderBy(asc(events.place)).limit(limit).prepare('scan_whole'),
    byParty: scan()
      .where(and(given(events.party), within(events.place)))
      .orderBy(asc(events.place))
      .limit(limit)
      .prepare('scan_party'),
    ofPerson: scan()
      .where(and(given(events.person), within(events.place)))
      .orderBy(asc(events.place))
      .limit(limit)
      .prepare('scan_person'),
    behindPerson: scan()
      .where(and(gt(events.person, sql.placeholder('person')), within(events.place)))
      .orderBy(asc(events.person), asc(events.place))
      .limit(limit)
      .prepare('scan_behind_person'),
    facts: db
      .select(FACTS)
      .from(subjects)
      .leftJoin(canaries, IS_CANARY)
      .where(and(within(subjects.no), given(subjects.tenant)))
      .orderBy(asc(subjects.no))
      .prepare('person_facts'),
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
      .where(and(gt(dataKeys.person, sql.placeholder('after')), given(dataKeys.tenant)))
      .orderBy(asc(dataKeys.person))
      .limit(limit)
      .prepare('copied_keys'),
    person: db
      .select({ no: subjects.no })
      .from(subjects)
      .where(and(given(subjects.tenant), given(subjects.id)))
      .prepare('scan_person_no'),
  }
}

type Row = Omit<ScannedEvent, 'index' | 'leaf'> & { place: number; bytes: Uint8Array }

/** The server's own decoder would fail the whole read on one damaged row. */
const decoder = new TextDecoder()

function scanned({ place, bytes, ...row }: Row): ScannedEvent {
  return { index: indexOf(place), leaf: decoder.decode(bytes), ...row }
}

type ScanReads = Pick<IncidentReads, 'scanEvents' | 'scanByPerson' | 'listPersonFacts' | 'listCopiedKeys'>

export function scanReads(db: PostgresDatabase, numbers: TenantNumbers): ScanReads {
  const statements = prepare(db)
  const stretchOf = logStretches(db)
  return {
    async scanEvents(tenant, { party, subject, from, to }, after, limit) {
      const no = await numbers.of(tenant)
      const [person] =
        subject === undefined ? [] : await statements.person.execute({ tenant: no, id: subject })
      if (subject !== undefined && person === undefined) return { rows: [], next: null }
      const times = { ...(from !== null && { from }), ...(to !== null && { to }) }
      const stretch = await stretchOf(no, times)
      const first = placeOf(no, Math.max(stretch.first, after + 1))
      const bounds = { first, last: placeOf(no, stretch.end) - 1, limit }
      const found = person
        ? await statements.ofPerson.execute({ person: person.no, ...bounds })
        : party === undefined
          ? await statements.whole.execute(bounds)
          : await statements.byParty.execute({ party, ...bounds })
      const rows = found.map(scanned)
      return { rows, next: rows.length < limit ? null : (rows.at(-1)?.index ?? null) }
    },
    async scanByPerson(tenant, { person, index }, limit) {
      const no = await numbers.of(tenant)
      const last = placeOf(no + 1, 0) - 1
      const rest = await statements.ofPerson.execute({ person, first: placeOf(no, index + 1), last, limit })
      const more = limit - rest.length
      const bounds = { person, first: placeOf(no, 0), last, limit: more }
      const others = more > 0 ? await statements.behindPerson.execute(bounds) : []
      return [...rest, ...others].map(scanned)
    },
    async listPersonFacts(tenant, first, last) {
      return statements.facts.execute({ tenant: await numbers.of(tenant), first, last })
    },
    async listCopiedKeys(tenant, after, limit) {
      return statements.copied.execute({ tenant: await numbers.of(tenant), after, limit })
    },
  }
}
