import { randomInt } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import type { Answer, Connection } from './p10-connection.ts'
import type { Effect } from './p14-effects.ts'
import type { ServiceProcess } from './service-process.ts'

/** The answers that one key got, in the order in which they were read. */
export type Answered = { effect: Effect; answers: Answer[] }

/** One node, as the requests reach it. */
export type Target = {
  connection: Connection
  service: ServiceProcess
  /** Resolves while the service is not between a kill and its next start. */
  up: Promise<void>
}

export type Press = {
  /** The copies of a request are spread over them. */
  targets: readonly [Target, ...Target[]]
  copies: number
  answered: number
  /** Requests of which nobody knows whether they had their effect. */
  brokenOff: number
  /** Told that the first is still under way. */
  inFlight: number
  /** Told that nothing was done, since others were in between again and again. */
  conflicts: number
}

/** All copies of all effects at once, one node killed at some point, until each copy has its answer. */
export async function pressWave(press: Press, effects: readonly Effect[]): Promise<Answered[]> {
  const before = press.answered
  const copies = effects.length * press.copies
  const waiting = effects.map(async (effect): Promise<Answered> => {
    const answers: Answer[] = []
    const each = Array.from({ length: press.copies }, (_, i) =>
      untilAnswered(press, targetOf(press, i), effect, answers),
    )
    await Promise.all(each)
    return { effect, answers }
  })
  const killing = killAfter(press, before + randomInt(copies))
  const answered = await Promise.all(waiting)
  await killing
  return answered
}

function targetOf({ targets }: Press, n: number): Target {
  return targets[n % targets.length]!
}

/** So long after the answer that a kill falls on any step of a request's way. */
const JITTER_MS = 20

async function killAfter(press: Press, answered: number): Promise<void> {
  while (press.answered < answered) await pause(1)
  await pause(randomInt(JITTER_MS))
  const target = targetOf(press, randomInt(press.targets.length))
  const restarted = Promise.withResolvers<void>()
  target.up = restarted.promise
  await target.service.kill()
  await target.service.start()
  restarted.resolve()
}

/** Longer than any start takes: then something hangs. */
const PATIENCE_MS = 60_000

/** As a client does that has to know: again after a broken connection, again while it is told to wait. */
async function untilAnswered(
  press: Press,
  target: Target,
  { shot }: Effect,
  answers: Answer[],
): Promise<void> {
  const until = performance.now() + PATIENCE_MS
  while (performance.now() < until) {
    await target.up
    const answer = await target.connection.send(shot).catch(() => undefined)
    if (!answer) {
      press.brokenOff += 1
      await pause(1)
    } else if (isInFlight(answer) || isConflict(press, answer)) {
      if (isInFlight(answer)) press.inFlight += 1
      else press.conflicts += 1
      await pause(randomInt(1, JITTER_MS))
    } else {
      press.answered += 1
      answers.push(answer)
      return
    }
  }
  throw new Error(`${shot.idempotencyKey}: not answered within ${PATIENCE_MS} ms`)
}

function isInFlight(answer: Answer): boolean {
  return codeOf(answer) === 'idempotency_in_flight'
}

/** One node knows what it has under way itself; of several, two may meet in the store, and both be in each other's way. */
function isConflict({ targets }: Press, answer: Answer): boolean {
  return targets.length > 1 && codeOf(answer) === 'conflict'
}

function codeOf({ status, text }: Answer): string | undefined {
  return status === 409 ? (JSON.parse(text) as { code: string }).code : undefined
}
