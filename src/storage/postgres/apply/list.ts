import { ne } from 'drizzle-orm'
import type { SQL } from 'drizzle-orm'
import type { Bound, PostgresDatabase } from '../driver.ts'
import { subjects } from '../schema/index.ts'
import { all, given, required } from '../statements.ts'

/** What the changes of one commit list share: the tenant's number. */
export type ListContext = { readonly tenant: number }

/** A change as statements, in order. No answer is looked at: whatever must hold, the server holds. */
export type Apply<C> = (change: C, list: ListContext) => readonly Bound[]

/**
 * The number of a person who is not erased, by the arguments `tenant` and `subject`; without one the transaction stops:
 * nothing is ever added to an erased person.
 */
export function livePerson(db: PostgresDatabase): SQL<number> {
  const { tenant, id, no, state } = subjects
  return required(
    db
      .select({ no })
      .from(subjects)
      .where(all(given(tenant), given(id, 'subject'), ne(state, 'erased'))),
  )
}

/** As `livePerson`, of anybody who was ever stored. */
export function anyPerson(db: PostgresDatabase): SQL<number> {
  const { tenant, id, no } = subjects
  return required(
    db
      .select({ no })
      .from(subjects)
      .where(all(given(tenant), given(id, 'subject'))),
  )
}
