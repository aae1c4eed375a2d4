import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
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

/** What the process may have said last, for the message of one that ended by itself. */
const LAST_WORDS = 2_000

const running = new Set<ChildProcess>()
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

/**
 * One service in a process of its own, on a data folder of its own, over real HTTP. It can be killed and started again
 * on what it left behind; each start may listen elsewhere.
 */
export class ServiceProcess {
  readonly platformKey = newCredential(TENANT, (length) => randomBytes(length)).exposeSecret()
  readonly #folder = mkdtempSync(join(tmpdir(), 'cloakroom-service-'))
  readonly #program: readonly string[]
  #child: ChildProcess | undefined
  #url = ''

  constructor(program = CLOAKROOM) {
    this.#program = program
  }

  get url(): string {
    return this.#url
  }

  get dataFolder(): string {
    return join(this.#folder, 'data')
  }

  /** For a command on the same data. */
  get env(): NodeJS.ProcessEnv {
    return {
      ...process.env,
      HOST: '127.0.0.1',
      PORT: '0',
      CLOAKROOM_DATA: this.dataFolder,
      CLOAKROOM_KEYS: join(this.#folder, 'keys'),
      CLOAKROOM_BOOTSTRAP_KEY: this.platformKey,
    }
  }

  /** While it is stopped: how many reveals a day each party has. */
  async setDailyQuota(perDay: number): Promise<void> {
    const opened = await openVault(readConfig(this.env))
    await setDailyQuota(opened.vault, TENANT, perDay)
    await opened.close()
  }

  /** Resolves once it listens. */
  async start(): Promise<void> {
    const errors = openSync(join(this.#folder, 'errors.log'), 'a')
    const child = spawn(process.execPath, this.#program, {
      env: this.env,
      stdio: ['ignore', 'pipe', errors],
    })
    closeSync(errors)
    running.add(child)
    child.once('exit', () => running.delete(child))
    this.#child = child
    this.#url = await this.#address(child)
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
    rmSync(this.#folder, { recursive: true, force: true })
  }

  async #end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const child = this.#child
    if (!child || child.exitCode !== null || child.signalCode !== null) throw this.#dead()
    const ended = once(child, 'exit')
    child.kill(signal)
    await ended
  }

  /** The stream stays open and read: the service must not meet a broken pipe when it says goodbye. */
  #address(child: ChildProcess): Promise<string> {
    let said = ''
    return new Promise((resolve, reject) => {
      const dead = () => reject(this.#dead())
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
    const words = readFileSync(join(this.#folder, 'errors.log'), 'utf8').slice(-LAST_WORDS)
    return new Error(`the service ended by itself: ${words}`)
  }
}
