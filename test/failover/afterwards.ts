import { openLogSource } from '../../src/cli/verify/log-source.ts'
import { verifyLog } from '../../src/cli/verify/verify-log.ts'
import { openPostgresStore } from '../../src/runtime/node/postgres.ts'
import { parseVerifier } from '../../src/tlog/note.ts'
import { LogOrder, readLog } from '../proofs/p10-log-order.ts'
import type { ProofReport } from '../proofs/report.ts'
import { TENANT } from '../proofs/service-process.ts'
import type { Book } from './book.ts'
import type { Cluster } from './cluster.ts'
import { compare, endedHow, readFound } from './found.ts'
import type { Load } from './load.ts'
import type { Nodes } from './nodes.ts'
import { seconds } from './strike.ts'

export type Run = Omit<ProofReport, 'control'>

/** Once no call is open any more: everything that there is was acknowledged, and everything that was acknowledged is there. */
export async function compareAll(cluster: Cluster, nodes: Nodes, book: Book): Promise<Run> {
  const found = await readFound(cluster, await cluster.settled())
  const { lost, doubled, withoutEvent } = compare(book.acknowledged, found, true)
  const failures = [...book.failures, ...lost, ...doubled, ...withoutEvent, ...found.brokenLog]
  if (book.seenAfterRevocation > 0) failures.push(`${book.seenAfterRevocation} shown after their revocation`)
  const ended = endedHow(book, found)
  const settled = (['stands', 'undone', 'unknown'] as const).map((as) => nodes.settled(as))
  const figures = {
    acknowledged: book.acknowledged.length,
    lost: lost.length,
    doubled: doubled.length,
    reveals: book.of('reveal').length,
    'reveals without event': withoutEvent.length,
    'looks after an acknowledged revocation': book.lookedAfterRevocation,
    'of these that showed something': book.seenAfterRevocation,
    'commits whose connection was lost: found to stand, undone and sent again, unknown': settled.join(', '),
    'callers told that it may be done, or not': book.unknown,
    'of these, once they asked again: done before, done then': `${ended.done}, ${ended.undone}`,
    'refused or broken off': [...book.refused].map(([what, count]) => `${count} × ${what}`).join(', '),
    'longest wait of a caller, s': seconds(book.longestWaitMs),
    'events in the log': found.events,
  }
  return { figures, failures }
}

/** @returns the checkpoint that the next has to continue. */
export async function checkLog(
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
export async function checkOrder(cluster: Cluster): Promise<string[]> {
  const { store, close } = await openPostgresStore(cluster.url)
  const order = new LogOrder(new Map(), new Map())
  await readLog(store, TENANT, order)
  await close()
  return order.found
}

const ASKED_OVER_HTTP = 200

/** Some of what was acknowledged, asked for at both nodes. */
export async function checkOverHttp({ both, world }: Nodes, { book }: Load): Promise<string[]> {
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
