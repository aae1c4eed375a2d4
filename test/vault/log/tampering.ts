import type Database from 'better-sqlite3'

export type Tamper = (db: Database.Database) => unknown

/** What is done to a store, and the codes of what the check then finds, all of them and in order. */
export type Case = [name: string, tamper: Tamper, codes: string[]]

export const run =
  (...statements: string[]): Tamper =>
  (db) =>
    statements.forEach((statement) => db.exec(statement))

/** The place of the first event of tenant 1, and as many as any tenant has. */
export const FIRST = 2 ** 36

/** An event about a person that moves no state. */
export const SHOWN = `(select min(place) from events where type = 'mask.shown')`

/** Does what `look` does while the store is tampered with; everything is as it was afterwards. */
export async function whileTampered<T>(
  db: Database.Database,
  tamper: Tamper,
  look: () => Promise<T>,
): Promise<T> {
  db.exec('savepoint tampered')
  try {
    tamper(db)
    return await look()
  } finally {
    db.exec('rollback to tampered; release tampered')
  }
}
