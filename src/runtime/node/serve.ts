import type { Server } from 'node:http'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createAdaptorServer } from '@hono/node-server'
import { VaultError } from '../../core/errors.ts'
import type { Secret } from '../../core/secret.ts'
import { createApp } from '../../http/app.ts'
import { openVault } from './compose.ts'
import type { Config } from './config.ts'
import { gather } from './gather.ts'
import { startJobs } from './jobs.ts'
import { log } from './log.ts'
import { createMetrics } from './metrics.ts'
import { readiness } from './readiness.ts'

export type Serving = {
  /** Where it listens: the port is the one that was given out when 0 was asked for. */
  address: string
  firstCredential: Secret<string> | undefined
  /** Takes no new connection, answers what is under way, closes the store. */
  stop(): Promise<void>
}

/** How long requests under way may take once the service is told to stop. */
const DRAIN_MS = 10_000

/** `package.json` lies three folders up both from `src/runtime/node` and from `dist/runtime/node`. */
function version(): string {
  const text = readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')
  return (JSON.parse(text) as { version: string }).version
}

export async function serve(config: Config): Promise<Serving> {
  const opened = await openVault(config)
  // The port may be the system's choice, and people are sent to it: the app is made once it is known.
  const made: { app?: ReturnType<typeof createApp> } = {}
  const server = createAdaptorServer({
    fetch: (request, env) => made.app?.fetch(request, env) ?? new Response(null, { status: 503 }),
  }) as Server
  const port = await listen(server, config).catch(async (error: unknown) => {
    await opened.close()
    throw error
  })
  const address = addressOf(config.host, port)
  const vault = { ...opened.vault, publicUrl: config.publicUrl ?? address }
  made.app = createApp({
    vault,
    log,
    metrics: createMetrics(),
    gather,
    readiness: () => readiness(vault),
    version: version(),
  })
  const stopJobs = startJobs(vault)
  return {
    address,
    firstCredential: opened.firstCredential,
    async stop() {
      stopJobs()
      await drain(server)
      await opened.close()
    },
  }
}

function addressOf(host: string, port: number): string {
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`
}

async function listen(server: Server, { host, port }: Config): Promise<number> {
  server.listen(port, host)
  try {
    await once(server, 'listening')
  } catch (cause) {
    const why = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown'
    throw new VaultError('config_invalid', `Cannot listen on ${host}:${port} (${why}).`, { cause })
  }
  const address = server.address()
  return typeof address === 'object' && address ? address.port : port
}

async function drain(server: Server): Promise<void> {
  const closed = once(server, 'close')
  server.close()
  server.closeIdleConnections()
  const cut = setTimeout(() => server.closeAllConnections(), DRAIN_MS)
  await closed
  clearTimeout(cut)
}
