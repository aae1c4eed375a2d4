import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseTenantId } from '../../src/core/id.ts'
import type { TenantId } from '../../src/core/id.ts'
import { newCredential } from '../../src/crypto/credential.ts'
import { openVault, setDailyQuota } from '../../src/runtime/node/compose.ts'
import { readConfig } from '../../src/runtime/node/config.ts'
import { random } from '../../src/runtime/node/random.ts'

export const TENANT = parseTenantId('default') as TenantId

/** The command line from its sources: this Node runs them as they are. */
const MAIN = join(import.meta.dirname, '../../src/cli/main.ts')

export type Ran = { code: number | null; stdout: string; stderr: string }

const running = new Set<ChildProcess>()
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

/**
 * The service in a process of its own. Everything that it could write lies in one folder: `data`, `keys`, `temp` as the
 * system's temporary folder, and `here` as the current one, where a core file would fall.
 */
export class Service {
  readonly root = mkdtempSync(join(tmpdir(), 'cloakroom-canaries-'))
  readonly platformKey = newCredential(TENANT, random).exposeSecret()
  readonly main: string
  /** All that any process of this service wrote to its output and error streams. */
  printed = ''
  url = ''
  #child: ChildProcess | undefined

  constructor(main = MAIN) {
    this.main = main
    for (const name of ['temp', 'here'] as const) mkdirSync(this.folder(name))
  }

  folder(name: 'data' | 'keys' | 'temp' | 'here'): string {
    return join(this.root, name)
  }

  get pid(): number {
    const pid = this.#child?.pid
    // To a signal, 0 is the sender's whole group.
    if (pid === undefined) throw new Error('the service was never started')
    return pid
  }

  /** While it is stopped: how many reveals a day each party has. */
  async setDailyQuota(perDay: number): Promise<void> {
    const { vault, close } = await openVault(readConfig(this.#env()))
    await setDailyQuota(vault, TENANT, perDay)
    await close()
  }

  /** Resolves once it listens. @throws Error with what it printed if it ends before. */
  async start(): Promise<void> {
    const child = this.#spawn(['serve'])
    this.#child = child
    let said = ''
    const listening = Promise.withResolvers<string>()
    child.stdout?.on('data', (text: string) => {
      said += text
      const url = /serves on (http\S+)/.exec(said)?.[1]
      if (url !== undefined) listening.resolve(url)
    })
    child.once('close', () => listening.reject(new Error(`the service ended by itself: ${this.printed}`)))
    this.url = await listening.promise
  }

  async stop(): Promise<void> {
    await this.#end('SIGTERM')
  }

  /** As a power switch would. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL')
  }

  discard(): void {
    this.#child?.kill('SIGKILL')
    rmSync(this.root, { recursive: true, force: true })
  }

  /** Another command of the same program, to its end. */
  async run(...args: string[]): Promise<Ran> {
    return this.begin(...args).ended
  }

  begin(...args: string[]): { child: ChildProcess; ended: Promise<Ran> } {
    const child = this.#spawn(args)
    const ran: Ran = { code: null, stdout: '', stderr: '' }
    child.stdout?.on('data', (text: string) => (ran.stdout += text))
    child.stderr?.on('data', (text: string) => (ran.stderr += text))
    return { child, ended: once(child, 'close').then(() => ({ ...ran, code: child.exitCode })) }
  }

  #spawn(args: readonly string[]): ChildProcess {
    const child = spawn(process.execPath, [this.main, ...args], {
      cwd: this.folder('here'),
      env: this.#env(),
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    running.add(child)
    child.once('close', () => running.delete(child))
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => (this.printed += text))
    }
    return child
  }

  /** Nothing of the surroundings but where programs are. */
  #env(): NodeJS.ProcessEnv {
    return {
      PATH: process.env['PATH'],
      TMPDIR: this.folder('temp'),
      SQLITE_TMPDIR: this.folder('temp'),
      HOME: this.folder('here'),
      HOST: '127.0.0.1',
      PORT: '0',
      CLOAKROOM_DATA: this.folder('data'),
      CLOAKROOM_KEYS: this.folder('keys'),
      // Each start listens elsewhere; what was signed for one address has to hold at the next.
      CLOAKROOM_PUBLIC_URL: 'http://vault.test',
      CLOAKROOM_BOOTSTRAP_KEY: this.platformKey,
    }
  }

  async #end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const child = this.#child
    if (!child || child.exitCode !== null || child.signalCode !== null) {
      throw new Error(`the service ended by itself: ${this.printed}`)
    }
    const ended = once(child, 'close')
    child.kill(signal)
    await ended
  }
}

/** After long work of this process: sockets that the other side has closed meanwhile are noticed before the next call. */
export async function breathe(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 50))
}

/** All of it, a few at a time. */
export async function inParallel<T>(
  items: Iterable<T>,
  width: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const left = items[Symbol.iterator]()
  await Promise.all(
    Array.from({ length: width }, async () => {
      for (let next = left.next(); next.done !== true; next = left.next()) await work(next.value)
    }),
  )
}

export const oneOf = <T>(all: readonly T[]): T => all[randomInt(all.length)]!
