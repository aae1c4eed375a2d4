import { addPlatform, listen } from './p10-node.ts'
import type { OpenPair } from './p10-node.ts'
import { prove } from './p10-revocation.proof.ts'
import type { Size } from './p10-revocation.proof.ts'
import { onServer, withServer } from './postgres-deployment.ts'
import { openNodesIn } from './postgres-stores.ts'
import type { ProofReport } from './report.ts'

// P10 over two nodes on one PostgreSQL: it is revoked through one of them, and asked of the other.

export function short(): Promise<ProofReport> {
  return onOneServer({ races: 156, arenas: 12, lanes: 2 })
}

export function full(): Promise<ProofReport> {
  return onOneServer({ races: 100_000, arenas: 16, lanes: 1 })
}

function onOneServer(size: Size): Promise<ProofReport> {
  return withServer((server) => prove(size, { deploy: onServer(server), openPair: pairOn(server.url) }))
}

function pairOn(url: string): OpenPair {
  return async (change) => {
    const { nodes, close } = await openNodesIn(url, [(store) => store, change])
    const [one, other] = nodes
    if (!one || !other) throw new Error('two nodes were opened')
    const platform = await addPlatform(one)
    const [control, lane] = [await listen(one), await listen(other)]
    return {
      control,
      lane,
      platform,
      store: one.store,
      async close() {
        control.close()
        lane.close()
        await close()
      },
    }
  }
}
