import { join } from 'node:path'
import { Connection } from './p10-connection.ts'
import { World } from './p10-world.ts'
import { askAgain, compareAnswers, countEffects, logSize } from './p14-count.ts'
import type { Counted } from './p14-count.ts'
import { KINDS, effect, prepareGround } from './p14-effects.ts'
import { keepInTime } from './p14-kept.ts'
import { pressWave } from './p14-press.ts'
import type { Answered, Press } from './p14-press.ts'
import type { ProofReport } from './report.ts'
import { CLOAKROOM, ServiceProcess } from './service-process.ts'

// P14: exactly once. However often a request with an Idempotency-Key is sent, however often the service dies meanwhile,
// it has one effect, and everybody who asks is told the same.

export type Size = {
  keys: number
  /** How often each is sent at once. */
  copies: number
  /** The service is killed once while the keys of a wave are under way. */
  keysAWave: number
}

const BROKEN = [join(import.meta.dirname, 'p14-broken-service.ts')]
const CONTROL: Size = { keys: 12, copies: 6, keysAWave: 12 }

export async function short(): Promise<ProofReport> {
  return prove({ keys: 42, copies: 8, keysAWave: 14 })
}

export async function full(): Promise<ProofReport> {
  return prove({ keys: 1_000, copies: 20, keysAWave: 10 })
}

export async function prove(size: Size): Promise<ProofReport> {
  const { press, kills, counted, failures } = await pressKeys(CLOAKROOM, size)
  const kept = await keepInTime()
  const broken = await pressKeys(BROKEN, CONTROL)
  return {
    figures: {
      keys: size.keys,
      'sent at once, each': size.copies,
      kills,
      'requests broken off': press.brokenOff,
      'told to wait': press.inFlight,
      answers: press.answered,
      effects: counted.effects,
      'reveals replayed': counted.replays,
      'cases over time': kept.cases,
    },
    failures: [...failures, ...counted.failures, ...counted.doubled, ...kept.failures],
    control: { broken: 'the record of the key is not committed', found: broken.counted.doubled.length },
  }
}

type Pressed = { press: Press; kills: number; counted: Counted; failures: string[] }

async function pressKeys(program: readonly string[], size: Size): Promise<Pressed> {
  const service = new ServiceProcess(program)
  try {
    await service.start()
    return await pressOn(service, size)
  } finally {
    service.discard()
  }
}

async function pressOn(service: ServiceProcess, { keys, copies, keysAWave }: Size): Promise<Pressed> {
  const connection = new Connection(service, keysAWave * copies)
  const press: Press = {
    connection,
    service,
    copies,
    up: Promise.resolve(),
    answered: 0,
    brokenOff: 0,
    inFlight: 0,
  }
  const world = await World.open(connection, service.platformKey, keys)
  const ground = await prepareGround(world, Math.floor(keys / KINDS.length))
  const from = await logSize(ground)
  const effects = Array.from({ length: keys }, (_, n) => effect(ground, n))
  const answered: Answered[] = []
  let kills = 0
  for (; effects.length > 0; kills++) answered.push(...(await pressWave(press, effects.splice(0, keysAWave))))
  await service.kill()
  await service.start()
  const counted = await countEffects(ground, from, answered)
  const failures = answered.flatMap(compareAnswers)
  for (const one of answered) failures.push(...(await askAgain(press, one)))
  connection.close()
  return { press, kills: kills + 1, counted, failures }
}
