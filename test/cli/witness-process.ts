import { spawn, spawnSync } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { originHash } from '../../src/cli/witness/state.ts'

export const CLOAKROOM = [join(import.meta.dirname, '../../src/cli/main.ts')]
export const WITNESS: readonly string[] = [...CLOAKROOM, 'witness']
/** Answers as a witness does, and remembers nothing beyond its own process. */
export const FORGETFUL: readonly string[] = [join(import.meta.dirname, 'forgetful-witness.ts')]

const running = new Set<ChildProcess>()
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

/** A witness in a process of its own, with key and state in a folder of its own; it keeps its port when started again. */
export class WitnessProcess {
  readonly folder = mkdtempSync(join(tmpdir(), 'cloakroom-witness-'))
  readonly name: string
  readonly vkey: string
  url = ''
  stderr = ''
  readonly #logs: readonly string[]
  readonly #program: readonly string[]
  #port = 0
  #child: ChildProcess | undefined

  constructor(logs: readonly string[], { name = 'witness.test/w1', program = WITNESS } = {}) {
    this.name = name
    this.#logs = logs
    this.#program = program
    const made = spawnSync(process.execPath, [...WITNESS, 'keygen', '--name', name, '--key', this.keyFile])
    this.vkey = made.stdout.toString().trim()
  }

  get keyFile(): string {
    return join(this.folder, 'key')
  }

  get state(): string {
    return join(this.folder, 'state')
  }

  get args(): string[] {
    const logs = this.#logs.flatMap((vkey) => ['--log', vkey])
    const where = ['--state', this.state, '--key', this.keyFile, '--name', this.name]
    return [...where, ...logs, '--port', String(this.#port)]
  }

  get pid(): number {
    return this.#child?.pid ?? 0
  }

  /** @param before what runs the program, like `strace`. Resolves once it listens. @throws if it ends instead. */
  async start(before: readonly string[] = []): Promise<void> {
    const [command = '', ...args] = [...before, process.execPath, ...this.#program, ...this.args]
    const child = spawn(command, args)
    running.add(child)
    child.once('exit', () => running.delete(child))
    this.#child = child
    this.stderr = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => (this.stderr += text))
    let said = ''
    this.url = await new Promise((resolve, reject) => {
      child.once('close', (code) => reject(new Error(`the witness ended with ${code}: ${this.stderr}`)))
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        said += text
        const url = /listens on (http\S+)\n/.exec(said)?.[1]
        if (url !== undefined) resolve(url)
      })
    })
    this.#port = Number(new URL(this.url).port)
  }

  async end(signal: 'SIGKILL' | 'SIGTERM' = 'SIGKILL'): Promise<void> {
    const child = this.#child
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, 'exit')
    child.kill(signal)
    await ended
  }

  async restart(): Promise<void> {
    await this.end()
    await this.start()
  }

  async add(body: string): Promise<Response> {
    return fetch(`${this.url}/add-checkpoint`, { method: 'POST', body })
  }

  async latest(origin: string): Promise<string | undefined> {
    const response = await fetch(`${this.url}/checkpoint/${originHash(origin)}`)
    return response.ok ? response.text() : undefined
  }

  async discard(): Promise<void> {
    await this.end()
    rmSync(this.folder, { recursive: true, force: true })
  }
}
