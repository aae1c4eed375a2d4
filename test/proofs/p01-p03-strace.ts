import { spawn, spawnSync } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'

// Watches a process's system calls, and makes some of them fail.

/** Calls that change files, put them on disk, or answer somebody; and those by which a change could pass unseen. */
const CALLS = [
  ...['open', 'openat', 'creat', 'mkdir', 'mkdirat', 'unlink', 'unlinkat', 'rename', 'renameat', 'renameat2'],
  ...['write', 'writev', 'pwrite64', 'pwritev', 'pwritev2', 'ftruncate', 'fallocate', 'copy_file_range'],
  ...['sendto', 'sendmsg', 'sendmmsg', 'sendfile', 'splice', 'fsync', 'fdatasync', 'sync_file_range'],
  ...['mmap', 'io_uring_setup'],
]

/** Of one call's bytes: more than the largest answer or page. */
const BYTES_SHOWN = 4 * 1024 * 1024

/**
 * Runs what follows in the same process, with every call of all its threads written to a file, bytes in full. The tracer is
 * no parent: signals and exit codes are the program's own.
 */
export function recordTo(path: string): readonly string[] {
  const calls = CALLS.map((name) => `?${name}`).join()
  const shown = ['-y', '-xx', '-v', '-s', String(BYTES_SHOWN), '-e', `trace=${calls}`]
  // What a program hands to the kernel in a ring is seen by no tracer. Node does without one where there is none.
  const withoutRings = ['-e', 'inject=?io_uring_setup:error=ENOSYS']
  return ['strace', '-D', '-f', '--seccomp-bpf', '-q', ...shown, ...withoutRings, '-o', path]
}

/** The tracer is no child: what it writes last is that the process is gone. */
export async function recordingEnded(path: string, pid: number): Promise<void> {
  for (let waited = 0; waited < PATIENCE_MS; waited += POLL_MS) {
    const end = new RegExp(`^${pid} +\\+\\+\\+ (exited|killed)`, 'm')
    if (end.test(tailOf(path))) return
    await pause(POLL_MS)
  }
  throw new Error('the recording did not end')
}

const PATIENCE_MS = 60_000
const POLL_MS = 20
const TAIL_BYTES = 4_096

function tailOf(path: string): string {
  const file = openSync(path, 'r')
  try {
    const bytes = Buffer.alloc(TAIL_BYTES)
    const start = Math.max(0, fstatSync(file).size - TAIL_BYTES)
    return bytes.toString('latin1', 0, readSync(file, bytes, 0, TAIL_BYTES, start))
  } finally {
    closeSync(file)
  }
}

/** @returns why nothing can be recorded here; undefined if it can. */
export function whyNoRecording(): string | undefined {
  const { status, error, stderr } = spawnSync('strace', ['-f', '-o', '/dev/null', 'true'], {
    encoding: 'utf8',
  })
  if (error) return 'strace is not installed'
  return status === 0 ? undefined : `strace does not run here: ${stderr.trim()}`
}

/** @returns why no fault can be put into a running process here; undefined if it can. */
export async function whyNoFaults(): Promise<string | undefined> {
  const why = whyNoRecording()
  if (why !== undefined) return why
  const child = spawn('sleep', ['60'])
  try {
    await once(child, 'spawn')
    const tracer = await Tracer.attach([child.pid ?? 0], ['-e', 'trace=fsync'])
    await tracer.end()
    return undefined
  } catch (error) {
    return String(error)
  } finally {
    child.kill('SIGKILL')
  }
}

export type Injection = { calls: readonly string[]; error: string; path: string }

/** A fault in a running process: calls that have to do with one file fail from now on, until it is ended. */
export class Tracer {
  readonly #child: ChildProcess
  #said = ''

  private constructor(child: ChildProcess) {
    this.#child = child
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.#said += text))
  }

  /** SQLite does its input and output on the thread that calls it, which in Node is the first. */
  static inject(pid: number, { calls, error, path }: Injection): Promise<Tracer> {
    const trace = calls.map((name) => `?${name}`).join()
    return Tracer.attach([pid], ['-P', path, '-e', `trace=${trace}`, '-e', `inject=${trace}:error=${error}`])
  }

  /**
   * All of these processes, with every call of all their threads and of what they start from then on written to one file, bytes in full
   * and in one order.
   */
  static record(pids: readonly number[], path: string): Promise<Tracer> {
    const calls = CALLS.map((name) => `?${name}`).join()
    return Tracer.attach(pids, [
      '-f',
      '-xx',
      '-v',
      '-s',
      String(BYTES_SHOWN),
      '-e',
      `trace=${calls}`,
      '-o',
      path,
    ])
  }

  /** Resolves once it is in force. @throws Error with the tracer's own words if it may not. */
  static async attach(pids: readonly number[], args: readonly string[]): Promise<Tracer> {
    const whom = pids.flatMap((pid) => ['-p', String(pid)])
    const child = spawn('strace', ['-y', ...args, ...whom], { stdio: ['ignore', 'ignore', 'pipe'] })
    const tracer = new Tracer(child)
    await new Promise<void>((resolve, reject) => {
      child.once('error', reject)
      child.once('close', () => reject(new Error(`strace ended: ${tracer.#said.trim()}`)))
      child.stderr.on('data', () => {
        const attached = new Set(tracer.#said.match(/(?<=Process )\d+(?= attached)/g))
        if (pids.every((pid) => attached.has(String(pid)))) resolve()
      })
    })
    return tracer
  }

  /** Lets the process go on without it. @returns the calls that it saw, one a line. */
  async end(): Promise<string[]> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      const closed = once(this.#child, 'close')
      this.#child.kill('SIGTERM')
      await closed
    }
    return this.#said.split('\n').filter((line) => /^\w+\(/.test(line))
  }
}
