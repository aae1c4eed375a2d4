import { join } from 'node:path'
import { onFolder, startAll } from './deployment.ts'
import type { Deploy, Deployment } from './deployment.ts'
import { openWorld } from '../http/world.ts'
import { Connection } from './p10-connection.ts'
import { World } from './p10-world.ts'
import { askAgain, compareAnswers, countEffects, logSize } from './p14-count.ts'
import type { Counted } from './p14-count.ts'
import { KINDS, effect, prepareGround } from './p14-effects.ts'
import { keepInTime } from './p14-kept.ts'
import { pressWave } from './p14-press.ts'
import type { Answered, Press, Target } from './p14-press.ts'
import type { ProofReport } from './report.ts'
import { CLOAKROOM } from './service-process.ts'
import type { ServiceProcess } from './service-process.ts'

// P14: exactly once. However often a request with an Idempotency-Key is sent, however often the service dies meanwhile,
// it has one effect, and everybody who asks is told the same.

export type Size = {
  keys: number
  /** How often each is sent at once. */
  copies: number
  /** A node is killed once while the keys of a wave are under way. */
  keysAWave: number
}

/** Real services for the keys, and the service in this process for what takes hours. */
export type Where = { deploy: Deploy; openWorld: typeof openWorld }

const ALONE: Where = { deploy: onFolder, openWorld }
const BROKEN = [join(import.meta.dirname, 'p14-broken-service.ts')]
const CONTROL: Size = { keys: 12, copies: 6, keysAWave: 12 }

export async function short(): Promise<ProofReport> {
  return prove({ keys: 42, copies: 8, keysAWave: 14 }, ALONE)
}

export async function full(): Promise<ProofReport> {
  return prove({ keys: 1_000, copies: 20, keysAWave: 10 }, ALONE)
}

export async function prove(size: Size, { deploy, openWorld }: Where): Promise<ProofReport> {
  const { press, kills, counted, failures } = await pressKeys(await deploy(CLOAKROOM), size)
  const kept = await keepInTime(openWorld)
  const broken = await pressKeys(await deploy(BROKEN), CONTROL)
  return {
    figures: {
      nodes: press.targets.length,
      keys: size.keys,
      'sent at once, each': size.copies,
      kills,
      'requests broken off': press.brokenOff,
      'told to wait': press.inFlight,
      'told that others were in between': press.conflicts,
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

async function pressKeys(deployment: Deployment, size: Size): Promise<Pressed> {
  try {
    await startAll(deployment)
    return await pressOn(deployment, size)
  } finally {
    deployment.discard()
  }
}

async function pressOn(deployment: Deployment, { keys, copies, keysAWave }: Size): Promise<Pressed> {
  const target = (service: ServiceProcess): Target => ({
    connection: new Connection(service, keysAWave * copies),
    service,
    up: Promise.resolve(),
  })
  const [first, ...others] = deployment.nodes
  const targets: Press['targets'] = [target(first), ...others.map(target)]
  const press: Press = { targets, copies, answered: 0, brokenOff: 0, inFlight: 0, conflicts: 0 }
  const world = await World.open(targets[0].connection, deployment.platformKey, keys)
  const ground = await prepareGround(world, Math.floor(keys / KINDS.length))
  const from = await logSize(ground)
  const effects = Array.from({ length: keys }, (_, n) => effect(ground, n))
  const answered: Answered[] = []
  let kills = 0
  for (; effects.length > 0; kills++) answered.push(...(await pressWave(press, effects.splice(0, keysAWave))))
  for (const { service } of targets) {
    await service.kill()
    await service.start()
    kills += 1
  }
  const counted = await countEffects(ground, from, answered)
  const failures = answered.flatMap(compareAnswers)
  for (const one of answered) failures.push(...(await askAgain(press, one)))
  for (const { connection } of targets) connection.close()
  return { press, kills, counted, failures }
}
