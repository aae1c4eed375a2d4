import { and, eq, ne, sql } from 'drizzle-orm'
import type { SubjectId } from '../../../core/id.ts'
import type { Change } from '../../../vault/changes.ts'
import { slotOf, slotsOf } from '../../field-slots.ts'
import type { SqliteDatabase } from '../driver.ts'
import { dataKeys, fields, notes, subjects } from '../schema/index.ts'
import { DONE, arg, given, rowArgs, within } from '../statements.ts'
import { conflict, must } from './list.ts'
import type { ListContext } from './list.ts'

type RecordChange = Extract<
  Change,
  { type: 'expect.subject' | `subject.${string}` | `field.${string}` | 'note.insert' }
>

/**
 * The number of a person who is not erased.
 * @throws VaultError `conflict` if there is none: nothing is ever added to an erased person.
 */
export type FindPerson = (list: ListContext, subject: SubjectId) => number

export function personFinder(db: SqliteDatabase): FindPerson {
  const byId = db
    .select({ no: subjects.no })
    .from(subjects)
    .where(and(given(subjects.tenant), given(subjects.id), ne(subjects.state, 'erased')))
    .prepare()
  return (list, subject) => {
    const known = list.persons.get(subject)
    if (known !== undefined) return known
    const found = byId.get({ tenant: list.tenant, id: subject })
    if (!found) throw conflict()
    list.persons.set(subject, found.no)
    return found.no
  }
}

function prepareSubjects(db: SqliteDatabase) {
  const asRead = () =>
    and(given(subjects.tenant), given(subjects.id), given(subjects.version), ne(subjects.state, 'erased'))
  return {
    expect: db
      .select(DONE)
      .from(subjects)
      .where(and(given(subjects.tenant), given(subjects.id), given(subjects.version)))
      .prepare(),
    insert: db
      .insert(subjects)
      .values({ ...rowArgs(subjects), no: sql`null` })
      .returning({ no: subjects.no })
      .prepare(),
    update: db
      .update(subjects)
      .set({
        locale: sql`${arg(subjects.locale)}`,
        jurisdiction: sql`${arg(subjects.jurisdiction)}`,
        updatedAt: sql`${arg(subjects.updatedAt)}`,
        version: sql`${subjects.version} + 1`,
      })
      .where(asRead())
      .returning(DONE)
      .prepare(),
    erase: db
      .update(subjects)
      .set({
        externalRef: null,
        locale: null,
        jurisdiction: null,
        state: 'erased',
        updatedAt: sql`${arg(subjects.erasedAt)}`,
        erasedAt: sql`${arg(subjects.erasedAt)}`,
        version: sql`${subjects.version} + 1`,
      })
      .where(asRead())
      .returning({ no: subjects.no })
      .prepare(),
  }
}

function prepareContents(db: SqliteDatabase) {
  return {
    insertKey: db.insert(dataKeys).values(rowArgs(dataKeys)).prepare(),
    /** The same length, so that SQLite overwrites the cell where it is. */
    zeroKey: db
      .update(dataKeys)
      .set({ wrapped: sql`zeroblob(length(${dataKeys.wrapped}))` })
      .where(given(dataKeys.person))
      .prepare(),
    putField: db
      .insert(fields)
      .values(rowArgs(fields))
      .onConflictDoUpdate({
        target: fields.slot,
        set: {
          version: sql`excluded.version`,
          envelope: sql`excluded.envelope`,
          indexKeyVersion: sql`excluded.index_key_version`,
          hash: sql`excluded.hash`,
        },
      })
      .prepare(),
    removeField: db.delete(fields).where(given(fields.slot)).returning(DONE).prepare(),
    removeFields: db.delete(fields).where(within(fields.slot)).prepare(),
    insertNote: db
      .insert(notes)
      .values({ ...rowArgs(notes), no: sql`null` })
      .prepare(),
    removeNotes: db
      .delete(notes)
      .where(and(given(notes.tenant), eq(notes.subject, arg(notes.subject))))
      .prepare(),
  }
}

export function recordApplier(db: SqliteDatabase, personNo: FindPerson) {
  const subject = prepareSubjects(db)
  const content = prepareContents(db)
  const erase = (change: Extract<RecordChange, { type: 'subject.erase' }>, list: ListContext) => {
    const { id, at, expectedVersion } = change
    const row = subject.erase.get({ tenant: list.tenant, id, version: expectedVersion, erased_at: at })
    if (!row) throw conflict()
    content.zeroKey.run({ person: row.no })
    content.removeFields.run(slotsOf(row.no))
    content.removeNotes.run({ tenant: list.tenant, subject: id })
    list.persons.delete(id)
  }
  return (change: RecordChange, list: ListContext): void => {
    const { tenant } = list
    switch (change.type) {
      case 'expect.subject':
        return must(subject.expect.get({ tenant, id: change.id, version: change.version }))
      case 'subject.insert': {
        const { no } = subject.insert.get({ tenant, ...change.subject })
        content.insertKey.run({ tenant, person: no, ...change.dataKey })
        list.persons.set(change.subject.id, no)
        return
      }
      case 'subject.update': {
        const { id, expectedVersion: version, locale, jurisdiction, at } = change
        return must(subject.update.get({ tenant, id, version, locale, jurisdiction, updated_at: at }))
      }
      case 'subject.erase':
        return erase(change, list)
      case 'field.put': {
        const { field, version, envelope, index } = change
        const slot = slotOf(personNo(list, change.subject), field)
        const { keyVersion: indexKeyVersion, hash } = index
        content.putField.run({ tenant, slot, field, version, envelope, indexKeyVersion, hash })
        return
      }
      case 'field.remove':
        return must(content.removeField.get({ slot: slotOf(personNo(list, change.subject), change.field) }))
      case 'note.insert': {
        const { about, sealed, at } = change
        content.insertNote.run({ tenant, about, subject: change.subject, sealed, at })
        return
      }
    }
  }
}
