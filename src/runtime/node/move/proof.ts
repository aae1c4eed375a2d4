import { MOVED_TABLES } from '../../../storage/move/tables.ts'
import type { MovedTable, Row } from '../../../storage/move/tables.ts'
import { digestTable } from './digest.ts'
import type { Digest } from './digest.ts'
import { LogRoots } from './log-roots.ts'
import type { LogRoot } from './log-roots.ts'
import type { Reader } from './side.ts'

export type TableProof = { table: string; source: Digest; target: Digest; same: boolean }

export type LogProof = {
  tenant: string
  /** Undefined where one side has no such log. */
  source: LogRoot | undefined
  target: LogRoot | undefined
  /** Whether both have the same root, and each its own checkpoint's. */
  same: boolean
}

export type Proof = {
  tables: readonly TableProof[]
  logs: readonly LogProof[]
  /** The source's own logs are not what they should be: nothing that the move did. */
  sourceFaults: readonly string[]
  holds: boolean
}

/**
 * Reads both stores from end to end, each for itself, and compares what they hold.
 * @param onRows is told how many rows of the source were read.
 */
export async function prove(source: Reader, target: Reader, onRows: (rows: number) => void): Promise<Proof> {
  const [here, there] = [await LogRoots.of(source), await LogRoots.of(target)]
  const tables: TableProof[] = []
  for (const table of MOVED_TABLES) {
    const [one, other] = await Promise.all([
      digestTable(source, table, (rows) => {
        follow(table, here, rows)
        onRows(rows.length)
      }),
      digestTable(target, table, (rows) => follow(table, there, rows)),
    ])
    const same = one.rows === other.rows && one.sha256 === other.sha256
    tables.push({ table: table.name, source: one, target: other, same })
  }
  const logs = compareLogs(here.end(), there.end())
  const sourceFaults = logs.flatMap(({ tenant, source: log }) =>
    (log?.faults ?? []).map((said) => `the log of ${tenant}: ${said}`),
  )
  const holds = tables.every(({ same }) => same) && logs.every(({ same }) => same)
  return { tables, logs, sourceFaults, holds }
}

function follow(table: MovedTable, logs: LogRoots, rows: readonly Row[]): void {
  if (table.name !== 'events') return
  for (const row of rows) logs.add(row)
}

function compareLogs(here: readonly LogRoot[], there: readonly LogRoot[]): LogProof[] {
  const names = [...new Set([...here, ...there].map(({ tenant }) => tenant))]
  return names.map((tenant) => {
    const source = here.find((log) => log.tenant === tenant)
    const target = there.find((log) => log.tenant === tenant)
    return { tenant, source, target, same: isSame(source, target) }
  })
}

function isSame(source: LogRoot | undefined, target: LogRoot | undefined): boolean {
  if (!source || !target) return false
  const faults = source.faults.length + target.faults.length
  return faults === 0 && source.size === target.size && source.root === target.root
}
