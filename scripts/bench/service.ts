import { spawn, spawnSync } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

export const CLOAKROOM = join(import.meta.dirname, '..', 'cloakroom.mjs')

/** One service as a user runs it: a process of its own, on a data folder of its own, over real HTTP. */
export type Service = {
  url: string
  /** Peak resident memory so far, MiB. */
  peakMemoryMib(): number
  /** CPU seconds that the process has used. */
  cpuSeconds(): number
  stop(): Promise<void>
}

/** `databaseUrl` is PostgreSQL's; without it the folder itself holds the data. `more`: what else is set for the service. */
export type Folder = { path: string; key: string; databaseUrl?: string; more?: NodeJS.ProcessEnv }

function environment({ path, key, databaseUrl, more }: Folder, port: number): NodeJS.ProcessEnv {
  return {
    ...process.env,
    PORT: String(port),
    CLOAKROOM_DATA: join(path, 'data'),
    CLOAKROOM_KEYS: join(path, 'keys'),
    CLOAKROOM_BOOTSTRAP_KEY: key,
    ...(databaseUrl !== undefined && { CLOAKROOM_DATABASE_URL: databaseUrl }),
    ...more,
  }
}

/** Runs one command of the command line to its end. */
export function runCommand(folder: Folder, args: readonly string[]): void {
  const done = spawnSync(process.execPath, [CLOAKROOM, ...args], {
    env: environment(folder, 0),
    encoding: 'utf8',
  })
  if (done.status !== 0) throw new Error(`cloakroom ${args.join(' ')}: ${done.stderr}`)
}

/** Starts the service and waits for its first answer. @returns it and the seconds that this took. */
export async function startService(
  folder: Folder,
  port: number,
): Promise<{ service: Service; seconds: number }> {
  const started = performance.now()
  const child = spawn(process.execPath, [CLOAKROOM, 'serve'], {
    env: environment(folder, port),
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const url = `http://127.0.0.1:${port}`
  await firstAnswer(child, url)
  const seconds = (performance.now() - started) / 1000
  return { service: serviceOf(child, url), seconds }
}

async function firstAnswer(child: ChildProcess, url: string): Promise<void> {
  for (;;) {
    if (child.exitCode !== null) throw new Error(`the service ended with ${child.exitCode}`)
    const ready = await fetch(`${url}/readyz`).then(
      (response) => response.ok,
      () => false,
    )
    if (ready) return
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

function serviceOf(child: ChildProcess, url: string): Service {
  const proc = (file: string) => readFileSync(`/proc/${child.pid}/${file}`, 'utf8')
  return {
    url,
    peakMemoryMib: () => Number(/VmHWM:\s+(\d+)/.exec(proc('status'))?.[1] ?? 0) / 1024,
    cpuSeconds: () => {
      const fields = proc('stat').split(') ')[1]?.split(' ') ?? []
      return (Number(fields[11]) + Number(fields[12])) / 100
    },
    async stop() {
      const ended = once(child, 'exit')
      child.kill('SIGTERM')
      await ended
    },
  }
}
