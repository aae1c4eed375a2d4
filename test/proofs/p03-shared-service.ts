import Database from 'better-sqlite3'

// For P2 and P3: the service, but that others may open its database beside it, so that one of them can hold a lock.

const { pragma } = Database.prototype
const DATABASE = 'cloakroom.sqlite'

Database.prototype.pragma = function (
  this: Database.Database,
  text: string,
  options?: Database.PragmaOptions,
) {
  const isTheDatabase = this.name.endsWith(`/${DATABASE}`)
  if (isTheDatabase && text === 'locking_mode = EXCLUSIVE') return undefined
  return pragma.call(this, text, options)
}

await import('../../src/cli/main.ts')
