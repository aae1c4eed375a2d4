import { randomInt } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { Promised, doDeeds, prepareGround } from './p01-load.ts'
import type { Ground } from './p01-load.ts'
import { allReady, nodeOf, startAll, stopAll } from './deployment.ts'
import type { Deploy, Deployment } from './deployment.ts'
import { Connection, mustSend } from './p10-connection.ts'
import { World } from './p10-world.ts'

// P1 (c): killed under load and started again, over and over. It says nothing about power failures, since what was written is
// still in the kernel's memory; it is about the way back.

export type RestartSize = { kills: number; lanes: number; deedsALife: number; erasures: number }

/** What is killed, and started again. */
export type Victim = { kill(): Promise<void>; start(): Promise<void> }

export type RestartPlan = {
  size: RestartSize
  deploy: Deploy
  program?: readonly string[]
  /** Whose turn it is at the nth kill: the one node, unless told otherwise. */
  victim?: (deployment: Deployment, n: number) => Victim
}

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

export async function restartOften(plan: RestartPlan): Promise<RestartReport> {
  const deployment = await plan.deploy(plan.program)
  try {
    await startAll(deployment)
    return await run(deployment, plan)
  } finally {
    deployment.discard()
  }
}

async function run(deployment: Deployment, { size, victim = nodeOf }: RestartPlan): Promise<RestartReport> {
  const lanes = Array.from({ length: size.lanes }, (_, i) => new Connection(nodeOf(deployment, i)))
  const world = await World.open(new Connection(deployment.nodes[0]), deployment.platformKey)
  const ground = await prepareGround(world, size.erasures)
  const promised = new Promised({ mayRefuse: deployment.nodes.length > 1 })
  const report: RestartReport = { kills: 0, promised, events: 0, lost: [], failures: promised.failures }
  const book = new LogBook(world)
  for (; report.kills < size.kills; report.kills++) {
    const before = promised.names.length
    const deeds = { first: report.kills * size.deedsALife, count: size.deedsALife }
    const dying = victim(deployment, report.kills)
    await liveAndDie(dying, ground, lanes, deeds, promised)
    await dying.start()
    await allReady(deployment)
    await book.readOn()
    report.lost.push(...missing(book, promised.names.slice(before)))
    if (report.kills % WHOLE_LOG_EVERY === 0) report.lost.push(...(await readWhole(world, promised)))
  }
  report.lost.push(...(await readWhole(world, promised)))
  await stopAll(deployment)
  for (const lane of [world.control, ...lanes]) lane.close()
  return { ...report, events: book.size, failures: [...promised.failures, ...book.failures] }
}

async function liveAndDie(
  victim: Victim,
  ground: Ground,
  lanes: readonly Connection[],
  deeds: { first: number; count: number },
  promised: Promised,
): Promise<void> {
  const due = promised.answers + randomInt(deeds.count)
  const living = doDeeds(ground, lanes, deeds, promised)
  while (promised.answers < due) await Promise.race([living, pause(1)])
  await pause(randomInt(JITTER_MS))
  await victim.kill()
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
