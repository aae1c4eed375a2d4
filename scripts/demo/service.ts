import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The command as a user has it. */
export const LAUNCHER = fileURLToPath(new URL('../cloakroom.mjs', import.meta.url))

const START_TIMEOUT_MS = 30_000
const STOP_TIMEOUT_MS = 15_000

/** Nothing of the surroundings: another vault's settings must not get in. */
function environment(own: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const { PATH, HOME, TMPDIR, SystemRoot } = process.env
  return { PATH, HOME, TMPDIR, SystemRoot, NO_COLOR: '1', ...own }
}

/** `cloakroom serve` on a port that is free, with data and keys in a folder of its own. */
export class Service {
  readonly dataFolder: string
  readonly keysFolder: string
  readonly #launcher: string
  readonly #settings: NodeJS.ProcessEnv
  #child: ChildProcess | undefined
  #closed: Promise<unknown> = Promise.resolve()
  #stopped: Promise<number | null> = Promise.resolve(null)
  #address = ''
  #printed = ''

  /** @param settings further variables, such as where mails go. */
  constructor(launcher: string, folder: string, settings: NodeJS.ProcessEnv = {}) {
    this.#launcher = launcher
    this.#settings = settings
    this.dataFolder = join(folder, 'data')
    this.keysFolder = join(folder, 'keys')
  }

  /** What a command on the same data is told. */
  get folders(): NodeJS.ProcessEnv {
    return { CLOAKROOM_DATA: this.dataFolder, CLOAKROOM_KEYS: this.keysFolder }
  }

  get address(): string {
    return this.#address
  }

  /** All that it has written so far, over every start: greeting and log. */
  get printed(): string {
    return this.#printed
  }

  /** @throws Error with what it printed, if it does not get to serve. */
  async start(): Promise<void> {
    const child = spawn(process.execPath, [this.#launcher, 'serve'], {
      env: environment({ ...this.folders, ...this.#settings, HOST: '127.0.0.1', PORT: '0' }),
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.#child = child
    this.#closed = new Promise((resolve) => child.once('close', resolve))
    let greeting = ''
    const address = Promise.withResolvers<string>()
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.#printed += text
      greeting += text
      const [, found] = /serves on (http:\/\/\S+)\s/.exec(greeting) ?? []
      if (found !== undefined) address.resolve(found)
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => (this.#printed += text))
    child.once('error', (error) => address.reject(error))
    child.once('close', () => address.reject(new Error(`the service did not start: ${this.#printed.trim()}`)))
    const late = setTimeout(
      () => address.reject(new Error('the service did not start in time')),
      START_TIMEOUT_MS,
    )
    try {
      this.#address = await address.promise
    } finally {
      clearTimeout(late)
    }
  }

  /** Asks it to stop, once. @returns its exit code; null if it was killed or never ran. */
  async stop(): Promise<number | null> {
    const child = this.#child
    this.#child = undefined
    if (child) this.#stopped = endOf(child, this.#closed)
    return this.#stopped
  }
}

async function endOf(child: ChildProcess, closed: Promise<unknown>): Promise<number | null> {
  child.kill('SIGTERM')
  const late = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS)
  await closed
  clearTimeout(late)
  return child.exitCode
}

export type Ran = { code: number | null; stdout: string; stderr: string }

/** Another command of the same program, as a process of its own. */
export async function run(
  launcher: string,
  args: readonly string[],
  own: NodeJS.ProcessEnv = {},
): Promise<Ran> {
  const child = spawn(process.execPath, [launcher, ...args], {
    env: environment(own),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const ran: Ran = { code: null, stdout: '', stderr: '' }
  child.stdout.setEncoding('utf8').on('data', (text: string) => (ran.stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (ran.stderr += text))
  await once(child, 'close')
  return { ...ran, code: child.exitCode }
}
