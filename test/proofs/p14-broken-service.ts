import { once } from 'node:events'
import type { Server } from 'node:http'
import { createAdaptorServer } from '@hono/node-server'
import { createApp } from '../../src/http/app.ts'
import { openVault } from '../../src/runtime/node/compose.ts'
import { readConfig } from '../../src/runtime/node/config.ts'
import { createMetrics } from '../../src/runtime/node/metrics.ts'
import { readiness } from '../../src/runtime/readiness.ts'
import type { VaultStore } from '../../src/vault/store.ts'

// Broken on purpose, for P14's control: the service, but that it does not keep what was done under a key.

const { vault } = await openVault(readConfig(process.env))
const store: VaultStore = {
  ...vault.store,
  commit: (tenant, changes) =>
    vault.store.commit(
      tenant,
      changes.filter(({ type }) => type !== 'idempotency.insert'),
    ),
}
const app = createApp({
  vault: { ...vault, store },
  log: () => undefined,
  metrics: createMetrics(),
  readiness: () => readiness(vault),
  version: '0.0.0-broken',
})
const server = createAdaptorServer({ fetch: app.fetch }) as Server
server.listen(0, '127.0.0.1')
await once(server, 'listening')
const address = server.address()
console.log(`serves on http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`)
