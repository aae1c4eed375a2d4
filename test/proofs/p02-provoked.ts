import { randomInt } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { ENOUGH_FOR_ANYBODY, ServiceProcess } from './service-process.ts'
import { Tracer } from './p01-p03-strace.ts'
import type { Fault } from './p02-p03-faults.ts'
import { Ear, fullReveal, openHouse } from './p02-p03-people.ts'
import type { House } from './p02-p03-people.ts'
import { ShownBook } from './p02-shown.ts'

// Reveals without a pause, while the service is killed and its log's file fails, in turn.

export type Plan = {
  program: readonly string[]
  reveals: number
  people: number
  lanes: number
  /** One after the other, over and over, each after so many reveals. */
  troubles: readonly Trouble[]
  revealsATrouble: number
}

export type Trouble = { name: string; happen(scene: Scene): Promise<void> }

export type Scene = {
  service: ServiceProcess
  book: ShownBook
  lanes: Lanes
  /** Nothing more will come: the service is gone for good. */
  isOver: boolean
}

export type Provoked = {
  book: ShownBook
  troubles: number
  bytesWithoutEvent: number
  events: number
  failures: string[]
}

/** Lanes wait here while the service is known to be down. */
export class Lanes {
  #up: Promise<void> = Promise.resolve()

  get up(): Promise<void> {
    return this.#up
  }

  /** Holds them until `work` is done. */
  async hold(work: () => Promise<void>): Promise<void> {
    const released = Promise.withResolvers<void>()
    this.#up = released.promise
    await work().finally(() => released.resolve())
  }
}

export async function provoke(plan: Plan): Promise<Provoked> {
  const service = new ServiceProcess(plan.program)
  try {
    await service.setDailyQuota(ENOUGH_FOR_ANYBODY)
    await service.start()
    return await run(service, plan)
  } finally {
    service.discard()
  }
}

async function run(service: ServiceProcess, plan: Plan): Promise<Provoked> {
  const house = await openHouse(service, plan.people)
  const book = new ShownBook(house.canaries)
  const scene: Scene = { service, book, lanes: new Lanes(), isOver: false }
  const ear = new Ear(service, plan.lanes)
  const asking = Promise.all(Array.from({ length: plan.lanes }, () => askOn(scene, house, ear, plan.reveals)))
  const troubles = await make(scene, plan).finally(() => (scene.isOver ||= !service.isRunning))
  await asking
  for (const one of [ear, house.world.control]) one.close()
  await service.stop()
  const { bytes, events, failures } = await book.against(service.dataFolder)
  return { book, troubles, bytesWithoutEvent: bytes, events, failures: [...book.failures, ...failures] }
}

const PEOPLE_AT_ONCE = 3
const SEVERAL_EVERY = 10
const WAIT_MS = 2

async function askOn(scene: Scene, house: House, ear: Ear, reveals: number): Promise<void> {
  const { book, lanes } = scene
  while (book.asked < reveals && !scene.isOver) {
    await lanes.up
    const n = randomInt(1_000_000)
    const several = n % SEVERAL_EVERY === 0 ? PEOPLE_AT_ONCE : 1
    const people = Array.from({ length: several }, (_, i) => house.people[(n + i) % house.people.length]!)
    const heard = await ear.ask(fullReveal(house, people, n))
    if (heard.isUnsent) await pause(WAIT_MS)
    else book.take(heard)
  }
}

async function make(scene: Scene, { troubles, reveals, revealsATrouble }: Plan): Promise<number> {
  let made = 0
  for (let due = revealsATrouble; due < reveals; due += revealsATrouble) {
    while (scene.book.asked < due) await pause(WAIT_MS)
    await troubles[made % troubles.length]!.happen(scene)
    made += 1
  }
  return made
}

const JITTER_MS = 20

export const KILL: Trouble = {
  name: 'kill -9',
  async happen({ service, lanes }) {
    await pause(randomInt(JITTER_MS))
    await lanes.hold(async () => {
      await service.kill()
      await service.start()
    })
  },
}

/** So many are refused before it ends. */
const REFUSED_A_FAULT = 20
const PATIENCE_MS = 10_000

/** For as long as it takes to refuse some, or, with a service that refuses nothing, for a while. */
export function passing(fault: Fault, patienceMs = PATIENCE_MS): Trouble {
  return {
    name: fault.name,
    async happen({ service, book }) {
      const end = await fault.begin(service)
      const until = performance.now() + patienceMs
      const refused = book.refused + REFUSED_A_FAULT
      while (book.refused < refused && performance.now() < until && service.isRunning) await pause(WAIT_MS)
      if (!service.isRunning)
        throw new Error(`${fault.name} ended the service: ${service.errors.slice(-500)}`)
      await end()
    },
  }
}

/** It ends by itself, and is started again on what it left. */
export const LOST_SYNC: Trouble = {
  name: 'a failed sync',
  async happen({ service, book, lanes }) {
    const calls = ['fsync', 'fdatasync']
    const tracer = await Tracer.inject(service.pid, { calls, error: 'EIO', path: `${service.database}-wal` })
    const { code } = await service.ended()
    await tracer.end()
    if (code !== 1) book.failures.push(`after a failed sync the exit code is ${code}`)
    await lanes.hold(() => service.start())
  },
}
