import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

const PROGRAM = join(import.meta.dirname, 'move-process.ts')

/** When to kill: at the nth page that is on disk, or when a step is said. */
export type KillAt = number | 'comparing' | 'proven'

/** @returns whether the move came to its end before it could be killed, and what it said on its error stream. */
export async function moveAndKill(
  from: string,
  to: string,
  killAt: KillAt | undefined,
  env: NodeJS.ProcessEnv = {},
): Promise<{ moved: boolean; stderr: string }> {
  const child = spawn(process.execPath, [PROGRAM, from, to, '4'], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  })
  const ended = once(child, 'close')
  let [pages, moved, stderr] = [0, false, '']
  child.stderr.on('data', (text: Buffer) => (stderr += text.toString()))
  for await (const step of createInterface({ input: child.stdout })) {
    if (step === 'page') pages += 1
    if (step === 'moved') moved = true
    if (step === killAt || pages === killAt) child.kill('SIGKILL')
  }
  await ended
  return { moved, stderr }
}
