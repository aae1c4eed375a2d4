import { randomInt } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import type { Answer, Connection } from './p10-connection.ts'
import type { Effect } from './p14-effects.ts'
import type { ServiceProcess } from './service-process.ts'

/** The answers that one key got, in the order in which they were read. */
export type Answered = { effect: Effect; answers: Answer[] }

export type Press = {
  connection: Connection
  service: ServiceProcess
  copies: number
  /** Resolves while the service is not between a kill and its next start. */
  up: Promise<void>
  answered: number
  /** Requests of which nobody knows whether they had their effect. */
  brokenOff: number
  /** Told that the first is still under way. */
  inFlight: number
}

/** All copies of all effects at once, killed at some point, until each copy has its answer. */
export async function pressWave(press: Press, effects: readonly Effect[]): Promise<Answered[]> {
  const before = press.answered
  const copies = effects.length * press.copies
  const waiting = effects.map(async (effect): Promise<Answered> => {
    const answers: Answer[] = []
    const each = Array.from({ length: press.copies }, () => untilAnswered(press, effect, answers))
    await Promise.all(each)
    return { effect, answers }
  })
  const killing = killAfter(press, before + randomInt(copies))
  const answered = await Promise.all(waiting)
  await killing
  return answered
}

/** So long after the answer that a kill falls on any step of a request's way. */
const JITTER_MS = 20

async function killAfter(press: Press, answered: number): Promise<void> {
  while (press.answered < answered) await pause(1)
  await pause(randomInt(JITTER_MS))
  const restarted = Promise.withResolvers<void>()
  press.up = restarted.promise
  await press.service.kill()
  await press.service.start()
  restarted.resolve()
}

/** Longer than any start takes: then something hangs. */
const PATIENCE_MS = 60_000

/** As a client does that has to know: again after a broken connection, again while it is told to wait. */
async function untilAnswered(press: Press, { shot }: Effect, answers: Answer[]): Promise<void> {
  const until = performance.now() + PATIENCE_MS
  while (performance.now() < until) {
    await press.up
    const answer = await press.connection.send(shot).catch(() => undefined)
    if (!answer) {
      press.brokenOff += 1
      await pause(1)
    } else if (isInFlight(answer)) {
      press.inFlight += 1
      await pause(randomInt(1, JITTER_MS))
    } else {
      press.answered += 1
      answers.push(answer)
      return
    }
  }
  throw new Error(`${shot.idempotencyKey}: not answered within ${PATIENCE_MS} ms`)
}

export function isInFlight({ status, text }: Answer): boolean {
  return status === 409 && (JSON.parse(text) as { code: string }).code === 'idempotency_in_flight'
}
