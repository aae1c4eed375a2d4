import { ne, sql } from 'drizzle-orm'
import type { SQL } from 'drizzle-orm'
import type { Step } from '../batch.ts'
import type { PostgresDatabase } from '../driver.ts'
import { subjects } from '../schema/index.ts'
import { all, given, required } from '../statements.ts'

/** What the changes of one commit list share: the tenant's number. */
export type ListContext = { readonly tenant: number }

/** A change as statements, in order. No answer is looked at: whatever must hold, the server holds. */
export type Apply<C> = (change: C, list: ListContext) => readonly Step[]

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

type OfPerson = { readonly tenant: SQL; readonly subject: SQL }

/** As `livePerson`, of a row whose arguments are these. */
export function livePersonOf({ tenant, subject }: OfPerson): SQL {
  return required(sql`(select ${subjects.no} from ${subjects}
    where ${subjects.tenant} = ${tenant} and ${subjects.id} = ${subject} and ${subjects.state} <> 'erased')`)
}

/** As `anyPerson`, of a row whose arguments are these; null where it names nobody. */
export function anyPersonOf({ tenant, subject }: OfPerson): SQL {
  const person = sql`(select ${subjects.no} from ${subjects}
    where ${subjects.tenant} = ${tenant} and ${subjects.id} = ${subject})`
  return sql`case when ${subject} is not null then ${required(person)} end`
}
