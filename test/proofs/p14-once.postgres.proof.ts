import { openHarness } from '../http/harness.ts'
import { openWorld } from '../http/world.ts'
import { openAt, placeOn, removePlace } from '../postgres/place.ts'
import { prove } from './p14-once.proof.ts'
import type { Size } from './p14-once.proof.ts'
import { onServer, withServer } from './postgres-deployment.ts'
import type { ProofReport } from './report.ts'

// P14 over two nodes on one PostgreSQL: half of each key's copies go to each node, and either is killed.

export function short(): Promise<ProofReport> {
  return onOneServer({ keys: 24, copies: 8, keysAWave: 12 })
}

export function full(): Promise<ProofReport> {
  return onOneServer({ keys: 1_000, copies: 20, keysAWave: 10 })
}

function onOneServer(size: Size): Promise<ProofReport> {
  return withServer((server) =>
    prove(size, { deploy: onServer(server), openWorld: () => openWorldOn(server.url) }),
  )
}

function openWorldOn(url: string): ReturnType<typeof openWorld> {
  const openStore = async () => {
    const place = placeOn(url)
    const { store, close } = await openAt(place)
    return { store, close: () => close().then(() => removePlace(place)) }
  }
  return openWorld(openHarness({ openStore }))
}
