import { join } from 'node:path'
import type { ServerProcess } from '../postgres/server-process.ts'
import { startAll } from './deployment.ts'
import type { Deployment } from './deployment.ts'
import { Promised, doDeeds, prepareGround } from './p01-load.ts'
import type { OrderReport } from './p01-order.ts'
import { Tracer, whyNoFaults } from './p01-p03-strace.ts'
import { checkPostgresOrder, readPostgresRecording } from './p01-postgres-order.ts'
import { restartOften } from './p01-restarts.ts'
import type { RestartSize, Victim } from './p01-restarts.ts'
import { Connection } from './p10-connection.ts'
import { World } from './p10-world.ts'
import { nodeOf } from './deployment.ts'
import { onServer, withServer } from './postgres-deployment.ts'
import { inside } from '../postgres/place.ts'
import type { ProofReport } from './report.ts'
import { CLOAKROOM, broken } from './service-process.ts'

// P1 as far as PostgreSQL allows: its own log is on disk before anything is answered, and what was acknowledged stands through
// kills of the database and of either node. What a power failure leaves of its files is PostgreSQL's own to put right.

type RecordedSize = { deeds: number; lanes: number; erasures: number }
type Size = { recorded: RecordedSize; restarts: RestartSize }

const CONTROL: RecordedSize = { deeds: 40, lanes: 4, erasures: 0 }
const KILLED_CONTROL: RestartSize = { kills: 2, lanes: 8, deedsALife: 60, erasures: 0 }
/** Of so many kills one is a node's, the others the database's. */
const A_NODE_EVERY = 4

export function short(): Promise<ProofReport> {
  const recorded = { deeds: 90, lanes: 8, erasures: 2 }
  const restarts = { kills: 2, lanes: 8, deedsALife: 60, erasures: 1 }
  return withServer((server) => prove(server, { recorded, restarts }, 'skipped'))
}

export function full(): Promise<ProofReport> {
  const recorded = { deeds: 3_000, lanes: 16, erasures: 20 }
  const restarts = { kills: 200, lanes: 8, deedsALife: 120, erasures: 50 }
  return withServer((server) => prove(server, { recorded, restarts }, 'failure'))
}

type Part = { figures: ProofReport['figures']; failures: string[]; found: number }

/** @param missing what it is when nothing can be traced on this machine. */
async function prove(
  server: ServerProcess,
  size: Size,
  missing: 'skipped' | 'failure',
): Promise<ProofReport> {
  const why = await whyNoFaults()
  const traced = why === undefined ? await proveOrder(server, size.recorded) : withoutTracer(why, missing)
  const deploy = onServer(server)
  const victim = (deployment: Deployment, n: number): Victim =>
    n % A_NODE_EVERY === A_NODE_EVERY - 1 ? nodeOf(deployment, Math.floor(n / A_NODE_EVERY)) : server
  const restarted = await restartOften({ size: size.restarts, deploy, victim })
  const early = broken('p02-early-service.ts')
  const killed = await restartOften({ size: KILLED_CONTROL, deploy, program: early, victim: () => server })
  return {
    figures: {
      ...traced.figures,
      'kills under load, of database and nodes': restarted.kills,
      'answers in between': restarted.promised.answers,
      'refused while it was down, 503': restarted.promised.refused,
      'calls broken off': restarted.promised.brokenOff,
      'acknowledged before a kill': restarted.promised.names.length,
      'lost or doubled by a kill': restarted.lost.length,
      'events after them': restarted.events,
    },
    failures: [
      ...traced.failures,
      ...restarted.failures,
      ...restarted.lost.map((name) => `after a kill: ${name} does not stand in the log once`),
    ],
    control: {
      broken: 'synchronous_commit=off, for the order; an answer before the commit, for kills',
      found: Math.min(traced.found, killed.lost.length),
    },
  }
}

function withoutTracer(why: string, missing: 'skipped' | 'failure'): Part {
  return {
    figures: { order: `skipped: ${why}` },
    failures: missing === 'failure' ? [why] : [],
    found: Infinity,
  }
}

async function proveOrder(server: ServerProcess, size: RecordedSize): Promise<Part> {
  const { order, calls } = await record(server, CLOAKROOM, size)
  const control = await record(server, broken('p01-asynchronous-service.ts'), CONTROL)
  return {
    figures: {
      'system calls recorded': calls,
      'answers, 2xx': order.answers,
      "commits in PostgreSQL's log": order.commits,
      'syncs of that log': order.syncs,
      'answers before their sync': order.early.length,
      'control, answers before their sync': `${control.order.early.length} of ${control.order.answers}`,
    },
    failures: [...order.failures, ...order.early],
    found: control.order.early.length,
  }
}

async function record(
  server: ServerProcess,
  program: readonly string[],
  size: RecordedSize,
): Promise<{ order: OrderReport; calls: number }> {
  const deployment = await onServer(server)(program)
  const trace = join(deployment.nodes[0].root, 'calls.txt')
  try {
    await startAll(deployment)
    const promised = await load(server, deployment, size, trace)
    const recording = await readPostgresRecording(trace)
    const order = checkPostgresOrder(recording, promised.names)
    const failures = [...promised.failures, ...order.failures]
    return { order: { ...order, failures }, calls: recording.calls }
  } finally {
    deployment.discard()
  }
}

/** Everything is connected before it is traced; from a new segment of the log on. */
async function load(
  server: ServerProcess,
  deployment: Deployment,
  { deeds, lanes, erasures }: RecordedSize,
  trace: string,
): Promise<Promised> {
  const world = await World.open(new Connection(deployment.nodes[0]), deployment.platformKey)
  const ground = await prepareGround(world, erasures)
  const connections = Array.from({ length: lanes }, (_, i) => new Connection(nodeOf(deployment, i)))
  const promised = new Promised()
  const tracer = await Tracer.record([...server.pids(), ...deployment.nodes.map(({ pid }) => pid)], trace)
  const admin = { url: server.url, options: { schema: 'public' } }
  await inside(admin, (client) => client.query('select pg_switch_wal()'))
  await doDeeds(ground, connections, { first: 0, count: deeds }, promised)
  await tracer.end()
  for (const connection of [world.control, ...connections]) connection.close()
  return promised
}
