import { setTimeout as pause } from 'node:timers/promises'
import type { ProofReport } from '../proofs/report.ts'
import type { Cluster } from './cluster.ts'
import type { Fault } from './faults.ts'
import type { Load } from './load.ts'
import type { Probe } from './probe.ts'

const PATIENCE_MS = 120_000
/** So many writes after a fault, and it is over. */
const WRITES_AFTER = 50
const QUIET_MS = 3_000

/** How long, in milliseconds, the vault took no write, and how long the cluster itself took none. */
export type Refusal = { name: string; ofVault: number; ofCluster: number }

export function figuresOf(refusals: readonly Refusal[]): ProofReport['figures'] {
  const byName = Map.groupBy(refusals, ({ name }) => name)
  const lines = [...byName].map(([name, all]) => [
    `refused, s (the cluster itself): ${name}`,
    all.map(({ ofVault, ofCluster }) => `${seconds(ofVault)} (${seconds(ofCluster)})`).join(', '),
  ])
  const longest = Math.max(...refusals.map(({ ofVault }) => ofVault))
  return {
    'times struck': refusals.length,
    ...Object.fromEntries(lines),
    'longest refusal, s': seconds(longest),
  }
}

export function sentenceOf({ name, ofVault, ofCluster }: Refusal): string {
  return `${name}: ${seconds(ofVault)} s without an acknowledged write; the cluster itself took none for ${seconds(ofCluster)} s`
}

export function seconds(ms: number): string {
  return (ms / 1_000).toFixed(1)
}

/** From the fault until the cluster is whole again. */
export async function strike(
  cluster: Cluster,
  { load, probe }: { load: Load; probe: Probe },
  fault: Fault,
): Promise<Refusal> {
  const leader = await cluster.settled()
  const struckAt = performance.now()
  fault.strike(cluster, leader)
  await goesOn(load, struckAt, fault)
  cluster.mend(leader)
  await cluster.settled()
  await pause(QUIET_MS)
  const now = performance.now()
  const [ofVault, ofCluster] = [load.book.longestGap(struckAt, now), probe.longestGap(struckAt, now)]
  return { name: fault.name, ofVault, ofCluster }
}

/** Resolves once writes are acknowledged again, however long none was. */
async function goesOn({ book }: Load, struckAt: number, fault: Fault): Promise<void> {
  const until = performance.now() + PATIENCE_MS
  // What was on its way to be acknowledged when the leader was struck is no sign of life.
  const from = struckAt + QUIET_MS
  while (performance.now() < from || book.writesSince(from) < WRITES_AFTER) {
    if (performance.now() > until) throw new Error(`${fault.name}: nothing is acknowledged any more`)
    await pause(250)
  }
}
