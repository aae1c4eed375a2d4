import { fillPlaceholders } from 'drizzle-orm'
import type { PgTable } from 'drizzle-orm/pg-core'
import type { Bound } from './driver.ts'

/**
 * Which tables a statement looks something up in, adds rows to, or changes rows of. What is looked up must be there, else the
 * transaction stops: so an added row never changes what another statement finds.
 */
export type Touches = {
  reads?: readonly PgTable[]
  adds?: readonly PgTable[]
  changes?: readonly PgTable[]
}

/**
 * One text and how it goes with others. Of a kind with `rows`, any number of steps are one statement, to which each argument
 * is given as an array; `once` is what no two rows of a statement may have in common. Without `touches` it keeps its place.
 */
export type Kind = {
  text: string
  params: readonly unknown[]
  touches?: Touches
  rows?: { names: readonly string[]; once?: (args: Args) => string }
}

export type Args = Record<string, unknown>

/** A statement to be sent: by itself, or as a row of one that others share. */
export type Step = { kind: Kind; args: Args }

type Batch = { kind: Kind; steps: Args[]; taken: Set<string> }

/**
 * The steps as few statements, with the effect that they have one after the other: a step goes into an earlier statement
 * of its kind where everything in between is about other rows.
 */
export function batched(steps: readonly Step[]): Bound[] {
  const batches: Batch[] = []
  for (const { kind, args } of steps) {
    const once = kind.rows?.once?.(args)
    const batch = earlier(batches, kind, once) ?? { kind, steps: [], taken: new Set() }
    if (batch.steps.length === 0) batches.push(batch)
    batch.steps.push(args)
    if (once !== undefined) batch.taken.add(once)
  }
  return batches.map(bound)
}

function earlier(batches: readonly Batch[], kind: Kind, once: string | undefined): Batch | undefined {
  if (!kind.rows) return undefined
  for (let i = batches.length - 1; i >= 0; i--) {
    const batch = batches[i]
    if (!batch) return undefined
    if (batch.kind === kind) return once !== undefined && batch.taken.has(once) ? undefined : batch
    if (!commute(batch.kind.touches, kind.touches)) return undefined
  }
  return undefined
}

function commute(a: Touches | undefined, b: Touches | undefined): boolean {
  return a !== undefined && b !== undefined && !disturbs(a, b) && !disturbs(b, a)
}

function disturbs({ changes = [] }: Touches, other: Touches): boolean {
  const { reads = [], adds = [], changes: changed = [] } = other
  return changes.some((table) => reads.includes(table) || adds.includes(table) || changed.includes(table))
}

function bound({ kind, steps }: Batch): Bound {
  const [first = {}] = steps
  const args = kind.rows ? columns(kind.rows.names, steps) : first
  return { text: kind.text, values: fillPlaceholders([...kind.params], args) }
}

function columns(names: readonly string[], steps: readonly Args[]): Args {
  const arrays = names.map((name) => [name, steps.map((args) => args[name])])
  return { ...(Object.fromEntries(arrays) as Args), count: steps.length }
}
