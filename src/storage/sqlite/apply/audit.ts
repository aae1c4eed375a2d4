import type { SubjectId } from '../../../core/id.ts'
import type { Change } from '../../../vault/changes.ts'
import type { SqliteDatabase } from '../driver.ts'
import { placeOf } from '../../log-place.ts'
import type { PersonNumbers } from '../row-numbers.ts'
import { lastEvent } from '../reads/audit.ts'
import { events } from '../schema/index.ts'
import { rowArgs } from '../statements.ts'
import { conflict } from './list.ts'
import type { ListContext } from './list.ts'

type AuditChange = Extract<Change, { type: 'event.append' }>

/** The next place is the one after the last event that is there: an undone list leaves no gap. */
export function auditApplier(db: SqliteDatabase, persons: PersonNumbers) {
  const last = lastEvent(db)
  const append = db.insert(events).values(rowArgs(events)).prepare()
  const numberOf = (list: ListContext, subject: SubjectId): number => {
    const no = list.persons.get(subject) ?? persons.peek(list.tenant, subject)
    if (no === undefined) throw conflict()
    return no
  }
  return ({ event: sealed }: AuditChange, list: ListContext): void => {
    const { tenant, logSizes } = list
    const index = logSizes.get(tenant) ?? (last(tenant)?.index ?? -1) + 1
    logSizes.set(tenant, index + 1)
    const { id, at, type, subject, party = null } = sealed.event
    const { bytes, leafHash, subjectSalt } = sealed
    const place = placeOf(tenant, index)
    const person = subject === undefined ? null : numberOf(list, subject)
    append.run({ place, id, at, type, person, subjectSalt, party, bytes, leafHash })
  }
}
