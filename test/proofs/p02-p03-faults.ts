import Database from 'better-sqlite3'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CLOAKROOM, broken } from './service-process.ts'
import type { ServiceProcess } from './service-process.ts'
import { Tracer, whyNoFaults } from './p01-p03-strace.ts'

// What can go wrong with the log's file, for a while or for good, in a service that is running.

export type Fault = {
  name: string
  /** The service that can meet it. */
  program: readonly string[]
  /** @returns why it cannot be made here; undefined if it can. */
  whyNot(): Promise<string | undefined>
  /** From when it resolves, nothing can be written. @returns what ends it. */
  begin(service: ServiceProcess): Promise<() => Promise<void>>
}

const nothingWrong = async (): Promise<undefined> => undefined

function failingWrites(error: string): Fault {
  return {
    name: `${error} on a write`,
    program: CLOAKROOM,
    whyNot: whyNoFaults,
    async begin(service) {
      const calls = ['pwrite64', 'write', 'pwritev', 'writev']
      const tracer = await Tracer.inject(service.pid, { calls, error, path: `${service.database}-wal` })
      return async () => void (await tracer.end())
    },
  }
}

/** The kernel's own refusal, EFBIG: no file may grow any more, and none may be written to beyond its first byte. */
export const FILE_SIZE_LIMIT: Fault = {
  name: 'a limit on the size of files',
  program: CLOAKROOM,
  async whyNot() {
    return spawnSync('prlimit', ['--version']).status === 0 ? undefined : 'there is no prlimit'
  },
  async begin({ pid }) {
    const limit = (bytes: string) => {
      const { status } = spawnSync('prlimit', ['--pid', String(pid), `--fsize=${bytes}:`])
      if (status !== 0) throw new Error('the limit could not be set')
    }
    limit('1')
    return async () => limit('unlimited')
  },
}

/**
 * As it runs, the service holds its database alone, so that no lock can be in its way. This one opens it for others too: what
 * it then does about a lock is the real code's doing.
 */
const LOCKED: Fault = {
  name: "another connection's write lock",
  program: broken('p03-shared-service.ts'),
  whyNot: nothingWrong,
  async begin({ database }) {
    const other = new Database(database)
    other.exec('begin immediate')
    return async () => {
      other.exec('rollback')
      other.close()
    }
  },
}

/** Each comes and goes while the service runs. */
export const PASSING: readonly Fault[] = [
  failingWrites('ENOSPC'),
  failingWrites('EIO'),
  failingWrites('EROFS'),
  FILE_SIZE_LIMIT,
  LOCKED,
]

/** A file system of its own, so small that it can be filled. */
export class SmallDisk {
  readonly folder: string
  readonly #ballast: string

  private constructor(folder: string) {
    this.folder = folder
    this.#ballast = join(folder, 'ballast')
  }

  /** @returns undefined where mounting is not allowed. */
  static mount(megabytes: number): SmallDisk | undefined {
    const folder = mkdtempSync(join(tmpdir(), 'cloakroom-small-disk-'))
    const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', folder])
    if (status === 0) return new SmallDisk(folder)
    rmSync(folder, { recursive: true })
    return undefined
  }

  /** To the last byte. */
  fill(): void {
    const chunk = Buffer.alloc(64 * 1024)
    try {
      for (;;) writeFileSync(this.#ballast, chunk, { flag: 'a' })
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error
    }
  }

  makeRoom(): void {
    rmSync(this.#ballast)
  }

  unmount(): void {
    // Lazily: a service that was just killed may not be gone yet.
    spawnSync('umount', ['--lazy', this.folder])
    rmSync(this.folder, { recursive: true, force: true })
  }
}
