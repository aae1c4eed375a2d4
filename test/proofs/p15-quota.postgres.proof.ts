import { openWorld } from '../http/world.ts'
import type { Harness } from '../http/harness.ts'
import { prove } from './p15-quota.proof.ts'
import type { Size } from './p15-quota.proof.ts'
import type { OpenChanged } from './p15-races.ts'
import { raceOverServices } from './p15-services.ts'
import { onServer, withServer } from './postgres-deployment.ts'
import { openNodesIn } from './postgres-stores.ts'
import type { ProofReport } from './report.ts'

// P15 over two nodes on one PostgreSQL. Every other call goes to the other node.

export function short(): Promise<ProofReport> {
  return onOneServer({ rounds: 1, parallel: 400 }, 1)
}

export function full(): Promise<ProofReport> {
  return onOneServer({ rounds: 50, parallel: 1_000 }, 10)
}

/** @param races with two services in processes of their own, beside those with a clock that is set. */
function onOneServer(size: Size, races: number): Promise<ProofReport> {
  return withServer(async (server) => {
    const report = await prove(size, openTwoOn(server.url))
    const services = await raceOverServices(onServer(server), { races, parallel: size.parallel })
    return {
      ...report,
      figures: { ...report.figures, ...services.figures },
      failures: [...report.failures, ...services.failures],
    }
  })
}

function openTwoOn(url: string): OpenChanged {
  return async (change) => {
    const { nodes, close } = await openNodesIn(url, [change, change])
    return openWorld(Promise.resolve(inTurn(nodes, close)))
  }
}

/** Nodes that are called one after the other, with one time. */
function inTurn(nodes: readonly Harness[], close: () => Promise<void>): Harness {
  const [first] = nodes
  if (!first) throw new Error('no node was opened')
  let calls = 0
  return {
    ...first,
    call: (...args) => nodes[calls++ % nodes.length]!.call(...args),
    pass(ms) {
      for (const node of nodes) node.pass(ms)
    },
    close,
  }
}
