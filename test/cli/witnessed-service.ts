import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { CLOAKROOM } from './witness-process.ts'

const running = new Set<ChildProcess>()
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

/** `cloakroom serve` as an operator runs it, with a data folder that can be copied away and put back. */
export class WitnessedService {
  readonly folder = mkdtempSync(join(tmpdir(), 'cloakroom-witnessed-'))
  readonly key = `ck_default_${randomBytes(24).toString('hex')}`
  url = ''
  stderr = ''
  #port = 0
  #child: ChildProcess | undefined

  /** @param set what the file says that CLOAKROOM_WITNESSES names; undefined for no such file. */
  async start(set?: unknown): Promise<void> {
    this.#port ||= await freePort()
    const file = join(this.folder, 'witnesses.json')
    if (set !== undefined) writeFileSync(file, typeof set === 'string' ? set : JSON.stringify(set))
    const env = {
      ...process.env,
      PORT: String(this.#port),
      CLOAKROOM_DATA: join(this.folder, 'data'),
      CLOAKROOM_KEYS: join(this.folder, 'keys'),
      CLOAKROOM_BOOTSTRAP_KEY: this.key,
      CLOAKROOM_LOG_NAME: 'vault.test/log',
      ...(set !== undefined && { CLOAKROOM_WITNESSES: file }),
    }
    const child = spawn(process.execPath, [...CLOAKROOM, 'serve'], { env })
    running.add(child)
    child.once('exit', () => running.delete(child))
    this.#child = child
    this.stderr = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => (this.stderr += text))
    let said = ''
    this.url = await new Promise((resolve, reject) => {
      child.once('close', (code) => reject(new Error(`the service ended with ${code}: ${this.stderr}`)))
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        said += text
        const url = /serves on (http\S+)/.exec(said)?.[1]
        if (url !== undefined) resolve(url)
      })
    })
  }

  async stop(): Promise<void> {
    const child = this.#child
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, 'exit')
    child.kill('SIGTERM')
    await ended
  }

  /** While it is stopped: the data folder as it stands, or back to how it stood. */
  copyAway(): void {
    cpSync(join(this.folder, 'data'), join(this.folder, 'copy'), { recursive: true })
  }

  putBack(): void {
    rmSync(join(this.folder, 'data'), { recursive: true })
    cpSync(join(this.folder, 'copy'), join(this.folder, 'data'), { recursive: true })
  }

  async call(path: string, body?: unknown): Promise<Response> {
    return fetch(`${this.url}${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers: { authorization: `Bearer ${this.key}`, 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
  }

  /** What a public path says, once it says something with 200. */
  async text(path: string): Promise<string> {
    return eventually(async () => {
      const response = await fetch(`${this.url}${path}`)
      const text = await response.text()
      return response.status === 200 ? text : undefined
    })
  }

  /** Makes some events. */
  async work(times: number): Promise<void> {
    for (let i = 0; i < times; i++) {
      const { status } = await this.call('/v1/parties', { kind: 'merchant', name: `Shop ${i}` })
      if (status !== 201) throw new Error(`POST /v1/parties: ${status}`)
    }
  }

  async discard(): Promise<void> {
    await this.stop()
    rmSync(this.folder, { recursive: true, force: true })
  }
}

/** Tries until there is something. Never a verdict by the clock: a test that waits in vain is ended by its own limit. */
export async function eventually<T>(look: () => Promise<T | undefined>): Promise<T> {
  for (;;) {
    const found = await look()
    if (found !== undefined) return found
    await sleep(50)
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  return typeof address === 'object' && address ? address.port : 0
}
