import { and, asc, desc, eq, sql } from 'drizzle-orm'
import type { SubjectId } from '../../../core/id.ts'
import type { RecordReads } from '../../../vault/store.ts'
import { SLOTS_EACH } from '../../field-slots.ts'
import type { PostgresDatabase } from '../driver.ts'
import { dataKeys, fields, notes, subjects } from '../schema/index.ts'
import type { Share } from '../shared-reads.ts'
import { among, given } from '../statements.ts'
import type { TenantNumbers } from '../tenants.ts'
import { PERSON, SUBJECT, addresses, emails, names, ofPerson, person, phones } from './persons.ts'

function prepare(db: PostgresDatabase) {
  const persons = () =>
    db
      .select(PERSON)
      .from(subjects)
      .innerJoin(dataKeys, eq(dataKeys.person, subjects.no))
      .leftJoin(names, ofPerson(names, 'name'))
      .leftJoin(phones, ofPerson(phones, 'phone'))
      .leftJoin(emails, ofPerson(emails, 'email'))
      .leftJoin(addresses, ofPerson(addresses, 'address'))
  return {
    persons: persons()
      .where(and(given(subjects.tenant), among(subjects.id, 'ids')))
      .prepare('persons'),
    personsByRef: persons()
      .where(and(given(subjects.tenant), given(subjects.owner), among(subjects.externalRef, 'refs')))
      .prepare('persons_by_ref'),
    byIndex: db
      .select(SUBJECT)
      .from(fields)
      .innerJoin(subjects, sql`${subjects.no} = ${fields.slot} / ${sql.raw(String(SLOTS_EACH))}`)
      .where(and(given(fields.tenant), given(fields.field), given(fields.hash)))
      .orderBy(desc(fields.slot))
      .limit(sql.placeholder('limit'))
      .prepare('subjects_by_index'),
    notes: db
      .select({ about: notes.about, sealed: notes.sealed, at: notes.at })
      .from(notes)
      .where(and(given(notes.tenant), given(notes.subject)))
      .orderBy(asc(notes.no))
      .prepare('notes'),
  }
}

export function recordReads(db: PostgresDatabase, numbers: TenantNumbers, share: Share): RecordReads {
  const statements = prepare(db)
  const persons = share({
    read: async (tenant, ids: readonly SubjectId[]) =>
      (await statements.persons.execute({ tenant, ids })).map(person),
    ofAsk: (id) => id,
    ofRow: ({ subject }) => subject.id,
  })
  return {
    async findPerson(tenant, id) {
      const [found] = await persons(await numbers.of(tenant), [id])
      return found
    },
    async findPersons(tenant, ids) {
      return persons(await numbers.of(tenant), ids)
    },
    async findPersonsByRef(tenant, owner, refs) {
      const rows = await statements.personsByRef.execute({ tenant: await numbers.of(tenant), owner, refs })
      return rows.map(person)
    },
    async findSubjectsByIndex(tenant, field, hash, limit) {
      return statements.byIndex.execute({ tenant: await numbers.of(tenant), field, hash, limit })
    },
    async listNotes(tenant, subject) {
      return statements.notes.execute({ tenant: await numbers.of(tenant), subject })
    },
  }
}
