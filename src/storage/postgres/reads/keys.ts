import { and, asc, eq, getTableColumns, gt, isNull, sql } from 'drizzle-orm'
import type { KeyReads } from '../../../vault/store.ts'
import { SLOTS_EACH } from '../../field-slots.ts'
import type { PostgresDatabase } from '../driver.ts'
import { dataKeys, fields, keyDestructions, notes, rotations, subjects, tenantKeys } from '../schema/index.ts'
import { given } from '../statements.ts'
import type { TenantNumbers } from '../tenants.ts'
import { DATA_KEY } from './persons.ts'

const { tenant: _ofKey, ...TENANT_KEY } = getTableColumns(tenantKeys)
const { tenant: _ofRotation, ...ROTATION } = getTableColumns(rotations)
const { tenant: _ofDestruction, ...DESTRUCTION } = getTableColumns(keyDestructions)

/** In the order of rows, after the one that the caller has seen last. */
function prepareWalks(db: PostgresDatabase) {
  const limit = sql.placeholder('limit')
  const after = sql.placeholder('after')
  const isLiving = sql`${subjects.state} <> 'erased'`
  const numbered = () =>
    db.select({ no: notes.no, about: notes.about, sealed: notes.sealed }).from(notes).$dynamic()
  return {
    dataKeys: db
      .select({ no: dataKeys.person, subject: subjects.id, dataKey: DATA_KEY })
      .from(dataKeys)
      .innerJoin(subjects, eq(subjects.no, dataKeys.person))
      .where(and(gt(dataKeys.person, after), given(dataKeys.tenant), isLiving))
      .orderBy(asc(dataKeys.person))
      .limit(limit)
      .prepare('data_keys'),
    indexRows: db
      .select({
        no: fields.slot,
        subject: subjects.id,
        field: fields.field,
        version: fields.version,
        keyVersion: fields.indexKeyVersion,
      })
      .from(fields)
      .innerJoin(subjects, sql`${subjects.no} = ${fields.slot} / ${sql.raw(String(SLOTS_EACH))}`)
      .where(and(gt(fields.slot, after), given(fields.tenant)))
      .orderBy(asc(fields.slot))
      .limit(limit)
      .prepare('index_rows'),
    houseNotes: numbered()
      .where(and(given(notes.tenant), isNull(notes.subject), gt(notes.no, after)))
      .orderBy(asc(notes.no))
      .limit(limit)
      .prepare('house_notes'),
    notesAbout: numbered()
      .where(and(given(notes.tenant), given(notes.subject), gt(notes.no, after)))
      .orderBy(asc(notes.no))
      .limit(limit)
      .prepare('notes_about'),
  }
}

/** How many rows of each the tenant has: read whole, once a rotation. */
function prepareCount(db: PostgresDatabase) {
  const rowsOf = (table: typeof dataKeys | typeof fields) =>
    sql`(select count(*) from ${table} where ${given(table.tenant)})`.mapWith(Number)
  const house = sql`(select count(*) from ${notes} where ${and(given(notes.tenant), isNull(notes.subject))})`
  return db
    .select({ dataKeys: rowsOf(dataKeys), indexRows: rowsOf(fields), houseNotes: house.mapWith(Number) })
    .from(sql`(select 1) as one`)
    .prepare('key_uses')
}

function prepare(db: PostgresDatabase) {
  return {
    tenantKeys: db
      .select(TENANT_KEY)
      .from(tenantKeys)
      .where(given(tenantKeys.tenant))
      .orderBy(asc(tenantKeys.kind), asc(tenantKeys.version))
      .prepare('tenant_keys'),
    rotations: db.select(ROTATION).from(rotations).where(given(rotations.tenant)).prepare('rotations'),
    destruction: db
      .select(DESTRUCTION)
      .from(keyDestructions)
      .where(and(given(keyDestructions.tenant), given(keyDestructions.id)))
      .prepare('key_destruction'),
    count: prepareCount(db),
  }
}

export function keyReads(db: PostgresDatabase, numbers: TenantNumbers): KeyReads {
  const walks = prepareWalks(db)
  const statements = prepare(db)
  return {
    async listTenantKeys(tenant) {
      return statements.tenantKeys.execute({ tenant: await numbers.of(tenant) })
    },
    async listRotations(tenant) {
      return statements.rotations.execute({ tenant: await numbers.of(tenant) })
    },
    async listDataKeys(tenant, after, limit) {
      return walks.dataKeys.execute({ tenant: await numbers.of(tenant), after, limit })
    },
    async listIndexRows(tenant, after, limit) {
      return walks.indexRows.execute({ tenant: await numbers.of(tenant), after, limit })
    },
    async listNotesNumbered(tenant, subject, after, limit) {
      const no = await numbers.of(tenant)
      return subject === null
        ? walks.houseNotes.execute({ tenant: no, after, limit })
        : walks.notesAbout.execute({ tenant: no, subject, after, limit })
    },
    async countKeyUses(tenant) {
      const [counts] = await statements.count.execute({ tenant: await numbers.of(tenant) })
      return counts ?? { dataKeys: 0, indexRows: 0, houseNotes: 0 }
    },
    async findKeyDestruction(tenant, id) {
      const [row] = await statements.destruction.execute({ tenant: await numbers.of(tenant), id })
      return row
    },
  }
}
