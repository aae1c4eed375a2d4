import type { TenantId } from '../../../core/id.ts'
import type { Kek } from '../../../crypto/kek.ts'
import { parseCheckpoint } from '../../../tlog/checkpoint.ts'
import { parseNote } from '../../../tlog/note.ts'
import type { Verifier } from '../../../tlog/note.ts'
import type { LogState } from '../log.ts'
import { NOUNS, findingOf } from './finding.ts'
import type { Fault, Finding, Noun } from './finding.ts'
import { headsOf, witnessedHead } from './heads.ts'
import type { Head, LogKeys } from './heads.ts'
import { keySetFaults, keyStateFaults, logVerifiers } from './keys.ts'
import { examineEvent } from './leaf.ts'
import { checkLog } from './log-check.ts'
import type { FsckReader } from './reader.ts'
import { goneFault, judgeHeld } from './state.ts'

const ROWS_A_PAGE = 1_000

export type FsckInput = {
  reader: FsckReader
  /** Opens the tenants' log keys; undefined where the root key is not to be had. */
  kek: Kek | undefined
  /** Keys of logs that were got elsewhere: for those logs they are used instead. */
  verifiers: readonly Verifier[]
  /** Checkpoints that were kept elsewhere, by a witness or by whoever looked last: signed notes. */
  witnessed: readonly string[]
}

export type FsckReport = {
  found: (finding: Finding) => void
  /** So many events more have been read. */
  advanced: (events: number) => void
}

export type FsckCounts = {
  tenants: number
  events: number
  tiles: number
  /** Rows of state that were held against the log. */
  rows: number
  /** Events under no checkpoint yet: those of the last second, if the service ran until it was stopped. */
  uncovered: number
  /** Logs whose signatures could not be looked at for want of a key. */
  unsigned: number
  findings: number
}

/**
 * Derives every log of the store anew from its events and holds it against tiles, checkpoints and state. Whatever is wrong is
 * said as it is found; memory stays the same however long the logs are.
 * @param examine as for `checkLog`.
 */
export async function checkVault(
  input: FsckInput,
  report: FsckReport,
  examine = examineEvent,
): Promise<FsckCounts> {
  const counts = { tenants: 0, events: 0, tiles: 0, rows: 0, uncovered: 0, unsigned: 0, findings: 0 }
  const found = (tenant: TenantId | null, faults: readonly Fault[]) => {
    counts.findings += faults.length
    for (const fault of faults) report.found(findingOf(tenant, fault))
  }
  found(null, await fileFaults(input.reader))
  const tenants = await input.reader.listTenants()
  const logs = new Map<string, TenantId>()
  for (const tenant of tenants) {
    const log = await input.reader.findLog(tenant)
    if (log) logs.set(log.origin, tenant)
    const one = await checkTenant(
      { input, tenant, log, found: (faults) => found(tenant, faults), advanced: report.advanced },
      examine,
    )
    counts.tenants += 1
    for (const name of ['events', 'tiles', 'rows', 'uncovered', 'unsigned'] as const)
      counts[name] += one[name]
  }
  found(null, strangers(input.witnessed, logs))
  return counts
}

async function fileFaults(reader: FsckReader): Promise<Fault[]> {
  const damage = await reader.examineFiles()
  const strays = await reader.countStrays()
  return [
    ...damage.map((seen): Fault => ({ code: 'database_damaged', id: 'database', seen })),
    ...strays.map(({ table, rows }): Fault => ({
      code: 'rows_of_no_tenant',
      id: table,
      seen: `${rows} rows`,
    })),
  ]
}

/** Checkpoints that were kept of logs which are not here. */
function strangers(witnessed: readonly string[], logs: ReadonlyMap<string, TenantId>): Fault[] {
  return witnessed.flatMap((note): Fault[] => {
    const origin = originIn(note)
    if (origin === undefined)
      return [{ code: 'checkpoint_unreadable', id: 'witnessed', seen: 'not a checkpoint' }]
    return logs.has(origin) ? [] : [{ code: 'log_missing', id: origin, seen: 'no log here has this origin' }]
  })
}

function originIn(note: string): string | undefined {
  const parsed = parseNote(note)
  return parsed && parseCheckpoint(parsed.text)?.origin
}

type TenantCheck = {
  input: FsckInput
  tenant: TenantId
  log: LogState | undefined
  found: (faults: readonly Fault[]) => void
  advanced: (events: number) => void
}

async function checkTenant(check: TenantCheck, examine: typeof examineEvent) {
  const { input, tenant, log, found, advanced } = check
  const { reader } = input
  const records = await reader.listTenantKeys(tenant)
  found(keySetFaults(records))
  const keys = log && (await keysOf(check, log))
  const heads = log ? headsToMeet(check, log, keys) : []
  const covered = log?.size ?? 0
  const { counts, emptiedUntil } = await checkLog(
    { reader, tenant, covered, heads, found, advanced },
    examine,
  )
  for (const record of records) {
    found(keyStateFaults(record, await reader.findKeyWord(tenant, `${record.kind} ${record.version}`)))
  }
  let rows = 0
  for (const noun of NOUNS) rows += await checkHeld(check, noun, emptiedUntil)
  return { ...counts, rows, unsigned: log && !keys ? 1 : 0 }
}

async function keysOf({ input, tenant, found }: TenantCheck, { origin }: LogState): Promise<LogKeys> {
  const given = input.verifiers.filter(({ name }) => name === origin)
  if (given.length > 0) return given
  if (!input.kek) return undefined
  const records = await input.reader.listTenantKeys(tenant)
  const { keys, faults } = await logVerifiers(input.kek, tenant, origin, records)
  found(faults)
  return keys
}

function headsToMeet({ input, found }: TenantCheck, log: LogState, keys: LogKeys): readonly Head[] {
  const own = headsOf(log, keys)
  const witnessed = input.witnessed
    .filter((note) => originIn(note) === log.origin)
    .map((note) => witnessedHead(note, log.origin, keys))
  found([...own.faults, ...witnessed.flatMap(({ faults }) => faults)])
  return [...own.heads, ...witnessed.flatMap(({ heads }) => heads)]
}

/** @returns how many rows were looked at. */
async function checkHeld(
  { input, tenant, found }: TenantCheck,
  noun: Noun,
  emptiedUntil: number,
): Promise<number> {
  const { reader } = input
  let rows = 0
  for (let after: string | null | undefined; after !== null;) {
    const page = await reader.listHeld(tenant, noun, { limit: ROWS_A_PAGE, ...(after && { after }) })
    rows += page.rows.length
    found(page.rows.flatMap((row) => judgeHeld(noun, row, emptiedUntil)))
    after = page.next
  }
  // Sessions are deleted once they have run out.
  if (noun === 'session') return rows
  for (let after: string | null | undefined; after !== null;) {
    const page = await reader.listGone(tenant, noun, { limit: ROWS_A_PAGE, ...(after && { after }) })
    found(page.rows.map((id) => goneFault(noun, id)))
    after = page.next
  }
  return rows
}
