import { setTimeout as pause } from 'node:timers/promises'
import type { ProofReport } from '../proofs/report.ts'
import { checkLog, checkOrder, checkOverHttp, compareAll } from './afterwards.ts'
import type { Run } from './afterwards.ts'
import { Cluster, missingHere } from './cluster.ts'
import { loseSome } from './control.ts'
import { FAULTS } from './faults.ts'
import type { Fault } from './faults.ts'
import { compare, readFound } from './found.ts'
import { Load } from './load.ts'
import { startNodes } from './nodes.ts'
import type { Nodes } from './nodes.ts'
import { Probe } from './probe.ts'
import { figuresOf, sentenceOf, strike } from './strike.ts'
import type { Refusal } from './strike.ts'

// High availability: whatever happens to the server that leads, nothing that was acknowledged is lost, nothing is shown without
// its event, and the vault goes on by itself.

const CALLERS = 6
const QUIET_MS = 3_000

export async function full(): Promise<ProofReport> {
  return prove(FAULTS)
}

export async function prove(faults: readonly Fault[]): Promise<ProofReport> {
  const missing = missingHere()
  if (missing.length > 0) {
    console.error(
      `prove: this needs ${missing.join(', ')}; docs/postgres-ha.md says which packages have them.`,
    )
    process.exit(2)
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130))
  const cluster = await Cluster.start()
  const nodes = await startNodes(cluster.url)
  try {
    const run = await strikeAll(cluster, nodes, faults)
    return { ...run, control: await loseSome(cluster, nodes) }
  } finally {
    nodes.discard()
    cluster.discard()
  }
}

async function strikeAll(cluster: Cluster, nodes: Nodes, faults: readonly Fault[]): Promise<Run> {
  const load = new Load('run', nodes.both, nodes.world, CALLERS)
  const probe = new Probe(cluster)
  const failures: string[] = []
  const refusals: Refusal[] = []
  let earlier: string | undefined
  await pause(QUIET_MS)
  for (const fault of faults) {
    const refusal = await strike(cluster, { load, probe }, fault)
    refusals.push(refusal)
    console.log(sentenceOf(refusal))
    const told = [...load.book.acknowledged]
    const { lost, withoutEvent } = compare(told, await readFound(cluster, await cluster.settled()), false)
    failures.push(...[...lost, ...withoutEvent].map((what) => `after ${fault.name}: ${what}`))
    earlier = await checkLog(nodes, earlier, failures)
  }
  await load.stop()
  await probe.stop()
  await pause(QUIET_MS)
  await checkLog(nodes, earlier, failures)
  failures.push(...(await checkOrder(cluster)), ...(await checkOverHttp(nodes, load)))
  const end = await compareAll(cluster, nodes, load.book)
  failures.push(...end.failures)
  return { figures: { ...end.figures, ...figuresOf(refusals) }, failures }
}
