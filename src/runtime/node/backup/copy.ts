import { existsSync } from 'node:fs'
import { open, rm, stat, statfs } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { VaultError } from '../../../core/errors.ts'
import type { Clock, Instant } from '../../../core/time.ts'
import { DATABASE_FILE } from '../sqlite.ts'

/**
 * SQLite's online backup of the open database: what is written meanwhile goes into the copy as well, so that it is the state
 * of the moment at which it is complete.
 * @param onStep is told pages left and pages in all, and gives how many to copy in the next turn of the event loop.
 */
export type CopyDatabase = (path: string, onStep: (left: number, total: number) => number) => Promise<unknown>

/** Stands beside the database while a backup is made. As secret as the database: wrapped keys, no plaintext. */
const COPY_FILE = 'backup-copy.sqlite'
const COMPANIONS = ['', '-journal', '-wal', '-shm']

/** 256 KiB: under a millisecond of work, which is what a request may find itself behind. */
const PAGES_A_STEP = 64

/** Flushed on the way: else the last step waits, with everybody, until all of it is on disk. */
const PAGES_A_FLUSH = 4_096

/** Left free, so that a copy never takes the room that the log needs. */
const SPARE_BYTES = 64 * 1024 * 1024

const WIPE_BYTES = 1024 * 1024

export type Copy = {
  path: string
  /** All that was acknowledged before is in it. */
  madeAt: Instant
  remove(): Promise<void>
}

/**
 * A copy of the database in the data folder, for its owner alone.
 * @throws VaultError `unavailable` where the disk has no room for it.
 */
export async function copyDatabase(
  dataFolder: string,
  copyTo: CopyDatabase,
  clock: Clock,
  onProgress: (done: number, of: number) => void,
): Promise<Copy> {
  await removeLeftCopies(dataFolder)
  await requireRoom(dataFolder)
  const path = join(dataFolder, COPY_FILE)
  const remove = () => removeLeftCopies(dataFolder)
  // Made here, so that its mode is ours whatever the umask is.
  const handle = await open(path, 'wx', 0o600)
  try {
    await copyTo(path, flushing(handle, onProgress))
    const madeAt = clock.now()
    await handle.sync()
    return { path, madeAt, remove }
  } catch (error) {
    await remove()
    throw error
  } finally {
    await handle.close()
  }
}

function flushing(handle: FileHandle, onProgress: (done: number, of: number) => void) {
  let flushed = 0
  let flushing: Promise<void> | undefined
  return (left: number, total: number): number => {
    onProgress(total - left, total)
    if (total - left - flushed >= PAGES_A_FLUSH && flushing === undefined) {
      flushed = total - left
      // A failure shows again, and is thrown, in the last flush.
      flushing = handle
        .datasync()
        .catch(() => undefined)
        .finally(() => (flushing = undefined))
    }
    return PAGES_A_STEP
  }
}

async function requireRoom(dataFolder: string): Promise<void> {
  const { size } = await stat(join(dataFolder, DATABASE_FILE))
  const { bavail, bsize } = await statfs(dataFolder)
  const free = bavail * bsize
  if (free >= size + SPARE_BYTES) return
  throw new VaultError(
    'unavailable',
    `A backup needs ${size + SPARE_BYTES} bytes free beside the database for a while; there are ${free}.`,
  )
}

/**
 * Overwrites and removes what a backup that was killed has left behind. Overwriting is worth what it is worth for the
 * database itself: a file system that writes elsewhere keeps the old blocks until it needs them.
 */
export async function removeLeftCopies(dataFolder: string): Promise<void> {
  for (const companion of COMPANIONS) {
    const path = join(dataFolder, COPY_FILE + companion)
    if (existsSync(path)) await wipe(path)
  }
}

export async function wipe(path: string): Promise<void> {
  const handle = await open(path, 'r+')
  try {
    const { size } = await handle.stat()
    const zeros = new Uint8Array(WIPE_BYTES)
    for (let at = 0; at < size; at += WIPE_BYTES) {
      await handle.write(zeros, 0, Math.min(WIPE_BYTES, size - at), at)
    }
    await handle.datasync()
  } finally {
    await handle.close()
  }
  await rm(path)
}
