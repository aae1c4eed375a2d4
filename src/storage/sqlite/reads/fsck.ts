import { and, asc, count, eq, sql } from 'drizzle-orm'
import type { EventRow, FsckReader } from '../../../vault/log/fsck/reader.ts'
import type { Said } from '../../../vault/log/fsck/said.ts'
import type { SqliteDatabase } from '../driver.ts'
import { indexOf, placeOf, tilePlaceOf } from '../../log-place.ts'
import { events, subjects, tenants, tiles } from '../schema/index.ts'
import { arg, given, rowArgs, within } from '../statements.ts'
import { heldReads } from './fsck-held.ts'
import { said } from './fsck-said.ts'
import { keyReads } from './keys.ts'
import { logReads } from './log.ts'
import { tenantNumbers } from './tenants.ts'
import type { TenantNumbers } from './tenants.ts'

/** The check's reader on one connection, which may be one that cannot write. Whoever opened it holds one state of the store. */
export function sqliteFsckReader(db: SqliteDatabase): FsckReader {
  makeNotes(db)
  const numbers = tenantNumbers(db)
  const log = logReads(db, numbers, new Set())
  const keys = keyReads(db, numbers)
  return {
    ...fileReads(db),
    ...eventReads(db, numbers),
    ...tileReads(db, numbers),
    ...heldReads(db, numbers),
    findLog: (tenant) => log.findLog(tenant),
    listTenantKeys: (tenant) => keys.listTenantKeys(tenant),
    note: noteTaker(db, numbers),
  }
}

function makeNotes(db: SqliteDatabase): void {
  db.run(sql`
    create temp table if not exists fsck_said (
      tenant integer not null, about text not null, id text not null, born text, word text,
      primary key (tenant, about, id)
    ) without rowid`)
  db.run(sql`delete from fsck_said`)
}

function noteTaker(db: SqliteDatabase, numbers: TenantNumbers): FsckReader['note'] {
  const put = db
    .insert(said)
    .values(rowArgs(said))
    .onConflictDoUpdate({
      target: [said.tenant, said.about, said.id],
      set: {
        born: sql`coalesce(${said.born}, excluded.born)`,
        word: sql`coalesce(excluded.word, ${said.word})`,
      },
    })
    .prepare()
  return async (tenant, notes: readonly Said[]) => {
    const no = numbers.of(tenant)
    for (const { about, id, born = null, word = null } of notes)
      put.run({ tenant: no, about, id, born, word })
  }
}

function fileReads(
  db: SqliteDatabase,
): Pick<FsckReader, 'examineFiles' | 'countStrays' | 'listTenants' | 'countEvents'> {
  return {
    async examineFiles() {
      const rows = db.all<{ integrity_check: string }>(sql`pragma integrity_check(100)`)
      return rows.map((row) => row.integrity_check).filter((line) => line !== 'ok')
    },
    async countStrays() {
      return STRAYS.flatMap(({ table, tenant }) => {
        const { rows } = db.get<{ rows: number }>(
          sql`select count(*) as "rows" from ${sql.identifier(table)}
              where ${sql.raw(tenant)} not in (select ${tenants.no} from ${tenants})`,
        )
        return rows > 0 ? [{ table, rows }] : []
      })
    },
    async listTenants() {
      const rows = db.select({ slug: tenants.slug }).from(tenants).orderBy(asc(tenants.no)).all()
      return rows.map(({ slug }) => slug)
    },
    async countEvents() {
      return db.select({ rows: count() }).from(events).get()?.rows ?? 0
    },
  }
}

/** By table, how its rows name their tenant. SQLite divides whole numbers towards zero, where no tenant is. */
const STRAYS: readonly { table: string; tenant: string }[] = [
  { table: 'events', tenant: `place / ${placeOf(1, 0)}` },
  { table: 'tiles', tenant: `place / ${tilePlaceOf(1, { level: 0, index: 0 })}` },
  ...[
    'logs',
    'tenant_keys',
    'parties',
    'credentials',
    'sessions',
    'subjects',
    'data_keys',
    'fields',
    'notes',
    'tokens',
    'grants',
    'shipments',
    'shipment_stages',
    'refs',
  ].map((table) => ({ table, tenant: 'tenant' })),
]

const EVENT = {
  place: events.place,
  id: events.id,
  at: events.at,
  type: events.type,
  party: events.party,
  person: events.person,
  subject: subjects.id,
  subjectSalt: events.subjectSalt,
  bytes: events.bytes,
  leafHash: events.leafHash,
}

function eventReads(
  db: SqliteDatabase,
  numbers: TenantNumbers,
): Pick<FsckReader, 'listEvents' | 'listEmptied'> {
  const page = db
    .select(EVENT)
    .from(events)
    .leftJoin(subjects, and(eq(subjects.no, events.person), eq(subjects.tenant, arg(subjects.tenant))))
    .where(within(events.place))
    .orderBy(asc(events.place))
    .limit(sql.placeholder('limit'))
    .prepare()
  const emptied = db
    .select({ place: events.place })
    .from(events)
    .where(and(within(events.place), eq(events.type, sql`''`)))
    .orderBy(asc(events.place))
    .limit(sql.placeholder('limit'))
    .prepare()
  return {
    async listEmptied(tenant, from, limit) {
      const no = numbers.of(tenant)
      const first = placeOf(no, from)
      const rows = emptied.all({ first, last: placeOf(no + 1, 0) - 1, limit })
      return rows.map(({ place }) => indexOf(place))
    },
    async listEvents(tenant, from, limit) {
      const no = numbers.of(tenant)
      const first = placeOf(no, from)
      const rows = page.all({ tenant: no, first, last: placeOf(no + 1, 0) - 1, limit })
      return rows.map(({ place, person, ...row }): EventRow => {
        return { ...row, index: indexOf(place), namesPerson: person !== null }
      })
    },
  }
}

function tileReads(db: SqliteDatabase, numbers: TenantNumbers): Pick<FsckReader, 'findTile' | 'listTiles'> {
  const one = db.select({ bytes: tiles.bytes }).from(tiles).where(given(tiles.place)).prepare()
  const names = db
    .select({ place: tiles.place })
    .from(tiles)
    .where(within(tiles.place))
    .orderBy(asc(tiles.place))
    .limit(sql.placeholder('limit'))
    .prepare()
  return {
    async findTile(tenant, tile) {
      return one.get({ place: tilePlaceOf(numbers.of(tenant), tile) })?.bytes
    },
    async listTiles(tenant, { limit, after }) {
      const no = numbers.of(tenant)
      const first = after === undefined ? tilePlaceOf(no, FIRST) : Number(after) + 1
      const places = names
        .all({ first, last: tilePlaceOf(no + 1, FIRST) - 1, limit })
        .map(({ place }) => place)
      const last = places.at(-1)
      const next = places.length === limit && last !== undefined ? String(last) : null
      return { rows: places.map(tileAt), next }
    },
  }
}

const FIRST = { level: 0, index: 0 }
const TILES_A_LEVEL = tilePlaceOf(0, { level: 1, index: 0 })
const LEVELS = tilePlaceOf(1, FIRST) / TILES_A_LEVEL

function tileAt(place: number): { level: number; index: number } {
  return { level: Math.floor(place / TILES_A_LEVEL) % LEVELS, index: place % TILES_A_LEVEL }
}
