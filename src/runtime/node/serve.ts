import type { Server } from 'node:http'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { createAdaptorServer } from '@hono/node-server'
import { VaultError } from '../../core/errors.ts'
import type { Secret } from '../../core/secret.ts'
import { createApp } from '../../http/app.ts'
import type { Vault } from '../../vault/vault.ts'
import { backupKeys } from './backup/backup.ts'
import { removeLeftCopies } from './backup/copy.ts'
import { keepTombstones, tombstonesPath } from './backup/keep-tombstones.ts'
import { listenForCanaryMail } from './canary-mail/listener.ts'
import { openVault, stopAtOnce } from './compose.ts'
import type { Opened } from './compose.ts'
import type { Config } from './config.ts'
import { listenControl } from './control.ts'
import { controlCommands } from './control-commands.ts'
import { openDataFolder } from './data-folder.ts'
import { watchClock } from './doctor/clock-watch.ts'
import { lookAround } from './doctor/look-around.ts'
import { gather } from './gather.ts'
import { startJobs } from './jobs.ts'
import { log } from './log.ts'
import type { KeyService } from './key-service.ts'
import { createMetrics } from './metrics.ts'
import { requireDataFolder } from './open-store.ts'
import { readiness } from '../readiness.ts'
import { Rotations } from './rotations.ts'
import { startWitnessing } from './witness-client.ts'

export type Serving = {
  /** Where it listens: the port is the one that was given out when 0 was asked for. */
  address: string
  /** Where canaries' mail is listened for, if it is. */
  canaryMailPort: number | undefined
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
  const clock = watchClock()
  const tombstonesFile = tombstonesPath(process.env)
  if (tombstonesFile !== undefined) requireDataFolder(config, 'CLOAKROOM_TOMBSTONES')
  const opened = await openInFolder(config)
  await removeLeftCopies(config.dataFolder)
  const kept = tombstonesFile && (await keepTombstones(opened.vault, tombstonesFile, stopAtOnce))
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
  const base = kept ? kept.vault : opened.vault
  const { store } = base
  const sealed = () => opened.keys.sealed
  const look = {
    config,
    env: process.env,
    store,
    sealed,
    versions: opened.versions,
    running: { port, clock },
  }
  const vault = { ...base, publicUrl: config.publicUrl ?? address, lookAround: () => lookAround(look) }
  const canaryMail =
    config.canaryMail &&
    (await listenForCanaryMail(vault, config.canaryMail).catch(async (error: unknown) => {
      await drain(server)
      await opened.close()
      throw error
    }))
  const metrics = createMetrics(vault.watch)
  const witnessing = startWitnessing(vault, config.witnesses, metrics)
  made.app = createApp({
    vault,
    log,
    metrics,
    gather,
    readiness: () => readiness(vault, !witnessing.isRolledBack()),
    sealed,
    version: version(),
  })
  const lead = opened.seekLead()
  const rotations = new Rotations(vault, opened.keys, lead.leads)
  const work = workWhileOpen({ vault, keys: opened.keys, rotations, leads: lead.leads })
  const control = await controlOrNone(
    config.dataFolder,
    controlCommands({
      vault,
      keys: opened.keys,
      rotations,
      backup: {
        dataFolder: config.dataFolder,
        clock: vault.clock,
        copyTo: opened.copyTo,
        async keys() {
          requireDataFolder(config, 'This backup')
          return backupKeys(vault)
        },
        tombstones: async () => (kept ? kept.position() : null),
      },
    }),
  )
  return {
    address,
    canaryMailPort: canaryMail?.port,
    firstCredential: opened.firstCredential,
    async stop() {
      work.stop()
      rotations.stop()
      await lead.stop()
      await witnessing.stop()
      await canaryMail?.stop()
      await control.close()
      await Promise.all([drain(server), Promise.race([vault.channels.close(), sleep(DRAIN_MS)])])
      if (kept) await kept.stop()
      await opened.close()
    },
  }
}

/** On PostgreSQL too a process has a data folder of its own: its control socket is there. */
async function openInFolder(config: Config): Promise<Opened> {
  const folder = config.databaseUrl === undefined ? undefined : openDataFolder(config.dataFolder)
  try {
    const opened = await openVault(config, { maySeal: true })
    return { ...opened, close: () => opened.close().finally(() => folder?.release()) }
  } catch (error) {
    folder?.release()
    throw error
  }
}

type Work = { vault: Vault; keys: KeyService; rotations: Rotations; leads: () => boolean }

/** Periodic work and unfinished rotations need keys: they stop when the vault is sealed and go on when it is opened. */
function workWhileOpen({ vault, keys, rotations, leads }: Work): { stop(): void } {
  let stopJobs = (): void => undefined
  const follow = (sealed: boolean) => {
    stopJobs()
    stopJobs = sealed ? () => undefined : startJobs(vault, leads)
    if (!sealed) void rotations.resume()
    log({ level: sealed ? 'warn' : 'info', event: sealed ? 'sealed' : 'unsealed' })
  }
  keys.onChange(follow)
  if (keys.sealed)
    log({
      level: 'warn',
      event: 'sealed',
      message: 'Run `cloakroom unseal`: until then every call is refused.',
    })
  else {
    stopJobs = startJobs(vault, leads)
    void rotations.resume()
  }
  return { stop: () => stopJobs() }
}

const NO_CONTROL = { close: () => Promise.resolve() }

/** The service is worth having without its socket: what is done over it can be done while it is stopped. */
async function controlOrNone(...parts: Parameters<typeof listenControl>): ReturnType<typeof listenControl> {
  try {
    return await listenControl(...parts)
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    log({ level: 'warn', event: 'control_socket_unavailable', message })
    return NO_CONTROL
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
