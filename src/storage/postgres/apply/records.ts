import { ne, sql } from 'drizzle-orm'
import { unreachable } from '../../../core/errors.ts'
import type { Change } from '../../../vault/changes.ts'
import { SLOTS_EACH, fieldNumber } from '../../field-slots.ts'
import type { PostgresDatabase } from '../driver.ts'
import { dataKeys, fields, notes, subjects } from '../schema/index.ts'
import { DONE, all, arg, given, must, rowArgs, statement } from '../statements.ts'
import { anyPerson, livePerson } from './list.ts'
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
  const expect = db
    .select(DONE)
    .from(subjects)
    .where(all(given(subjects.tenant), given(subjects.id, 'subject'), given(subjects.version)))
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
  const { no: _given, ...row } = rowArgs(subjects)
  return {
    expect: must(expect),
    insert: statement(db.insert(subjects).values(row)),
    update: must(update),
    erase: must(erase),
  }
}

function prepareContents(db: PostgresDatabase) {
  const person = anyPerson(db)
  const slots = sql.raw(String(SLOTS_EACH))
  const putField = db
    .insert(fields)
    .values({ ...rowArgs(fields), slot: slotOfLiving(db) })
    .onConflictDoUpdate({
      target: fields.slot,
      set: {
        version: sql`excluded.version`,
        envelope: sql`excluded.envelope`,
        indexKeyVersion: sql`excluded.index_key_version`,
        hash: sql`excluded.hash`,
      },
    })
  const zeroKey = db
    .update(dataKeys)
    .set({ wrapped: sql`decode(repeat('00', length(${dataKeys.wrapped})), 'hex')` })
    .where(sql`${dataKeys.person} = ${person}`)
    .returning(DONE)
  const { no: _given, ...note } = rowArgs(notes)
  return {
    insertKey: statement(db.insert(dataKeys).values({ ...rowArgs(dataKeys), person: livePerson(db) })),
    zeroKey: must(zeroKey),
    putField: statement(putField),
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
        return [row.expect({ tenant, subject: change.id, version: change.version })]
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
