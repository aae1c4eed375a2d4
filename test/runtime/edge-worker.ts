import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

const running = new Set<ChildProcess>()
process.once('exit', () => {
  for (const child of running) child.kill('SIGTERM')
})

/** Longer than wrangler takes on a busy machine. */
const MAX_TRIES = 600

/** `npm run edge`: the Worker in workerd with its objects, or on a database, with what Hyperdrive is on a developer's machine. */
export class EdgeWorker {
  readonly url: string
  readonly adminSecret: string
  /** The content of its root key file. */
  readonly rootKey: string
  readonly #child: ChildProcess
  readonly #folder: string
  readonly #said: string[]

  private constructor(port: number, folder: string, own: string, child: ChildProcess, said: string[]) {
    this.url = `http://localhost:${port}`
    this.#folder = folder
    this.#child = child
    this.#said = said
    const vars = readFileSync(join(folder, own, 'dev.vars'), 'utf8')
    this.adminSecret = /^CLOAKROOM_ADMIN_SECRET=(.+)$/m.exec(vars)?.[1] ?? ''
    this.rootKey = /^CLOAKROOM_ROOT_KEY='(.+)'$/m.exec(vars)?.[1] ?? ''
  }

  static async start(shared: NodeJS.ProcessEnv = {}): Promise<EdgeWorker> {
    const folder = mkdtempSync(join(tmpdir(), 'cloakroom-edge-'))
    const port = await freePort()
    const child = spawn(process.execPath, ['scripts/edge.ts', '--log-level=error'], {
      cwd: join(import.meta.dirname, '../..'),
      env: { ...process.env, ...shared, PORT: String(port), CLOAKROOM_DATA: folder },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    running.add(child)
    child.once('exit', () => running.delete(child))
    const said: string[] = []
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => said.push(String(chunk)))
    for (let tries = 0; !(await answers(port)); tries++) {
      if (tries === MAX_TRIES || child.exitCode !== null)
        throw new Error(`it did not start:\n${said.join('')}`)
      await sleep(100)
    }
    const own = shared['CLOAKROOM_DATABASE_URL'] === undefined ? 'edge' : 'edge-postgres'
    return new EdgeWorker(port, folder, own, child, said)
  }

  /** What was written for the operator, and what wrangler says besides. */
  get said(): string {
    return this.#said.join('')
  }

  /** What the platform does once a minute. */
  async cron(): Promise<void> {
    const response = await fetch(`${this.url}/cdn-cgi/local/scheduled`)
    if (!response.ok) throw new Error(`the trigger: ${response.status} ${await response.text()}`)
  }

  async stop(): Promise<void> {
    const ended = once(this.#child, 'exit')
    this.#child.kill('SIGTERM')
    await ended
    rmSync(this.#folder, { recursive: true, force: true })
  }
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address() as AddressInfo
  probe.close()
  return port
}

async function answers(port: number): Promise<boolean> {
  try {
    return (await fetch(`http://localhost:${port}/healthz`)).ok
  } catch {
    // Not listening yet.
    return false
  }
}
