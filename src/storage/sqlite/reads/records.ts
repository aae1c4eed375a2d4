import { and, asc, desc, eq, sql } from 'drizzle-orm'
import type { SubjectId } from '../../../core/id.ts'
import type { Person, SealedField, Subject, WrappedDataKey } from '../../../vault/records/record.ts'
import type { RecordReads } from '../../../vault/store.ts'
import { SLOTS_EACH, slotsOf } from '../../field-slots.ts'
import type { SqliteDatabase } from '../driver.ts'
import { dataKeys, fields, notes, subjects } from '../schema/index.ts'
import { arg, given, within } from '../statements.ts'
import type { TenantNumbers } from './tenants.ts'

export const SUBJECT = {
  id: subjects.id,
  owner: subjects.owner,
  externalRef: subjects.externalRef,
  locale: subjects.locale,
  jurisdiction: subjects.jurisdiction,
  state: subjects.state,
  version: subjects.version,
  createdAt: subjects.createdAt,
  updatedAt: subjects.updatedAt,
  erasedAt: subjects.erasedAt,
}

export const DATA_KEY = {
  keyId: dataKeys.keyId,
  tenantKeyVersion: dataKeys.tenantKeyVersion,
  wrapped: dataKeys.wrapped,
}

type PersonRow = { no: number; subject: Subject; dataKey: WrappedDataKey }

/** Completes what a join gave of a person with the fields, which lie side by side. */
export function personReader(db: SqliteDatabase): (row: PersonRow) => Person {
  const sealed = db
    .select({ field: fields.field, version: fields.version, envelope: fields.envelope })
    .from(fields)
    .where(within(fields.slot))
    .orderBy(asc(fields.slot))
    .prepare()
  return ({ no, subject, dataKey }) => {
    if (subject.state === 'erased') return { subject, dataKey: null, fields: [] }
    const found: SealedField[] = sealed.all(slotsOf(no))
    return { subject, dataKey, fields: found }
  }
}

function prepare(db: SqliteDatabase) {
  const persons = () =>
    db
      .select({ no: subjects.no, subject: SUBJECT, dataKey: DATA_KEY })
      .from(subjects)
      .innerJoin(dataKeys, eq(dataKeys.person, subjects.no))
  return {
    person: persons()
      .where(and(given(subjects.tenant), given(subjects.id)))
      .prepare(),
    personByRef: persons()
      .where(
        and(
          given(subjects.tenant),
          given(subjects.owner),
          given(subjects.externalRef),
          sql`${subjects.externalRef} is not null`,
        ),
      )
      .prepare(),
    byIndex: db
      .select(SUBJECT)
      .from(fields)
      .innerJoin(subjects, sql`${subjects.no} = ${fields.slot} / ${sql.raw(String(SLOTS_EACH))}`)
      .where(and(given(fields.tenant), given(fields.field), given(fields.hash)))
      .orderBy(desc(fields.slot))
      .limit(sql.placeholder('limit'))
      .prepare(),
    notes: db
      .select({ about: notes.about, sealed: notes.sealed, at: notes.at })
      .from(notes)
      .where(and(given(notes.tenant), sql`${notes.subject} = ${arg(notes.subject)}`))
      .orderBy(asc(notes.no))
      .prepare(),
  }
}

export function recordReads(db: SqliteDatabase, numbers: TenantNumbers): RecordReads {
  const statements = prepare(db)
  const complete = personReader(db)
  const find = (tenant: number, id: SubjectId) => {
    const row = statements.person.get({ tenant, id })
    return row && complete(row)
  }
  return {
    async findPerson(tenant, id) {
      return find(numbers.of(tenant), id)
    },
    async findPersons(tenant, ids) {
      const no = numbers.of(tenant)
      return [...new Set(ids)].map((id) => find(no, id)).filter((person) => person !== undefined)
    },
    async findPersonsByRef(tenant, owner, refs) {
      const no = numbers.of(tenant)
      return [...new Set(refs)].flatMap((ref) => {
        const row = statements.personByRef.get({ tenant: no, owner, external_ref: ref })
        return row ? [complete(row)] : []
      })
    },
    async findSubjectsByIndex(tenant, field, hash, limit) {
      return statements.byIndex.all({ tenant: numbers.of(tenant), field, hash, limit })
    },
    async listNotes(tenant, subject) {
      return statements.notes.all({ tenant: numbers.of(tenant), subject })
    },
  }
}
