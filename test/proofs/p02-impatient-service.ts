import pg from 'pg'

// For P2's short form: the service, but that a commit waits for a row for a moment only.

const LONG = `'lock_timeout', '10s'`
const SHORT = `'lock_timeout', '300ms'`

// oxlint-disable-next-line typescript/unbound-method -- called on the instance it was taken from
const { query } = pg.Client.prototype

pg.Client.prototype.query = function (this: pg.Client, ...[first, ...rest]: unknown[]) {
  const changed = isQuery(first) ? { ...first, text: first.text.replace(LONG, SHORT) } : first
  return Reflect.apply(query, this, [changed, ...rest]) as unknown
} as typeof query

function isQuery(value: unknown): value is { text: string } {
  return typeof value === 'object' && value !== null && 'text' in value && typeof value.text === 'string'
}

await import('../../src/cli/main.ts')
