import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { secret } from '../../src/core/secret.ts'
import { random } from '../../src/runtime/node/random.ts'
import { createRootKeyFile } from '../../src/runtime/node/root-key.ts'

export const PORT = 18_790
export const URL = `http://localhost:${PORT}`
export const ADMIN_SECRET = 'measured'.repeat(5)

const PASSPHRASE = 'only for this measurement'

/** wrangler starts one workerd that passes requests on, and then another for the Worker and its objects. */
export type CpuSeconds = { proxy: number; worker: number }

export type DevService = {
  /** CPU seconds so far; NaN where the system does not tell. */
  cpuSeconds(): CpuSeconds
  stop(): Promise<void>
}

/** A folder for `npm run edge` whose root key is sealed, as it is in production. */
export async function sealedFolder(folder: string): Promise<void> {
  const own = join(folder, 'edge')
  mkdirSync(own, { recursive: true })
  const path = join(own, 'root.key')
  await createRootKeyFile(path, random, secret(PASSPHRASE))
  const lines = [
    'CLOAKROOM_ENV=production',
    `CLOAKROOM_ROOT_KEY='${readFileSync(path, 'utf8').replaceAll(/\s+/g, '')}'`,
    `CLOAKROOM_PASSPHRASE='${PASSPHRASE}'`,
    `CLOAKROOM_ADMIN_SECRET=${ADMIN_SECRET}`,
  ]
  writeFileSync(join(own, 'dev.vars'), `${lines.join('\n')}\n`, { mode: 0o600 })
}

/** `npm run edge` in this folder, ready for requests. */
export async function startEdge(folder: string): Promise<DevService> {
  const child = spawn(process.execPath, ['scripts/edge.ts', '--log-level=error'], {
    env: { ...process.env, PORT: String(PORT), CLOAKROOM_DATA: folder },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const pid = child.pid
  if (pid === undefined) throw new Error('scripts/edge.ts did not start')
  for (let tries = 0; !(await isReady()); tries++) {
    if (tries === MAX_TRIES || child.exitCode !== null) throw new Error('`npm run edge` did not come up')
    await sleep(100)
  }
  return {
    cpuSeconds: () => cpuSeconds(pid),
    async stop() {
      const ended = once(child, 'exit')
      child.kill('SIGTERM')
      await ended
    },
  }
}

async function isReady(): Promise<boolean> {
  try {
    return (await fetch(`${URL}/healthz`)).ok
  } catch {
    // Not listening yet.
    return false
  }
}

type Process = { pid: number; parent: number; name: string; ticks: number }

/** Half a minute, of which some five seconds are taken on a busy machine. */
const MAX_TRIES = 300

const TICKS_A_SECOND = 100

/** Linux, proc(5): the name in brackets is the second field, the parent the fourth, user and system time the 14th and 15th. */
function processes(): Process[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
        const rest = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
        const name = stat.slice(stat.indexOf('(') + 1, stat.lastIndexOf(')'))
        const ticks = Number(rest[11]) + Number(rest[12])
        return [{ pid: Number(pid), parent: Number(rest[1]), name, ticks }]
      } catch {
        // It ended in between.
        return []
      }
    })
}

function cpuSeconds(root: number): CpuSeconds {
  if (process.platform !== 'linux') return { proxy: Number.NaN, worker: Number.NaN }
  const all = processes()
  const ours = new Set([root])
  for (let known = 0; known < ours.size;) {
    known = ours.size
    for (const { pid, parent } of all) if (ours.has(parent)) ours.add(pid)
  }
  const workerds = all.filter(({ pid, name }) => ours.has(pid) && name === 'workerd')
  const [proxy, worker] = workerds.toSorted((a, b) => a.pid - b.pid)
  return { proxy: (proxy?.ticks ?? NaN) / TICKS_A_SECOND, worker: (worker?.ticks ?? NaN) / TICKS_A_SECOND }
}
