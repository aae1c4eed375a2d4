import pg from 'pg'

// Broken on purpose, for P1's control: the service, but that PostgreSQL tells it of a commit before that is on disk.

const ON = /'on'/

// oxlint-disable-next-line typescript/unbound-method -- called on the instance it was taken from
const { query } = pg.Client.prototype

pg.Client.prototype.query = function (this: pg.Client, ...[first, ...rest]: unknown[]) {
  return Reflect.apply(query, this, [asynchronous(first), ...rest]) as unknown
} as typeof query

/** Wherever the service asks for it. */
function asynchronous(asked: unknown): unknown {
  if (typeof asked !== 'object' || asked === null || !('text' in asked)) return asked
  const { text } = asked
  if (typeof text !== 'string' || !text.includes('synchronous_commit')) return asked
  return { ...asked, text: text.replace(ON, `'off'`) }
}

await import('../../src/cli/main.ts')
