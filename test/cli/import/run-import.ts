import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parse } from 'csv-parse/sync'
import { FAKE_KEY, PARTY } from './fake-service.ts'
import type { FakeService } from './fake-service.ts'

const MAIN = fileURLToPath(new URL('../../../src/cli/main.ts', import.meta.url))

export function testData(name: string): string {
  return fileURLToPath(new URL(`../../data/${name}`, import.meta.url))
}

/** Says on stderr how much memory the process took at most. */
const REPORT_RSS =
  'data:text/javascript,process.on("exit",()=>process.stderr.write(`\\nmax rss ${process.resourceUsage().maxRSS}\\n`))'

export type Ended = { code: number | null; stdout: string; stderr: string; maxRssMiB: number }

/** One folder with the outputs of one import, and the command that runs in a process of its own. */
export class Workbench implements AsyncDisposable {
  readonly folder: string
  readonly tokens: string
  readonly rejects: string
  readonly journal: string
  #child: ChildProcess | undefined

  private constructor(folder: string) {
    this.folder = folder
    this.tokens = join(folder, 'tokens.csv')
    this.rejects = join(folder, 'rejects.csv')
    this.journal = `${this.tokens}.progress`
  }

  static async make(): Promise<Workbench> {
    const folder = await mkdtemp(join(tmpdir(), 'cloakroom-import-'))
    await writeFile(join(folder, 'key'), `${FAKE_KEY}\n`, { mode: 0o600 })
    return new Workbench(folder)
  }

  cloakroom(...args: string[]): Promise<Ended> {
    const child = spawn(process.execPath, ['--import', REPORT_RSS, MAIN, ...args])
    this.#child = child
    let stdout = ''
    let stderr = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
    return new Promise((resolve) =>
      child.once('close', (code) => {
        const maxRssMiB = Number(/max rss (\d+)/.exec(stderr)?.[1] ?? 0) / 1024
        resolve({ code, stdout, stderr: stderr.replace(/\nmax rss \d+\n/, ''), maxRssMiB })
      }),
    )
  }

  import(service: FakeService, file: string, format: string, ...more: string[]): Promise<Ended> {
    const outputs = ['--tokens', this.tokens, '--rejects', this.rejects]
    const key = join(this.folder, 'key')
    const to = ['--url', service.url, '--key-file', key, '--party', PARTY]
    return this.cloakroom('import', file, '--format', format, ...to, ...outputs, ...more)
  }

  kill(): void {
    this.#child?.kill('SIGKILL')
  }

  async write(name: string, content: string | Uint8Array): Promise<string> {
    const file = join(this.folder, name)
    await writeFile(file, content)
    return file
  }

  /** Every output as it stands on disk, the journal among them if there is one. */
  async outputs(): Promise<Record<string, string>> {
    const names = (await readdir(this.folder)).filter((name) => /^(tokens|rejects)/.test(name))
    const entries = names.map(
      async (name) => [name, await readFile(join(this.folder, name), 'utf8')] as const,
    )
    return Object.fromEntries(await Promise.all(entries))
  }

  async records(file: string): Promise<Record<string, string>[]> {
    return parse(await readFile(file, 'utf8'), { columns: true, bom: true })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.kill()
    await rm(this.folder, { recursive: true, force: true })
  }
}

/** How often each value stands there. */
export function tally(values: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const value of values) counts[value] = (counts[value] ?? 0) + 1
  return counts
}
