import { and } from 'drizzle-orm'
import type { GrantId, SubjectId } from '../../core/id.ts'
import type { SqliteDatabase } from './driver.ts'
import { grants, subjects } from './schema/index.ts'
import { given } from './statements.ts'

/** Some ten megabytes: those that were met lately. */
const MAX_KNOWN = 50_000

/** Turns ids into the numbers of their rows. Neither ever changes nor goes away, with an erasure neither. */
class RowNumbers<RowId extends string> {
  readonly #known = new Map<RowId, number>()
  readonly #find: (tenant: number, id: RowId) => number | undefined

  constructor(find: (tenant: number, id: RowId) => number | undefined) {
    this.#find = find
  }

  /** Of a committed row, as a read has met it. */
  remember(id: RowId, no: number): void {
    if (this.#known.has(id)) return
    if (this.#known.size >= MAX_KNOWN) this.#known.clear()
    this.#known.set(id, no)
  }

  /** Remembers nothing new: within a commit, which may yet be undone, it may be a row that then never was. */
  peek(tenant: number, id: RowId): number | undefined {
    return this.#known.get(id) ?? this.#find(tenant, id)
  }
}

export type PersonNumbers = RowNumbers<SubjectId>
export type GrantNumbers = RowNumbers<GrantId>

export function personNumbers(db: SqliteDatabase): PersonNumbers {
  const byId = db
    .select({ no: subjects.no })
    .from(subjects)
    .where(and(given(subjects.tenant), given(subjects.id)))
    .prepare()
  return new RowNumbers((tenant, id) => byId.get({ tenant, id })?.no)
}

export function grantNumbers(db: SqliteDatabase): GrantNumbers {
  const byId = db
    .select({ no: grants.no })
    .from(grants)
    .where(and(given(grants.tenant), given(grants.id)))
    .prepare()
  return new RowNumbers((tenant, id) => byId.get({ tenant, id })?.no)
}
