import { randomInt } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { startAll, stopAll } from './deployment.ts'
import type { Deploy, Deployment } from './deployment.ts'
import { ENOUGH_FOR_ANYBODY } from './service-process.ts'
import type { ServiceProcess } from './service-process.ts'
import { Tracer } from './p01-p03-strace.ts'
import type { Fault } from './p02-p03-faults.ts'
import { Ear, fullReveal, openHouse } from './p02-p03-people.ts'
import type { House } from './p02-p03-people.ts'
import { ShownBook } from './p02-shown.ts'

// Reveals without a pause, while the service is killed and its log's file fails, in turn.

export type Plan = {
  deploy: Deploy
  program: readonly string[]
  reveals: number
  people: number
  lanes: number
  /** One after the other, over and over, each after so many reveals. */
  troubles: readonly Trouble[]
  revealsATrouble: number
}

export type Trouble = { name: string; happen(scene: Scene): Promise<void> }

/** One node, and those who ask it. */
export type Seat = { service: ServiceProcess; lanes: Lanes }

export type Scene = {
  deployment: Deployment
  seats: readonly Seat[]
  book: ShownBook
  /** Nothing more will come: a service is gone for good. */
  isOver: boolean
  /** There is more to come: it goes on although there were reveals enough. */
  hasTroubles: boolean
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
  const deployment = await plan.deploy(plan.program)
  try {
    await deployment.nodes[0].setDailyQuota(ENOUGH_FOR_ANYBODY)
    await startAll(deployment)
    return await run(deployment, plan)
  } finally {
    deployment.discard()
  }
}

async function run(deployment: Deployment, plan: Plan): Promise<Provoked> {
  const house = await openHouse(deployment.nodes[0], plan.people)
  const book = new ShownBook(house.canaries)
  const seats = deployment.nodes.map((service) => ({ service, lanes: new Lanes() }))
  const scene: Scene = { deployment, seats, book, isOver: false, hasTroubles: true }
  const ears = seats.map(({ service }) => new Ear(service, plan.lanes))
  const lanes = Array.from({ length: plan.lanes }, (_, i) => {
    const seat = i % seats.length
    return askOn(scene, house, { ear: ears[seat]!, lanes: seats[seat]!.lanes, reveals: plan.reveals })
  })
  const asking = Promise.all(lanes)
  const troubles = await make(scene, plan).finally(() => {
    scene.hasTroubles = false
    scene.isOver ||= seats.some(({ service }) => !service.isRunning)
  })
  await asking
  for (const one of [...ears, house.world.control]) one.close()
  await stopAll(deployment)
  const { store, close } = await deployment.openStore()
  const { bytes, events, failures } = await book.against(store)
  await close()
  return { book, troubles, bytesWithoutEvent: bytes, events, failures: [...book.failures, ...failures] }
}

const PEOPLE_AT_ONCE = 3
const SEVERAL_EVERY = 10
const WAIT_MS = 2

type Asking = { ear: Ear; lanes: Lanes; reveals: number }

async function askOn(scene: Scene, house: House, { ear, lanes, reveals }: Asking): Promise<void> {
  const { book } = scene
  while ((book.asked < reveals || scene.hasTroubles) && !scene.isOver) {
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
    console.log(
      new Date().toISOString(),
      troubles[made % troubles.length]!.name,
      scene.book.asked,
      scene.book.refused,
    )
    await troubles[made % troubles.length]!.happen(scene)
    made += 1
  }
  return made
}

const JITTER_MS = 20

/** Of any node. */
export const KILL: Trouble = {
  name: 'kill -9',
  async happen({ seats }) {
    const { service, lanes } = seats[randomInt(seats.length)]!
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
    async happen({ deployment, book }) {
      const [service] = deployment.nodes
      const end = await fault.begin(service)
      await someRefused(book, patienceMs, () => service.isRunning)
      if (!service.isRunning)
        throw new Error(`${fault.name} ended the service: ${service.errors.slice(-500)}`)
      await end()
    },
  }
}

/** @param goesOn whether there is still something to wait for. */
export async function someRefused(
  book: ShownBook,
  patienceMs: number,
  goesOn: () => boolean = () => true,
): Promise<void> {
  const until = performance.now() + patienceMs
  const refused = book.refused + REFUSED_A_FAULT
  while (book.refused < refused && performance.now() < until && goesOn()) await pause(WAIT_MS)
}

/** It ends by itself, and is started again on what it left. */
export const LOST_SYNC: Trouble = {
  name: 'a failed sync',
  async happen({ seats, book }) {
    const { service, lanes } = seats[0]!
    const calls = ['fsync', 'fdatasync']
    const tracer = await Tracer.inject(service.pid, { calls, error: 'EIO', path: `${service.database}-wal` })
    const { code } = await service.ended()
    await tracer.end()
    if (code !== 1) book.failures.push(`after a failed sync the exit code is ${code}`)
    await lanes.hold(() => service.start())
  },
}
