import { join } from 'node:path'
import { crash } from './p01-crash.ts'
import type { CrashReport } from './p01-crash.ts'
import { Promised, doDeeds, prepareGround } from './p01-load.ts'
import { checkOrder } from './p01-order.ts'
import type { OrderReport } from './p01-order.ts'
import { onFolder } from './deployment.ts'
import { CLOAKROOM, ServiceProcess, broken } from './service-process.ts'
import { recordTo, recordingEnded, whyNoRecording } from './p01-p03-strace.ts'
import { readRecording } from './p01-recording.ts'
import type { Recording } from './p01-recording.ts'
import { restartOften } from './p01-restarts.ts'
import type { RestartSize } from './p01-restarts.ts'
import { Connection } from './p10-connection.ts'
import { World } from './p10-world.ts'
import type { ProofReport } from './report.ts'

// P1: no acknowledged write is lost, power loss included.

export type RecordedSize = { deeds: number; lanes: number; erasures: number; states: number }
export type Size = { recorded: RecordedSize; restarts: RestartSize }

/** Found out by the order of calls, by the states after a crash, and by kills. */
const CONTROL: RecordedSize = { deeds: 48, lanes: 4, erasures: 0, states: 12 }
const KILLED_CONTROL: RestartSize = { kills: 2, lanes: 8, deedsALife: 60, erasures: 0 }

export async function short(): Promise<ProofReport> {
  const recorded = { deeds: 120, lanes: 8, erasures: 2, states: 48 }
  const restarts = { kills: 2, lanes: 8, deedsALife: 60, erasures: 1 }
  return prove({ recorded, restarts }, (why) => ({
    figures: { 'order and power failure': `skipped: ${why}` },
  }))
}

export async function full(): Promise<ProofReport> {
  const recorded = { deeds: 3_000, lanes: 16, erasures: 20, states: 2_000 }
  const restarts = { kills: 500, lanes: 8, deedsALife: 80, erasures: 100 }
  return prove({ recorded, restarts }, (why) => ({ figures: {}, failures: [why] }))
}

type Part = { figures: ProofReport['figures']; failures?: string[] }

export async function prove(size: Size, withoutTracer: (why: string) => Part): Promise<ProofReport> {
  const why = whyNoRecording()
  const traced =
    why === undefined ? await proveRecorded(size.recorded) : { ...withoutTracer(why), found: Infinity }
  const restarted = await restartOften({ size: size.restarts, deploy: onFolder })
  const killed = await restartOften({
    size: KILLED_CONTROL,
    deploy: onFolder,
    program: broken('p02-early-service.ts'),
  })
  return {
    figures: {
      ...traced.figures,
      'kills under load': restarted.kills,
      'calls broken off': restarted.promised.brokenOff,
      'acknowledged before a kill': restarted.promised.names.length,
      'lost or doubled by a kill': restarted.lost.length,
      'events after them': restarted.events,
    },
    failures: [
      ...(traced.failures ?? []),
      ...restarted.failures,
      ...restarted.lost.map((name) => `after a kill: ${name} does not stand in the log once`),
    ],
    control: {
      broken: 'synchronous=NORMAL, for order and power failures; an answer before the commit, for kills',
      found: Math.min(traced.found, killed.lost.length),
    },
  }
}

async function proveRecorded(size: RecordedSize): Promise<Part & { found: number }> {
  const { order, crashed, recording } = await record(CLOAKROOM, size)
  const normal = await record(broken('p01-normal-service.ts'), CONTROL)
  return {
    figures: {
      'system calls recorded': recording.calls,
      'answers, 2xx': order.answers,
      commits: order.commits,
      'syncs of the log': order.syncs,
      'syncs of the database': recording.ops.filter(isDatabaseSync).length,
      'answers before their sync': order.early.length,
      'power failures': crashed.states,
      'moments to fail at': crashed.moments,
      'acknowledged, over all of them': crashed.acknowledged,
      'lost of these': crashed.lost.length,
      'happened twice': crashed.doubled.length,
      'control, answers before their sync': `${normal.order.early.length} of ${normal.order.answers}`,
      'control, lost': normal.crashed.lost.length,
    },
    failures: [...order.failures, ...order.early, ...crashed.lost, ...crashed.doubled, ...crashed.failures],
    found: Math.min(normal.order.early.length, normal.crashed.lost.length),
  }
}

function isDatabaseSync({ file, kind }: Recording['ops'][number]): boolean {
  return file === 'cloakroom.sqlite' && kind === 'sync'
}

type Recorded = { recording: Recording; order: OrderReport; crashed: CrashReport }

async function record(program: readonly string[], size: RecordedSize): Promise<Recorded> {
  const service = new ServiceProcess(program)
  const trace = join(service.root, 'calls.txt')
  try {
    await service.start(recordTo(trace))
    const promised = await load(service, size)
    await service.kill()
    await recordingEnded(trace, service.pid)
    const recording = await readRecording(trace, service.home)
    const order = checkOrder(recording, promised.names)
    const crashed = await crash(recording, promised.names, size.states)
    return { recording, order: { ...order, failures: [...promised.failures, ...order.failures] }, crashed }
  } finally {
    service.discard()
  }
}

async function load(service: ServiceProcess, { deeds, lanes, erasures }: RecordedSize): Promise<Promised> {
  const world = await World.open(new Connection(service), service.platformKey)
  const ground = await prepareGround(world, erasures)
  const connections = Array.from({ length: lanes }, () => new Connection(service))
  const promised = new Promised()
  await doDeeds(ground, connections, { first: 0, count: deeds }, promised)
  for (const connection of [world.control, ...connections]) connection.close()
  return promised
}
