import { ne, sql } from 'drizzle-orm'
import { unreachable } from '../../../core/errors.ts'
import type { Change } from '../../../vault/changes.ts'
import { fieldNumber } from '../../field-slots.ts'
import type { PostgresDatabase } from '../driver.ts'
import { dataKeys, fields, notes, parties, subjects } from '../schema/index.ts'
import type { tenantKeys } from '../schema/index.ts'
import { DONE, all, arg, given, must } from '../statements.ts'
import { livePerson } from './list.ts'
import type { Apply } from './list.ts'
import { slotOfLiving } from './records.ts'

/** Every wrapped key has one length: another would be something else. */
export function sameLength(column: typeof tenantKeys.wrapped | typeof dataKeys.wrapped) {
  return sql`length(${column}) = length(${arg(column)}::bytea)`
}

export type RowChange = Extract<
  Change,
  {
    type: `data_key.${string}` | 'index.rekey' | 'note.reseal' | 'contact.reseal'
  }
>

function prepareDataKeys(db: PostgresDatabase) {
  const ofPerson = sql`${dataKeys.person} = ${livePerson(db)}`
  const wrapped = {
    tenantKeyVersion: arg(dataKeys.tenantKeyVersion, 'tenantKeyVersion'),
    wrapped: arg(dataKeys.wrapped),
  }
  const underSameVersion = all(
    given(dataKeys.keyId, 'keyId'),
    given(dataKeys.tenantKeyVersion, 'from'),
    sameLength(dataKeys.wrapped),
  )
  const move = db
    .update(subjects)
    .set({ version: sql`${subjects.version} + 1` })
    .where(
      all(
        given(subjects.tenant),
        given(subjects.id, 'subject'),
        given(subjects.version),
        ne(subjects.state, 'erased'),
      ),
    )
    .returning(DONE)
  return {
    rewrap: must(db.update(dataKeys).set(wrapped).where(all(ofPerson, underSameVersion)).returning(DONE)),
    moveSubject: must(move),
    replace: must(
      db
        .update(dataKeys)
        .set({ ...wrapped, keyId: arg(dataKeys.keyId, 'keyId') })
        .where(all(ofPerson, sameLength(dataKeys.wrapped)))
        .returning(DONE),
    ),
  }
}

function prepareRows(db: PostgresDatabase) {
  const rekeyField = db
    .update(fields)
    .set({ indexKeyVersion: arg(fields.indexKeyVersion), hash: arg(fields.hash) })
    .where(all(sql`${fields.slot} = ${slotOfLiving(db)}`, given(fields.version)))
    .returning(DONE)
  const resealNote = db
    .update(notes)
    .set({ sealed: arg(notes.sealed) })
    .where(all(given(notes.no), given(notes.tenant), given(notes.sealed, 'from')))
    .returning(DONE)
  const resealContact = db
    .update(parties)
    .set({ contact: arg(parties.contact) })
    .where(all(given(parties.tenant), given(parties.id), given(parties.contact, 'from')))
    .returning(DONE)
  return { rekeyField: must(rekeyField), resealNote: must(resealNote), resealContact: must(resealContact) }
}

/** Rows that hold or name keys, apart from the tenants' own. */
export function keyRowApplier(db: PostgresDatabase): Apply<RowChange> {
  const key = prepareDataKeys(db)
  const row = prepareRows(db)
  return (change, { tenant }) => {
    switch (change.type) {
      case 'data_key.rewrap': {
        const { subject, from, dataKey } = change
        return [key.rewrap({ tenant, subject, from, ...dataKey })]
      }
      case 'data_key.replace': {
        const { id: subject, expectedVersion: version, dataKey } = change
        return [key.moveSubject({ tenant, subject, version }), key.replace({ tenant, subject, ...dataKey })]
      }
      case 'index.rekey': {
        const { subject, field, version, index } = change
        const place = { tenant, subject, number: fieldNumber(field), version }
        return [row.rekeyField({ ...place, index_key_version: index.keyVersion, hash: index.hash })]
      }
      case 'note.reseal':
        return [row.resealNote({ tenant, no: change.no, from: change.from, sealed: change.sealed })]
      case 'contact.reseal':
        return [row.resealContact({ tenant, id: change.id, from: change.from, contact: change.contact })]
      default:
        return unreachable(change)
    }
  }
}
