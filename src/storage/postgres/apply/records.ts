import { getTableColumns, ne, sql } from 'drizzle-orm'
import type { SQL } from 'drizzle-orm'
import { unreachable } from '../../../core/errors.ts'
import type { Change } from '../../../vault/changes.ts'
import { SLOTS_EACH, fieldNumber } from '../../field-slots.ts'
import type { PostgresDatabase } from '../driver.ts'
import { dataKeys, fields, notes, subjects } from '../schema/index.ts'
import { DONE, all, arg, given, must, rowArgs, statement } from '../statements.ts'
import { anyPerson, livePerson, livePersonOf } from './list.ts'
import { overRows, versioned, isVersion, mustFindEach, insertEach, insertFrom } from '../rows.ts'
import type { Apply } from './list.ts'

type RecordChange = Extract<
  Change,
  { type: 'expect.subject' | `subject.${string}` | `field.${string}` | 'note.insert' }
>

/** Where a field lies, by the arguments `tenant`, `subject` and `number`; without a living person the transaction stops. */
export function slotOfLiving(db: PostgresDatabase) {
  return sql`${livePerson(db)} * ${sql.raw(String(SLOTS_EACH))} + ${sql.placeholder('number')}`
}

function prepareSubjects(db: PostgresDatabase) {
  const asRead = () =>
    all(
      given(subjects.tenant),
      given(subjects.id, 'subject'),
      given(subjects.version),
      ne(subjects.state, 'erased'),
    )
  const update = db
    .update(subjects)
    .set({
      locale: arg(subjects.locale),
      jurisdiction: arg(subjects.jurisdiction),
      updatedAt: arg(subjects.updatedAt),
      version: sql`${subjects.version} + 1`,
    })
    .where(asRead())
    .returning(DONE)
  const erase = db
    .update(subjects)
    .set({
      externalRef: null,
      locale: null,
      jurisdiction: null,
      state: 'erased',
      updatedAt: arg(subjects.erasedAt),
      erasedAt: arg(subjects.erasedAt),
      version: sql`${subjects.version} + 1`,
    })
    .where(asRead())
    .returning(DONE)
  return {
    expect: overRows(versioned(subjects), { reads: [subjects] }, (given, row) =>
      mustFindEach(sql`${given} join ${subjects} on ${isVersion(subjects, row)}`),
    ),
    insert: insertEach(subjects),
    update: must(update),
    erase: must(erase),
  }
}

function puttingFields() {
  const slot = (row: { tenant: SQL; subject: SQL; number: SQL }) =>
    sql`${livePersonOf(row)} * ${sql.raw(String(SLOTS_EACH))} + ${row.number}`
  const { slot: _derived, ...stored } = getTableColumns(fields)
  const columns = { ...stored, subject: subjects.id, number: fields.version }
  return overRows(
    columns,
    { reads: [subjects], changes: [fields] },
    (given, row) => sql`${insertFrom(fields, given, row, { slot: slot(row) })}
      on conflict ("slot") do update set "version" = excluded."version", "envelope" = excluded."envelope",
        "index_key_version" = excluded."index_key_version", "hash" = excluded."hash"`,
    ({ subject, number }) => `${String(subject)} ${String(number)}`,
  )
}

function prepareContents(db: PostgresDatabase) {
  const person = anyPerson(db)
  const slots = sql.raw(String(SLOTS_EACH))
  const zeroKey = db
    .update(dataKeys)
    .set({ wrapped: sql`decode(repeat('00', length(${dataKeys.wrapped})), 'hex')` })
    .where(sql`${dataKeys.person} = ${person}`)
    .returning(DONE)
  const { no: _given, ...note } = rowArgs(notes)
  return {
    insertKey: insertEach(dataKeys, {
      also: { subject: subjects.id },
      reads: [subjects],
      derived: (row) => ({ person: livePersonOf(row) }),
    }),
    zeroKey: must(zeroKey),
    putField: puttingFields(),
    removeField: must(
      db
        .delete(fields)
        .where(sql`${fields.slot} = ${slotOfLiving(db)}`)
        .returning(DONE),
    ),
    removeFields: statement(
      db
        .delete(fields)
        .where(sql`${fields.slot} between ${person} * ${slots} and ${person} * ${slots} + ${slots} - 1`),
    ),
    insertNote: statement(db.insert(notes).values(note)),
    removeNotes: statement(db.delete(notes).where(all(given(notes.tenant), given(notes.subject)))),
  }
}

export function recordApplier(db: PostgresDatabase): Apply<RecordChange> {
  const row = prepareSubjects(db)
  const content = prepareContents(db)
  return (change, { tenant }) => {
    switch (change.type) {
      case 'expect.subject':
        return [row.expect({ tenant, id: change.id, version: change.version })]
      case 'subject.insert':
        return [
          row.insert({ tenant, ...change.subject }),
          content.insertKey({ tenant, subject: change.subject.id, ...change.dataKey }),
        ]
      case 'subject.update': {
        const { id: subject, expectedVersion: version, locale, jurisdiction, at } = change
        return [row.update({ tenant, subject, version, locale, jurisdiction, updated_at: at })]
      }
      case 'subject.erase': {
        const { id: subject, expectedVersion: version, at } = change
        return [
          row.erase({ tenant, subject, version, erased_at: at }),
          content.zeroKey({ tenant, subject }),
          content.removeFields({ tenant, subject }),
          content.removeNotes({ tenant, subject }),
        ]
      }
      case 'field.put': {
        const { subject, field, version, envelope, index } = change
        const { keyVersion: indexKeyVersion, hash } = index
        const number = fieldNumber(field)
        return [
          content.putField({ tenant, subject, number, field, version, envelope, indexKeyVersion, hash }),
        ]
      }
      case 'field.remove':
        return [content.removeField({ tenant, subject: change.subject, number: fieldNumber(change.field) })]
      case 'note.insert': {
        const { about, subject, sealed, at } = change
        return [content.insertNote({ tenant, about, subject, sealed, at })]
      }
      default:
        return unreachable(change)
    }
  }
}
