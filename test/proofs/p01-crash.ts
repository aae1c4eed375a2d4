import Database from 'better-sqlite3'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openSqliteStore } from '../../src/runtime/node/sqlite.ts'
import { readLeaf } from '../../src/vault/audit/event.ts'
import type { StoredEvent } from '../../src/vault/audit/event.ts'
import type { VaultStore } from '../../src/vault/store.ts'
import { Disk, FATES } from './p01-disk.ts'
import type { Recording } from './p01-recording.ts'
import { logFaults } from './p13-log.ts'
import { TENANT } from './service-process.ts'

// P1 (b): the files that a power failure may leave behind, opened by the real store, hold what was acknowledged.

/** Thousands of states are opened: on a file system in memory, where there is one. */
const SCRATCH = existsSync('/dev/shm') ? '/dev/shm' : tmpdir()
const EVENTS_A_PAGE = 5_000
/** Gone before the first answer, which the check of the order sees to: its folder was synced after it went. */
const NO_JOURNAL = 'cloakroom.sqlite-journal'

export type CrashReport = {
  states: number
  /** Operations after the first answer: power can fail before, in and after each. */
  moments: number
  /** Over all states: what had been acknowledged, and what of it was missing. */
  acknowledged: number
  lost: string[]
  doubled: string[]
  failures: string[]
}

/** @param names what callers were told has happened: each is the subject of one event. */
export async function crash(
  recording: Recording,
  names: readonly string[],
  states: number,
): Promise<CrashReport> {
  const acknowledged = acknowledgements(recording, names)
  const [first] = acknowledged
  const { ops } = recording
  const firstMoment = first ? ops.findIndex(({ at }) => at > first.at) : -1
  const moments = ops.length - firstMoment
  const report: CrashReport = { states, moments, acknowledged: 0, lost: [], doubled: [], failures: [] }
  if (firstMoment < 0) return { ...report, failures: ['nothing was acknowledged'] }
  const disk = new Disk()
  let done = 0
  for (const [i, moment] of evenly(firstMoment, ops.length, states).entries()) {
    for (; done < moment; done++) disk.take(ops[done]!)
    const until = ops[moment]?.at ?? Infinity
    const told = acknowledged.filter(({ at }) => at < until).map(({ name }) => name)
    const fate = FATES[i % FATES.length]!()
    const found = await openState(disk.after(fate, ops[moment]), told)
    const where = `${fate.name}, before operation ${moment}`
    report.acknowledged += told.length
    report.lost.push(...found.lost.map((name) => `${where}: ${name} is lost`))
    report.doubled.push(...found.doubled.map((name) => `${where}: ${name} happened more than once`))
    report.failures.push(...found.failures.map((fault) => `${where}: ${fault}`))
  }
  return report
}

function acknowledgements({ answers }: Recording, names: readonly string[]): { name: string; at: number }[] {
  const left = new Set(names)
  const found: { name: string; at: number }[] = []
  for (const { from: at, status, text } of answers) {
    if (status >= 300) continue
    for (const [name] of text.matchAll(/\b[a-z]{3}_[0-9a-z]{26}/g))
      if (left.delete(name)) found.push({ name, at })
  }
  return found
}

/** `count` moments in order, from one to another, both of them included; some more than once if there are too few. */
function evenly(first: number, last: number, count: number): number[] {
  return Array.from(
    { length: count },
    (_, i) => first + Math.round((i * (last - first)) / Math.max(1, count - 1)),
  )
}

type Found = { lost: string[]; doubled: string[]; failures: string[] }

async function openState(files: ReadonlyMap<string, Buffer>, told: readonly string[]): Promise<Found> {
  const folder = mkdtempSync(join(SCRATCH, 'cloakroom-power-'))
  try {
    for (const [name, bytes] of files) if (name !== NO_JOURNAL) writeFileSync(join(folder, name), bytes)
    return await compare(folder, told)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function compare(folder: string, told: readonly string[]): Promise<Found> {
  const fatal: string[] = []
  const found = await readState(folder, (cause) => fatal.push(`the store failed: ${String(cause)}`)).catch(
    (error: unknown) => ({
      counts: new Map<string, number>(),
      faults: [`it does not open: ${String(error)}`],
    }),
  )
  return {
    lost: told.filter((name) => !found.counts.has(name)),
    doubled: [...found.counts].filter(([, count]) => count > 1).map(([name]) => name),
    failures: [...fatal, ...found.faults, ...(found.faults.length === 0 ? damage(folder) : [])],
  }
}

type State = { counts: ReadonlyMap<string, number>; faults: string[] }

async function readState(folder: string, onFatal: (cause: unknown) => void): Promise<State> {
  const { store, close } = await openSqliteStore(folder, { onFatal })
  try {
    const counts = await countNames(store)
    return { counts, faults: (await logFaults(store, TENANT)).faults }
  } finally {
    await close()
  }
}

/** How many events of a log are about each name. */
export async function countNames(store: VaultStore): Promise<ReadonlyMap<string, number>> {
  const counts = new Map<string, number>()
  for (let after: string | null | undefined; after !== null;) {
    const page = { limit: EVENTS_A_PAGE, ...(after !== undefined && { after }) }
    const { rows, next } = await store.listEvents(TENANT, { order: 'oldest' }, page)
    for (const name of rows.flatMap(namesOf)) counts.set(name, (counts.get(name) ?? 0) + 1)
    after = next
  }
  return counts
}

function namesOf({ id, subject, bytes }: StoredEvent): string[] {
  const { type, shipment } = readLeaf(bytes)
  const other = type === 'subject.stored' ? subject : type === 'shipment.created' ? String(shipment) : null
  return other === null ? [id] : [id, other]
}

/** State and log say the same, and the file is whole. */
function damage(folder: string): string[] {
  const client = new Database(join(folder, 'cloakroom.sqlite'))
  try {
    const whole = client.pragma('integrity_check', { simple: true })
    const count = (query: string) => client.prepare(query).pluck().get()
    const events = (type: string) => count(`select count(*) from events where type = '${type}'`)
    return [
      ...(whole === 'ok' ? [] : [`the file is damaged: ${String(whole)}`]),
      ...(count('select count(*) from subjects') === events('subject.stored')
        ? []
        : ['persons without their event']),
      ...(count('select count(*) from shipments') === events('shipment.created')
        ? []
        : ['parcels without their event']),
    ]
  } finally {
    client.close()
  }
}
