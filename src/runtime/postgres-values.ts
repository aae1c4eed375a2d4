import pg from 'pg'

const INT8 = 20

/** Numbers that are stored fit into a JavaScript number (columns.ts); the driver would give text. */
export function getTypeParser(oid: number, format?: 'text' | 'binary'): unknown {
  return oid === INT8 && format !== 'binary' ? Number : pg.types.getTypeParser(oid, format)
}

/**
 * What the driver can surely send: a statement that failed in this process would be missing from a transaction whose commit is
 * on its way already.
 */
export function bindable(value: unknown): unknown {
  if (value === null || value instanceof Uint8Array) return value
  if (Array.isArray(value)) return value.map(bindable)
  if (['string', 'number', 'boolean'].includes(typeof value)) return value
  throw new TypeError(`cannot be bound: ${typeof value}`)
}
