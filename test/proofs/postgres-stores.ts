import { randomBytes } from 'node:crypto'
import { newKey } from '../../src/crypto/envelope.ts'
import { localKek } from '../../src/crypto/kek.ts'
import { openHarness } from '../http/harness.ts'
import type { Harness } from '../http/harness.ts'
import { openAt, placeOn, removePlace } from '../postgres/place.ts'

/**
 * As many nodes in this process as there are changes, on a new schema of the server: each with its own pools, and nothing in common
 * but the database and the root key.
 */
export async function openNodesIn(
  serverUrl: string,
  changes: readonly ((store: Harness['store']) => Harness['store'])[],
): Promise<{ nodes: Harness[]; close(): Promise<void> }> {
  const place = placeOn(serverUrl)
  const kek = localKek(newKey((length) => new Uint8Array(randomBytes(length))))
  const nodes: Harness[] = []
  for (const change of changes) {
    const openStore = async () => {
      const { store, close } = await openAt(place)
      return { store: change(store), close }
    }
    nodes.push(await openHarness({ openStore, kek }))
  }
  return {
    nodes,
    async close() {
      for (const node of nodes) await node.close()
      await removePlace(place)
    },
  }
}
