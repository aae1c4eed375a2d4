import { setTimeout as pause } from 'node:timers/promises'
import { openLogSource } from '../../src/cli/verify/log-source.ts'
import { verifyLog } from '../../src/cli/verify/verify-log.ts'
import { openPostgresStore } from '../../src/runtime/node/postgres.ts'
import { parseVerifier } from '../../src/tlog/note.ts'
import { LogOrder, readLog } from '../proofs/p10-log-order.ts'
import type { ProofReport } from '../proofs/report.ts'
import { TENANT } from '../proofs/service-process.ts'
import { Cluster, missingHere } from './cluster.ts'
import { CUT_INSIDE, FAULTS } from './faults.ts'
import type { Fault } from './faults.ts'
import { compare, endedHow, readFound } from './found.ts'
import { Load } from './load.ts'
import type { MemberNo } from './network.ts'
import { startNodes } from './nodes.ts'
import type { Nodes } from './nodes.ts'
import { Probe } from './probe.ts'

// High availability: whatever happens to the server that leads, nothing that was acknowledged is lost, nothing is shown without
// its event, and the vault goes on by itself.

const CALLERS = 6
const PATIENCE_MS = 120_000
/** So many writes after a fault, and it is over. */
const WRITES_AFTER = 50
const QUIET_MS = 3_000
const CONTROL_TRIES = 3

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
  const cluster = await Cluster.start()
  const nodes = await startNodes(cluster.url)
  process.once('SIGINT', () => process.exit(130))
  process.once('exit', () => cluster.discard())
  try {
    const run = await strikeAll(cluster, nodes, faults)
    return { ...run, control: await loseSome(cluster, nodes) }
  } finally {
    nodes.discard()
    cluster.discard()
  }
}

type Run = Omit<ProofReport, 'control'>

async function strikeAll(cluster: Cluster, nodes: Nodes, faults: readonly Fault[]): Promise<Run> {
  const load = new Load('run', nodes.both, nodes.world, CALLERS)
  const probe = new Probe(cluster)
  const { book } = load
  const failures: string[] = []
  const refusals: Refusal[] = []
  let earlier: string | undefined
  await pause(QUIET_MS)
  for (const fault of faults) {
    const refusal = await strike(cluster, { load, probe }, fault)
    refusals.push(refusal)
    console.log(sentenceOf(refusal))
    const told = [...book.acknowledged]
    const { lost, withoutEvent } = compare(told, await readFound(cluster, await cluster.settled()), false)
    failures.push(...[...lost, ...withoutEvent].map((what) => `after ${fault.name}: ${what}`))
    earlier = await checkLog(nodes, earlier, failures)
  }
  await load.stop()
  await probe.stop()
  await pause(QUIET_MS)
  await checkLog(nodes, earlier, failures)
  failures.push(...(await checkOrder(cluster)))
  const found = await readFound(cluster, await cluster.settled())
  const { lost, doubled, withoutEvent } = compare(book.acknowledged, found, true)
  failures.push(...book.failures, ...lost, ...doubled, ...withoutEvent, ...found.brokenLog)
  if (book.seenAfterRevocation > 0) failures.push(`${book.seenAfterRevocation} shown after their revocation`)
  failures.push(...(await checkOverHttp(nodes, load)))
  const ended = endedHow(book, found)
  return {
    figures: {
      'times that the leader was struck': faults.length,
      acknowledged: book.acknowledged.length,
      lost: lost.length,
      doubled: doubled.length,
      reveals: book.of('reveal').length,
      'reveals without event': withoutEvent.length,
      'looks after an acknowledged revocation': book.lookedAfterRevocation,
      'of these that showed something': book.seenAfterRevocation,
      ...figuresOf(refusals),
      'longest wait of a caller, s': seconds(book.longestWaitMs),
      'commits whose connection was lost: found to stand, undone and sent again, unknown': (
        ['stands', 'undone', 'unknown'] as const
      )
        .map((as) => nodes.settled(as))
        .join(', '),
      'callers told that it may be done, or not': book.unknown,
      'of these, once they asked again: done before, done then': `${ended.done}, ${ended.undone}`,
      'refused or broken off': [...book.refused].map(([what, count]) => `${count} × ${what}`).join(', '),
      'events in the log': found.events,
    },
    failures,
  }
}

/** How long, in milliseconds, the vault took no write, and how long the cluster itself took none. */
type Refusal = { name: string; ofVault: number; ofCluster: number }

function figuresOf(refusals: readonly Refusal[]): ProofReport['figures'] {
  const byName = Map.groupBy(refusals, ({ name }) => name)
  const lines = [...byName].map(([name, all]) => [
    `refused, s (the cluster itself): ${name}`,
    all.map(({ ofVault, ofCluster }) => `${seconds(ofVault)} (${seconds(ofCluster)})`).join(', '),
  ])
  const longest = Math.max(...refusals.map(({ ofVault }) => ofVault))
  return { ...Object.fromEntries(lines), 'longest refusal, s': seconds(longest) }
}

function sentenceOf({ name, ofVault, ofCluster }: Refusal): string {
  return `${name}: ${seconds(ofVault)} s without an acknowledged write; the cluster itself took none for ${seconds(ofCluster)} s`
}

function seconds(ms: number): string {
  return (ms / 1_000).toFixed(1)
}

/** From the fault until the cluster is whole again. */
async function strike(
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

/** @returns the checkpoint that the next has to continue. */
async function checkLog(
  { both: [one, other] }: Nodes,
  earlier: string | undefined,
  failures: string[],
): Promise<string | undefined> {
  const log = parseVerifier((await (await fetch(`${one.url}/log/default/vkey`)).text()).trim())
  if (!log) throw new Error('the log has no key')
  const options = earlier === undefined ? {} : { earlier }
  const verdict = await verifyLog(
    openLogSource(`${other.url}/log/default`),
    { log, witnesses: [], quorum: 0 },
    options,
  )
  failures.push(...verdict.faults.map((fault) => `the log: ${JSON.stringify(fault)}`))
  return verdict.note
}

/** In the order of the log too nothing is shown after the end of what it rested on. */
async function checkOrder(cluster: Cluster): Promise<string[]> {
  const { store, close } = await openPostgresStore(cluster.url)
  const order = new LogOrder(new Map(), new Map())
  await readLog(store, TENANT, order)
  await close()
  return order.found
}

const ASKED_OVER_HTTP = 200

/** Some of what was acknowledged, asked for at both nodes. */
async function checkOverHttp({ both, world }: Nodes, { book }: Load): Promise<string[]> {
  const some = (kind: 'person' | 'parcel') => {
    const all = book.of(kind)
    return all.filter((_, i) => i % Math.ceil(all.length / ASKED_OVER_HTTP) === 0)
  }
  const asked = [
    ...some('person').map(({ id }) => ({ id, path: `/v1/grants?subject=${id}` })),
    ...some('parcel').map(({ id }) => ({ id, path: `/v1/shipments/${id}` })),
  ]
  const failures: string[] = []
  for (const [i, { id, path }] of asked.entries()) {
    const { url } = both[i % 2 === 0 ? 0 : 1]
    const response = await fetch(url + path, { headers: { authorization: `Bearer ${world.platform}` } })
    const text = await response.text()
    if (response.status !== 200 || !text.includes(id)) failures.push(`${path}: ${response.status} ${text}`)
  }
  return failures
}

/**
 * The same cut, seen by the same check, where the leader does not wait for a standby: what it goes on to acknowledge while it is cut
 * off is gone when another leads.
 */
async function loseSome(cluster: Cluster, nodes: Nodes): Promise<ProofReport['control']> {
  await cluster.setSynchronous(false)
  let found = 0
  for (let tries = 0; found === 0 && tries < CONTROL_TRIES; tries++) {
    const load = new Load(`control-${tries}`, nodes.both, nodes.world, CALLERS)
    await pause(QUIET_MS)
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
  return compare(told, await readFound(cluster, leader), false).lost.length
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
