import { Column, Param, Placeholder, SQL, getTableName, is } from 'drizzle-orm'

/**
 * Drizzle looks for the encoder of each argument and the decoder of each column anew at every execution, which takes
 * longer than SQLite takes to answer. Here both are found once, when a statement is prepared; what goes in and what
 * comes out stays the same.
 */

type Args = Readonly<Record<string, unknown>>
type Field = { path: readonly string[]; field: unknown }

/** One statement of an engine, arguments by position. */
export type EngineStatement = {
  run(...values: unknown[]): unknown
  get(...values: unknown[]): unknown
  all(...values: unknown[]): unknown[]
  /** From now on rows are lists of their columns, in order. */
  raw(on: true): unknown
}

/** What drizzle's session for SQLite prepares, as far as it is used here. */
type Prepared = {
  query: { params: readonly unknown[] }
  stmt: EngineStatement
  fields: readonly Field[] | undefined
  /** Set by the query builder after it has prepared: false for a table that a left join may leave out. */
  joinsNotNullableMap?: Readonly<Record<string, boolean>>
  customResultMapper: unknown
  run(args?: Args): unknown
  get(args?: Args): unknown
  all(args?: Args): unknown
}

type Session = { prepareQuery(...parts: unknown[]): Prepared }

/** Makes every statement that this database prepares from now on bind and decode by what was found once. */
export function compilePrepared(db: object): void {
  const { session } = db as { session: Session }
  const prepareQuery = session.prepareQuery.bind(session)
  session.prepareQuery = (...parts) => compile(prepareQuery(...parts))
}

function compile(prepared: Prepared): Prepared {
  const { stmt, fields } = prepared
  if (prepared.customResultMapper !== undefined) return prepared
  const bind = binder(prepared.query.params)
  prepared.run = (args) => stmt.run(...bind(args))
  if (!fields) {
    prepared.get = (args) => stmt.get(...bind(args))
    prepared.all = (args) => stmt.all(...bind(args))
    return prepared
  }
  let decode: ((row: readonly unknown[]) => unknown) | undefined
  const decoded = (row: unknown) => {
    decode ??= decoder(fields, prepared.joinsNotNullableMap ?? {})
    return decode(row as readonly unknown[])
  }
  stmt.raw(true)
  prepared.get = (args) => {
    const row = stmt.get(...bind(args))
    return row === undefined ? undefined : decoded(row)
  }
  prepared.all = (args) => stmt.all(...bind(args)).map(decoded)
  return prepared
}

type Take = (args: Args) => unknown

function takeOf(param: unknown): Take {
  if (is(param, Placeholder)) return named(param)
  if (!is(param, Param) || !is(param.value, Placeholder)) return () => param
  const value = named(param.value)
  const { encoder } = param
  return (args) => encoder.mapToDriverValue(value(args))
}

function named({ name }: Placeholder): Take {
  return (args) => {
    const value = args[name]
    if (value === undefined) throw new Error(`no value for the placeholder "${name}"`)
    return value
  }
}

function binder(params: readonly unknown[]): (args?: Args) => unknown[] {
  const takes = params.map(takeOf)
  return (args = {}) => {
    const bound = Array.from<unknown>({ length: takes.length })
    for (let i = 0; i < takes.length; i++) bound[i] = takes[i]?.(args)
    return bound
  }
}

type FromDriver = { mapFromDriverValue(value: unknown): unknown }

function fromDriver(field: unknown): FromDriver {
  if (is(field, Column)) return field
  if (is(field, SQL)) return (field as unknown as { decoder: FromDriver }).decoder
  return (field as { sql: { decoder: FromDriver } }).sql.decoder
}

type Cell = { outer: string | undefined; inner: string; from: FromDriver; optional: boolean }

function cellOf({ path, field }: Field, joins: Readonly<Record<string, boolean>>): Cell {
  const [first = '', second] = path
  const optional = is(field, Column) && second !== undefined && joins[getTableName(field.table)] === false
  return {
    outer: second === undefined ? undefined : first,
    inner: second ?? first,
    from: fromDriver(field),
    optional,
  }
}

/** Rows become objects by the fields' paths; an object of an outer join that found nothing becomes null. */
function decoder(
  fields: readonly Field[],
  joins: Readonly<Record<string, boolean>>,
): (row: readonly unknown[]) => unknown {
  const cells = fields.map((field) => cellOf(field, joins))
  const optional = [...new Set(cells.flatMap((cell) => (cell.optional && cell.outer ? cell.outer : [])))]
  return (row) => {
    const result: Record<string, unknown> = {}
    for (let i = 0; i < cells.length; i++) put(result, cells[i], row[i])
    for (const outer of optional) {
      if (Object.values(result[outer] ?? {}).every((value) => value === null)) result[outer] = null
    }
    return result
  }
}

function put(result: Record<string, unknown>, cell: Cell | undefined, raw: unknown): void {
  if (!cell) return
  const value = raw === null ? null : cell.from.mapFromDriverValue(raw)
  if (cell.outer === undefined) {
    result[cell.inner] = value
    return
  }
  const inner = (result[cell.outer] ??= {}) as Record<string, unknown>
  inner[cell.inner] = value
}
