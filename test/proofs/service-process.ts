import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseTenantId } from '../../src/core/id.ts'
import type { TenantId } from '../../src/core/id.ts'
import { newCredential } from '../../src/crypto/credential.ts'
import { openVault, setDailyQuota } from '../../src/runtime/node/compose.ts'
import { readConfig } from '../../src/runtime/node/config.ts'

export const TENANT = parseTenantId('default') as TenantId

/** The service as an operator runs it, from its sources. */
export const CLOAKROOM: readonly string[] = [join(import.meta.dirname, '../../src/cli/main.ts'), 'serve']

/** For proofs that no quota is to stop. */
export const ENOUGH_FOR_ANYBODY = 1_000_000_000

/** What the process may have said last, for the message of one that ended by itself. */
const LAST_WORDS = 2_000

/** A test-only entry that runs the real service with one thing changed. */
export function broken(entry: string): readonly string[] {
  return [join(import.meta.dirname, entry), 'serve']
}

const running = new Set<ChildProcess>()
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

export type Ended = { code: number | null; signal: NodeJS.Signals | null }

/**
 * One service in a process of its own, over real HTTP. It can be killed and started again on what it left behind, traced and made to
 * fail. Data and keys lie in a folder that holds nothing else.
 */
export class ServiceProcess {
  readonly platformKey = newCredential(TENANT, (length) => randomBytes(length)).exposeSecret()
  /** As the kernel names it, which is how traces do. */
  readonly root: string
  readonly #program: readonly string[]
  #child: ChildProcess | undefined
  #url = ''

  /** @param parent where the service's folder is made: another file system, if it is to be one. */
  constructor(program = CLOAKROOM, parent = tmpdir()) {
    this.root = realpathSync(mkdtempSync(join(parent, 'cloakroom-service-')))
    this.#program = program
    mkdirSync(join(this.root, 'new'))
  }

  get url(): string {
    return this.#url
  }

  /** Holds what the service makes, and nothing else. */
  get home(): string {
    return join(this.root, 'new')
  }

  get dataFolder(): string {
    return join(this.home, 'data')
  }

  get database(): string {
    return join(this.dataFolder, 'cloakroom.sqlite')
  }

  get pid(): number {
    const pid = this.#child?.pid
    // To a signal, 0 is the sender's whole group.
    if (pid === undefined) throw new Error('the service was never started')
    return pid
  }

  /** What all its starts have said on their error stream. */
  get errors(): string {
    return readFileSync(join(this.root, 'errors.log'), 'utf8')
  }

  /** For a command on the same data. */
  get env(): NodeJS.ProcessEnv {
    return {
      ...process.env,
      HOST: '127.0.0.1',
      PORT: '0',
      CLOAKROOM_DATA: this.dataFolder,
      CLOAKROOM_KEYS: join(this.home, 'keys'),
      // Each start listens elsewhere; a session has to hold at the next.
      CLOAKROOM_PUBLIC_URL: 'http://vault.test',
      CLOAKROOM_BOOTSTRAP_KEY: this.platformKey,
    }
  }

  /** While it is stopped: how many reveals a day each party has. */
  async setDailyQuota(perDay: number): Promise<void> {
    const { vault, close } = await openVault(readConfig(this.env))
    await setDailyQuota(vault, TENANT, perDay)
    await close()
  }

  /**
   * Resolves once it listens.
   * @param under a command that runs the one after it in its own process, as `strace -D` does.
   */
  async start(under: readonly string[] = []): Promise<void> {
    const [command = process.execPath, ...args] = [...under, process.execPath, ...this.#program]
    const errors = openSync(join(this.root, 'errors.log'), 'a')
    const child = spawn(command, args, { env: this.env, stdio: ['ignore', 'pipe', errors] })
    closeSync(errors)
    running.add(child)
    child.once('exit', () => running.delete(child))
    this.#child = child
    this.#url = await this.#address(child)
  }

  /** Resolves when it ends by itself. */
  async ended(): Promise<Ended> {
    const child = this.#child
    if (!child) throw new Error('the service was never started')
    if (this.isRunning) await once(child, 'exit')
    return { code: child.exitCode, signal: child.signalCode }
  }

  get isRunning(): boolean {
    return this.#child?.exitCode === null && this.#child.signalCode === null
  }

  /** `kill -9`, and waits until the process is gone. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL')
  }

  async stop(): Promise<void> {
    await this.#end('SIGTERM')
  }

  /** Leaves nothing of it, running or not. */
  discard(): void {
    this.#child?.kill('SIGKILL')
    rmSync(this.root, { recursive: true, force: true })
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    if (!this.isRunning) throw this.#dead()
    process.kill(this.pid, signal)
    await this.ended()
  }

  /** The stream stays open and read: the service must not meet a broken pipe when it says goodbye. */
  #address(child: ChildProcess): Promise<string> {
    let said = ''
    return new Promise((resolve, reject) => {
      const dead = () => reject(this.#dead())
      child.once('error', reject)
      child.once('exit', dead)
      child.stdout?.setEncoding('utf8').on('data', (text: string) => {
        said += text
        const url = /serves on (http\S+)/.exec(said)?.[1]
        if (url === undefined) return
        child.off('exit', dead)
        resolve(url)
      })
    })
  }

  #dead(): Error {
    return new Error(`the service ended by itself: ${this.errors.slice(-LAST_WORDS)}`)
  }
}
