import Database from 'better-sqlite3'

// Broken on purpose, for P1's control: the service, but that its database falls to synchronous=NORMAL once it has been found
// to be durable.

const { pragma } = Database.prototype
const LAST_OF_OPENING = 'wal_checkpoint(TRUNCATE)'

Database.prototype.pragma = function (
  this: Database.Database,
  text: string,
  options?: Database.PragmaOptions,
) {
  const result: unknown = pragma.call(this, text, options)
  if (text === LAST_OF_OPENING) pragma.call(this, 'synchronous = NORMAL')
  return result
}

await import('../../src/cli/main.ts')
