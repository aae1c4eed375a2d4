import { Decrypter, generateIdentity, identityToRecipient } from 'age-encryption'
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { newCredential } from '../../src/crypto/credential.ts'
import { openVault, setDailyQuota } from '../../src/runtime/node/compose.ts'
import { readConfig } from '../../src/runtime/node/config.ts'
import { random } from '../../src/runtime/node/random.ts'
import { TENANT } from './p09-p12-service.ts'
import type { Ran } from './p09-p12-service.ts'

const MAIN = join(import.meta.dirname, '../../src/cli/main.ts')

const running = new Set<ChildProcess>()
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

/** Two machines and a safe place between them: data folders that can be lost, keys, tombstones and backups that are not. */
export class Site {
  readonly root = mkdtempSync(join(tmpdir(), 'cloakroom-restore-'))
  readonly platformKey = newCredential(TENANT, random).exposeSecret()
  readonly tombstones = join(this.root, 'safe', 'tombstones')
  readonly keys = join(this.root, 'keys')
  readonly #main: string
  url = ''
  #child: ChildProcess | undefined

  /** @param main the program: from its sources, or as it was built. */
  constructor(main = MAIN) {
    this.#main = main
    mkdirSync(this.path('safe'))
  }

  path(name: string): string {
    return join(this.root, name)
  }

  /** An age identity in a file, and its public half. */
  async identity(name: string): Promise<{ file: string; recipient: string; decrypter: Decrypter }> {
    const identity = await generateIdentity()
    const file = this.path(name)
    writeFileSync(file, `# for ${name}\n${identity}\n`, { mode: 0o600 })
    const decrypter = new Decrypter()
    decrypter.addIdentity(identity)
    return { file, recipient: await identityToRecipient(identity), decrypter }
  }

  /** While it is stopped: how many reveals a day each party has. */
  async setDailyQuota(data: string, perDay: number): Promise<void> {
    const { vault, close } = await openVault(readConfig(this.env(data)))
    await setDailyQuota(vault, TENANT, perDay)
    await close()
  }

  /** Serves a data folder. Resolves once it listens. @throws Error with what it printed if it ends before. */
  async start(data: string): Promise<void> {
    const child = this.#spawn(['serve'], data)
    this.#child = child
    const listening = Promise.withResolvers<string>()
    let said = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (text: string) => {
        said += text
        const url = /serves on (http\S+)/.exec(said)?.[1]
        if (url !== undefined) listening.resolve(url)
      })
    }
    child.once('close', () => listening.reject(new Error(`the service ended by itself: ${said}`)))
    this.url = await listening.promise
  }

  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const child = this.#child
    if (!child || child.exitCode !== null || child.signalCode !== null) throw new Error('no service runs')
    const ended = once(child, 'close')
    child.kill(signal)
    await ended
  }

  /** Another command of the same program, to its end. */
  async run(data: string, ...args: string[]): Promise<Ran> {
    const child = this.#spawn(args, data)
    const ran: Ran = { code: null, stdout: '', stderr: '' }
    child.stdout?.on('data', (text: string) => (ran.stdout += text))
    child.stderr?.on('data', (text: string) => (ran.stderr += text))
    await once(child, 'close')
    return { ...ran, code: child.exitCode }
  }

  /** @throws Error with what it printed unless it succeeds. */
  async must(data: string, ...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await this.run(data, ...args)
    if (code !== 0) throw new Error(`cloakroom ${args[0]} ended with ${code}: ${stderr}`)
    return stdout + stderr
  }

  discard(): void {
    this.#child?.kill('SIGKILL')
    rmSync(this.root, { recursive: true, force: true })
  }

  /** Nothing of the surroundings but where programs are. */
  env(data: string): NodeJS.ProcessEnv {
    return {
      PATH: process.env['PATH'],
      HOST: '127.0.0.1',
      PORT: '0',
      CLOAKROOM_DATA: this.path(data),
      CLOAKROOM_KEYS: this.keys,
      CLOAKROOM_TOMBSTONES: this.tombstones,
      // Each start listens elsewhere; what was signed for one address has to hold at the next.
      CLOAKROOM_PUBLIC_URL: 'http://vault.test',
      CLOAKROOM_BOOTSTRAP_KEY: this.platformKey,
    }
  }

  #spawn(args: readonly string[], data: string): ChildProcess {
    const child = spawn(process.execPath, [this.#main, ...args], {
      env: this.env(data),
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    running.add(child)
    child.once('close', () => running.delete(child))
    for (const stream of [child.stdout, child.stderr]) stream?.setEncoding('utf8')
    return child
  }
}
