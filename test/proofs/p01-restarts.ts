import { randomInt } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { Promised, doDeeds, prepareGround } from './p01-load.ts'
import type { Ground } from './p01-load.ts'
import { ServiceProcess } from './service-process.ts'
import { Connection, mustSend } from './p10-connection.ts'
import { World } from './p10-world.ts'

// P1 (c): killed under load and started again, over and over. It says nothing about power failures, since what was written is
// still in the kernel's memory; it is about the way back.

export type RestartSize = { kills: number; lanes: number; deedsALife: number; erasures: number }

export type RestartReport = {
  kills: number
  promised: Promised
  events: number
  /** Promised, and not in the log after a restart. */
  lost: string[]
  failures: string[]
}

/** So long after the answer that a kill falls on any step of a call's way. */
const JITTER_MS = 20
/** From its beginning, and not only what is new. */
const WHOLE_LOG_EVERY = 50

export async function restartOften(size: RestartSize, program?: readonly string[]): Promise<RestartReport> {
  const service = new ServiceProcess(program)
  try {
    await service.start()
    return await run(service, size)
  } finally {
    service.discard()
  }
}

async function run(service: ServiceProcess, size: RestartSize): Promise<RestartReport> {
  const lanes = Array.from({ length: size.lanes }, () => new Connection(service))
  const world = await World.open(new Connection(service), service.platformKey)
  const ground = await prepareGround(world, size.erasures)
  const promised = new Promised()
  const report: RestartReport = { kills: 0, promised, events: 0, lost: [], failures: promised.failures }
  const book = new LogBook(world)
  for (; report.kills < size.kills; report.kills++) {
    const before = promised.names.length
    await liveAndDie(
      service,
      ground,
      lanes,
      { first: report.kills * size.deedsALife, count: size.deedsALife },
      promised,
    )
    await service.start()
    await book.readOn()
    report.lost.push(...missing(book, promised.names.slice(before)))
    if (report.kills % WHOLE_LOG_EVERY === 0) report.lost.push(...(await readWhole(world, promised)))
  }
  report.lost.push(...(await readWhole(world, promised)))
  await service.stop()
  for (const lane of [world.control, ...lanes]) lane.close()
  return { ...report, events: book.size, failures: [...promised.failures, ...book.failures] }
}

async function liveAndDie(
  service: ServiceProcess,
  ground: Ground,
  lanes: readonly Connection[],
  deeds: { first: number; count: number },
  promised: Promised,
): Promise<void> {
  const due = promised.answers + randomInt(deeds.count)
  const living = doDeeds(ground, lanes, deeds, promised)
  while (promised.answers < due) await Promise.race([living, pause(1)])
  await pause(randomInt(JITTER_MS))
  await service.kill()
  await living
}

function missing(book: LogBook, names: readonly string[]): string[] {
  return names.filter((name) => book.timesOf(name) !== 1)
}

async function readWhole(world: World, { names }: Promised): Promise<string[]> {
  const whole = new LogBook(world)
  await whole.readOn()
  return [...missing(whole, names), ...whole.failures]
}

type Event = { id: string; index: number; type: string; subject?: string; shipment?: string }
type Page = { items: Event[]; next_cursor: string | null }

/** The log as the interface tells it, read on from where it was left. */
class LogBook {
  readonly failures: string[] = []
  readonly #world: World
  readonly #ids: string[] = []
  readonly #times = new Map<string, number>()
  #cursor = ''

  constructor(world: World) {
    this.#world = world
  }

  get size(): number {
    return this.#ids.length
  }

  /** How many events are about it. */
  timesOf(name: string): number {
    return this.#times.get(name) ?? 0
  }

  /** Begins with the last page that was read: what stood there has to stand there still. */
  async readOn(): Promise<void> {
    for (;;) {
      const path = `/v1/events?limit=100${this.#cursor}`
      const shot = { method: 'GET', path, key: this.#world.platform } as const
      const page = await mustSend<Page>(this.#world.control, shot)
      for (const event of page.items) this.#take(event)
      if (page.next_cursor === null) return
      this.#cursor = `&cursor=${page.next_cursor}`
    }
  }

  #take({ id, index, type, subject, shipment }: Event): void {
    const known = this.#ids[index]
    if (known !== undefined) {
      if (known !== id) this.failures.push(`event ${index} was ${known}, and is ${id}`)
      return
    }
    if (index !== this.#ids.length) this.failures.push(`event ${index} stands in place ${this.#ids.length}`)
    this.#ids.push(id)
    const other = type === 'subject.stored' ? subject : type === 'shipment.created' ? shipment : undefined
    for (const name of other === undefined ? [id] : [id, other]) this.#times.set(name, this.timesOf(name) + 1)
  }
}
