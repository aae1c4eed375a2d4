import { openSqliteStore } from '../../src/runtime/node/sqlite.ts'
import { CLOAKROOM, ServiceProcess, TENANT, broken } from './service-process.ts'
import { whyNoFaults } from './p01-p03-strace.ts'
import { FILE_SIZE_LIMIT, PASSING, SmallDisk } from './p02-p03-faults.ts'
import type { Fault } from './p02-p03-faults.ts'
import { Ear, fullReveal, openHouse } from './p02-p03-people.ts'
import { LOST_SYNCS, loseSync } from './p03-lost-sync.ts'
import type { LostSync } from './p03-lost-sync.ts'
import { passThrough } from './p03-passing.ts'
import type { Visit } from './p03-passing.ts'
import { logFaults } from './p13-log.ts'
import type { ProofReport } from './report.ts'

// P3: a log that cannot be written turns personal data off, and comes back by itself; one whose sync has failed ends the process.

type Size = { lostSyncs: readonly LostSync[]; smallDisk: boolean }

/** What it is when a fault cannot be made on this machine. */
type Missing = 'skipped' | 'failure'

const PEOPLE = 4
const SOCKETS = 16
const SMALL_DISK_MB = 12
const CONTROL_PATIENCE_MS = 500

export async function short(): Promise<ProofReport> {
  return prove({ lostSyncs: LOST_SYNCS.filter(({ isLong }) => !isLong), smallDisk: false }, 'skipped')
}

export async function full(): Promise<ProofReport> {
  return prove({ lostSyncs: LOST_SYNCS, smallDisk: true }, 'failure')
}

export async function prove(size: Size, missing: Missing): Promise<ProofReport> {
  const tally = new Tally(missing)
  const possible: Fault[] = []
  for (const fault of PASSING) {
    const why = await fault.whyNot()
    if (why === undefined) possible.push(fault)
    else tally.leaveOut(fault.name, why)
  }
  for (const [program, faults] of Map.groupBy(possible, ({ program }) => program)) {
    await meet(program, faults, tally)
  }
  if (size.smallDisk) await fillDisk(tally)
  const why = await whyNoFaults()
  for (const lost of size.lostSyncs) {
    if (why === undefined) await lose(lost, tally)
    else tally.leaveOut(lost.name, why)
  }
  return { figures: tally.figures, failures: tally.failures, control: await control(why === undefined) }
}

type Noted = { refused?: number; piiBytes?: number; failures: readonly string[] }

class Tally {
  readonly failures: string[] = []
  readonly #verdicts = new Map<string, string>()
  readonly #missing: Missing
  #refused = 0
  #piiBytes = 0

  constructor(missing: Missing) {
    this.#missing = missing
  }

  get figures(): Record<string, number | string> {
    return {
      ...Object.fromEntries(this.#verdicts),
      'calls refused': this.#refused,
      'bytes of personal data meanwhile': this.#piiBytes,
    }
  }

  note(name: string, { refused = 0, piiBytes = 0, failures }: Noted): void {
    this.#refused += refused
    this.#piiBytes += piiBytes
    this.failures.push(...failures.map((failure) => `${name}: ${failure}`))
    if (failures.length > 0) this.#verdicts.set(name, 'DOES NOT HOLD')
    else if (!this.#verdicts.has(name)) this.#verdicts.set(name, 'holds')
  }

  leaveOut(name: string, why: string): void {
    this.#verdicts.set(name, `skipped: ${why}`)
    if (this.#missing === 'failure') this.failures.push(`${name}: not made here: ${why}`)
  }
}

/** One after the other, on one service that has to live through all of them. */
async function meet(program: readonly string[], faults: readonly Fault[], tally: Tally): Promise<void> {
  await visit({ program }, async (here) => {
    for (const fault of faults) {
      if (!here.service.isRunning) await here.service.start()
      tally.note(fault.name, await passThrough(here, () => fault.begin(here.service)))
    }
    if (here.service.isRunning) await here.service.stop()
    tally.note(faults.at(-1)?.name ?? '', { failures: await faultsOfLog(here.service) })
  })
}

async function faultsOfLog({ dataFolder }: ServiceProcess): Promise<string[]> {
  const { store, close } = await openSqliteStore(dataFolder, { onFatal: () => undefined })
  const { faults } = await logFaults(store, TENANT)
  await close()
  return faults
}

async function fillDisk(tally: Tally): Promise<void> {
  const name = 'a disk filled to the last byte'
  const disk = SmallDisk.mount(SMALL_DISK_MB)
  if (!disk) return tally.leaveOut(name, 'mounting is not allowed')
  try {
    await visit({ parent: disk.folder }, async (here) => {
      const begin = async () => {
        disk.fill()
        await untilRefused(here)
        return async () => disk.makeRoom()
      }
      tally.note(name, await passThrough(here, begin))
    })
  } finally {
    disk.unmount()
  }
}

const ENOUGH_TO_FILL = 5_000

/** Room that the log's file has already is used up first. */
async function untilRefused({ house, ear }: Visit): Promise<void> {
  for (let n = 0; n < ENOUGH_TO_FILL; n++) {
    const { status } = await ear.ask(fullReveal(house, house.people, n))
    if (status !== 200) return
  }
  throw new Error('the disk was never full')
}

/** What it left is whole, and it starts on it. */
async function lose(lost: LostSync, tally: Tally): Promise<void> {
  await visit({}, async (here) => {
    const { service } = here
    tally.note(lost.name, await loseSync(here, lost))
    if (service.isRunning) return
    await service.start()
    await service.stop()
    tally.note(lost.name, { failures: await faultsOfLog(service) })
  })
}

/** Answers before the commit, and lives on after a failed sync: both have to be found. */
async function control(withTracer: boolean): Promise<ProofReport['control']> {
  let found = 0
  await visit({ program: broken('p02-early-service.ts') }, async (here) => {
    const { piiBytes } = await passThrough(here, () => FILE_SIZE_LIMIT.begin(here.service))
    if (!here.service.isRunning) await here.service.start()
    const unstopped = !withTracer || !(await loseSync(here, LOST_SYNCS[0]!, CONTROL_PATIENCE_MS)).stopped
    found = unstopped ? piiBytes : 0
  })
  return { broken: 'an answer before the commit; a failed sync that does not end the process', found }
}

async function visit(
  { program = CLOAKROOM, parent }: { program?: readonly string[]; parent?: string },
  work: (here: Visit) => Promise<void>,
): Promise<void> {
  const service = new ServiceProcess(program, parent)
  try {
    await service.start()
    const house = await openHouse(service, PEOPLE)
    const ear = new Ear(service, SOCKETS)
    await work({ service, house, ear })
    for (const one of [ear, house.world.control]) one.close()
  } finally {
    service.discard()
  }
}
