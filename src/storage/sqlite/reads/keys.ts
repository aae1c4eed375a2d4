import { and, asc, count, eq, getTableColumns, gt, isNull, sql } from 'drizzle-orm'
import type { KeyReads } from '../../../vault/store.ts'
import { SLOTS_EACH } from '../../field-slots.ts'
import type { SqliteDatabase } from '../driver.ts'
import { dataKeys, fields, keyDestructions, notes, rotations, subjects, tenantKeys } from '../schema/index.ts'
import { given } from '../statements.ts'
import { DATA_KEY } from './records.ts'
import type { TenantNumbers } from './tenants.ts'

const TENANT_KEY = {
  kind: tenantKeys.kind,
  version: tenantKeys.version,
  state: tenantKeys.state,
  keyId: tenantKeys.keyId,
  rootKeyId: tenantKeys.rootKeyId,
  wrapped: tenantKeys.wrapped,
  createdAt: tenantKeys.createdAt,
}

const { tenant: _ofRotation, ...ROTATION } = getTableColumns(rotations)
const { tenant: _ofDestruction, ...DESTRUCTION } = getTableColumns(keyDestructions)

/** In the order of rows, after the one that the caller has seen last. */
function prepareWalks(db: SqliteDatabase) {
  const limit = sql.placeholder('limit')
  const after = sql.placeholder('after')
  return {
    dataKeys: db
      .select({ no: dataKeys.person, subject: subjects.id, dataKey: DATA_KEY })
      .from(dataKeys)
      .innerJoin(subjects, eq(subjects.no, dataKeys.person))
      .where(and(gt(dataKeys.person, after), given(dataKeys.tenant), sql`${subjects.state} <> 'erased'`))
      .orderBy(asc(dataKeys.person))
      .limit(limit)
      .prepare(),
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
      .prepare(),
  }
}

/** How many rows of each the tenant has: read whole, once a rotation. */
function counted(db: SqliteDatabase, tenant: number) {
  const rowsOf = (table: typeof dataKeys | typeof fields) =>
    db.select({ rows: count() }).from(table).where(eq(table.tenant, tenant)).get()?.rows ?? 0
  const house = and(eq(notes.tenant, tenant), isNull(notes.subject))
  const houseNotes = db.select({ rows: count() }).from(notes).where(house).get()?.rows ?? 0
  return { dataKeys: rowsOf(dataKeys), indexRows: rowsOf(fields), houseNotes }
}

export function keyReads(db: SqliteDatabase, numbers: TenantNumbers): KeyReads {
  const walks = prepareWalks(db)
  return {
    async listTenantKeys(tenant) {
      return db
        .select(TENANT_KEY)
        .from(tenantKeys)
        .where(eq(tenantKeys.tenant, numbers.of(tenant)))
        .orderBy(asc(tenantKeys.kind), asc(tenantKeys.version))
        .all()
    },
    async listRotations(tenant) {
      return db
        .select(ROTATION)
        .from(rotations)
        .where(eq(rotations.tenant, numbers.of(tenant)))
        .all()
    },
    async listDataKeys(tenant, after, limit) {
      return walks.dataKeys.all({ tenant: numbers.of(tenant), after, limit })
    },
    async listIndexRows(tenant, after, limit) {
      return walks.indexRows.all({ tenant: numbers.of(tenant), after, limit })
    },
    async listNotesNumbered(tenant, subject, after, limit) {
      const about = subject === null ? isNull(notes.subject) : eq(notes.subject, subject)
      return db
        .select({ no: notes.no, about: notes.about, sealed: notes.sealed })
        .from(notes)
        .where(and(eq(notes.tenant, numbers.of(tenant)), about, gt(notes.no, after)))
        .orderBy(asc(notes.no))
        .limit(limit)
        .all()
    },
    async countKeyUses(tenant) {
      return counted(db, numbers.of(tenant))
    },
    async findKeyDestruction(tenant, id) {
      const own = and(eq(keyDestructions.tenant, numbers.of(tenant)), eq(keyDestructions.id, id))
      return db.select(DESTRUCTION).from(keyDestructions).where(own).get()
    },
  }
}
