import { setTimeout as pause } from 'node:timers/promises'
import type { ProofReport } from '../proofs/report.ts'
import type { Cluster } from './cluster.ts'
import { CUT_INSIDE } from './faults.ts'
import { compare, readFound } from './found.ts'
import { Load } from './load.ts'
import type { MemberNo } from './network.ts'
import type { Nodes } from './nodes.ts'

const PATIENCE_MS = 120_000
const BEFORE_MS = 3_000
const CALLERS = 6
const TRIES = 3

/**
 * The same cut, seen by the same check, where the leader does not wait for a standby: what it goes on to acknowledge while it is cut
 * off is gone when another leads.
 */
export async function loseSome(cluster: Cluster, nodes: Nodes): Promise<ProofReport['control']> {
  await cluster.setSynchronous(false)
  let found = 0
  for (let tries = 0; found === 0 && tries < TRIES; tries++) {
    const load = new Load(`control-${tries}`, nodes.both, nodes.world, CALLERS)
    await pause(BEFORE_MS)
    found = await loseOnce(cluster, load)
    await load.stop()
  }
  return { broken: 'a cluster whose leader does not wait for a standby, cut off from the others', found }
}

async function loseOnce(cluster: Cluster, load: Load): Promise<number> {
  const asynchronous = { synchronous: false }
  const old = await cluster.settled(asynchronous)
  CUT_INSIDE.strike(cluster, old)
  await another(cluster, old)
  cluster.mend(old)
  const leader = await cluster.settled(asynchronous)
  const told = [...load.book.acknowledged]
  const { lost, withoutEvent } = compare(told, await readFound(cluster, leader), false)
  console.log(
    `control: ${lost.length} acknowledged writes lost, ${withoutEvent.length} reveals without their event`,
  )
  // Both checks have to bite.
  return Math.min(lost.length, withoutEvent.length)
}

/** Resolves once somebody else leads. */
async function another(cluster: Cluster, old: MemberNo): Promise<void> {
  const until = performance.now() + PATIENCE_MS
  for (;;) {
    const leader = await cluster.leader()
    if (leader !== undefined && leader !== old) return
    if (performance.now() > until) throw new Error('nobody takes over')
    await pause(500)
  }
}
