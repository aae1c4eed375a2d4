import { and, ne, sql } from 'drizzle-orm'
import type { Change } from '../../../vault/changes.ts'
import { slotOf } from '../../field-slots.ts'
import type { SqliteDatabase } from '../driver.ts'
import { dataKeys, fields, notes, parties, subjects } from '../schema/index.ts'
import type { tenantKeys } from '../schema/index.ts'
import { DONE, arg, given } from '../statements.ts'
import { conflict, must } from './list.ts'
import type { ListContext } from './list.ts'
import type { FindPerson } from './records.ts'

/** What is overwritten keeps its length, so that SQLite does it where the cell is. */
export function sameLength(column: typeof tenantKeys.wrapped | typeof dataKeys.wrapped) {
  return sql`length(${column}) = length(${arg(column)})`
}

function prepareRows(db: SqliteDatabase) {
  return {
    rewrapDataKey: db
      .update(dataKeys)
      .set({
        tenantKeyVersion: sql`${arg(dataKeys.tenantKeyVersion)}`,
        wrapped: sql`${arg(dataKeys.wrapped)}`,
      })
      .where(
        and(
          given(dataKeys.person),
          given(dataKeys.keyId),
          given(dataKeys.tenantKeyVersion, 'from'),
          sameLength(dataKeys.wrapped),
        ),
      )
      .returning(DONE)
      .prepare(),
    moveSubject: db
      .update(subjects)
      .set({ version: sql`${subjects.version} + 1` })
      .where(
        and(
          given(subjects.tenant),
          given(subjects.id),
          given(subjects.version),
          ne(subjects.state, 'erased'),
        ),
      )
      .returning({ no: subjects.no })
      .prepare(),
    replaceDataKey: db
      .update(dataKeys)
      .set({
        keyId: sql`${arg(dataKeys.keyId)}`,
        tenantKeyVersion: sql`${arg(dataKeys.tenantKeyVersion)}`,
        wrapped: sql`${arg(dataKeys.wrapped)}`,
      })
      .where(and(given(dataKeys.person), sameLength(dataKeys.wrapped)))
      .returning(DONE)
      .prepare(),
    rekeyField: db
      .update(fields)
      .set({ indexKeyVersion: sql`${arg(fields.indexKeyVersion)}`, hash: sql`${arg(fields.hash)}` })
      .where(and(given(fields.slot), given(fields.version)))
      .returning(DONE)
      .prepare(),
    resealNote: db
      .update(notes)
      .set({ sealed: sql`${arg(notes.sealed)}` })
      .where(and(given(notes.no), given(notes.tenant), given(notes.sealed, 'from')))
      .returning(DONE)
      .prepare(),
    resealContact: db
      .update(parties)
      .set({ contact: sql`${arg(parties.contact)}` })
      .where(and(given(parties.tenant), given(parties.id), given(parties.contact, 'from')))
      .returning(DONE)
      .prepare(),
  }
}

export type RowChange = Extract<
  Change,
  {
    type: `data_key.${string}` | 'index.rekey' | 'note.reseal' | 'contact.reseal'
  }
>

/** Rows that hold or name keys, apart from the tenants' own. */
export function keyRowApplier(db: SqliteDatabase, personNo: FindPerson) {
  const row = prepareRows(db)
  const ofDataKey = ({
    keyId,
    tenantKeyVersion,
    wrapped,
  }: {
    keyId: string
    tenantKeyVersion: number
    wrapped: Uint8Array
  }) => {
    return { key_id: keyId, tenant_key_version: tenantKeyVersion, wrapped }
  }
  return (change: RowChange, list: ListContext): void => {
    const { tenant } = list
    switch (change.type) {
      case 'data_key.rewrap': {
        const person = personNo(list, change.subject)
        return must(row.rewrapDataKey.get({ person, from: change.from, ...ofDataKey(change.dataKey) }))
      }
      case 'data_key.replace': {
        const moved = row.moveSubject.get({ tenant, id: change.id, version: change.expectedVersion })
        if (!moved) throw conflict()
        list.persons.set(change.id, moved.no)
        return must(row.replaceDataKey.get({ person: moved.no, ...ofDataKey(change.dataKey) }))
      }
      case 'index.rekey': {
        const { field, version, index } = change
        const slot = slotOf(personNo(list, change.subject), field)
        return must(
          row.rekeyField.get({ slot, version, index_key_version: index.keyVersion, hash: index.hash }),
        )
      }
      case 'note.reseal':
        return must(row.resealNote.get({ tenant, no: change.no, from: change.from, sealed: change.sealed }))
      case 'contact.reseal':
        return must(
          row.resealContact.get({ tenant, id: change.id, from: change.from, contact: change.contact }),
        )
    }
  }
}
