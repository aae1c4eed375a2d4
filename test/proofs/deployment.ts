import { setTimeout as pause } from 'node:timers/promises'
import { openSqliteStore } from '../../src/runtime/node/sqlite.ts'
import type { VaultStore } from '../../src/vault/store.ts'
import { ServiceProcess } from './service-process.ts'

/** The service as a proof runs it: one process on a data folder, or several on one database. */
export type Deployment = {
  /** Not yet started. What is asked of one may be asked of any. */
  readonly nodes: readonly [ServiceProcess, ...ServiceProcess[]]
  readonly platformKey: string
  /** Undefined for a data folder. */
  readonly databaseUrl?: string
  /** The store that they share, for reading it while none of them runs. */
  openStore(): Promise<{ store: VaultStore; close: () => Promise<void> }>
  /** Leaves nothing of it, running or not. */
  discard(): void
}

/** @param program what is run, if it is not the service as it is. */
export type Deploy = (program?: readonly string[]) => Promise<Deployment>

export const onFolder: Deploy = async (program) => {
  const service = new ServiceProcess(program)
  return {
    nodes: [service],
    platformKey: service.platformKey,
    openStore: () =>
      openSqliteStore(service.dataFolder, {
        onFatal(cause) {
          throw cause
        },
      }),
    discard: () => service.discard(),
  }
}

export async function startAll({ nodes }: Deployment): Promise<void> {
  await Promise.all(nodes.map((node) => node.start()))
}

export async function stopAll({ nodes }: Deployment): Promise<void> {
  await Promise.all(nodes.map((node) => node.stop()))
}

/** The node that has the nth of what is spread over all of them. */
export function nodeOf({ nodes }: Deployment, n: number): ServiceProcess {
  return nodes[n % nodes.length]!
}

const READY_POLL_MS = 20
const PATIENCE_MS = 60_000

/** Resolves once each node that runs says that it can write. */
export async function allReady({ nodes }: Deployment): Promise<void> {
  await Promise.all(nodes.map(isReady))
}

async function isReady(node: ServiceProcess): Promise<void> {
  for (const until = performance.now() + PATIENCE_MS; performance.now() < until;) {
    const answer = await fetch(`${node.url}/readyz`).catch(() => undefined)
    await answer?.body?.cancel()
    if (answer?.status === 200) return
    await pause(READY_POLL_MS)
  }
  throw new Error(`not ready within ${PATIENCE_MS} ms: ${node.errors.slice(-1_000)}`)
}
