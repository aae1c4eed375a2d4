import { mkdir, open, readdir, rename, rm, rmdir } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { VaultError } from '../../../core/errors.ts'
import { openDataFolder } from '../data-folder.ts'
import { DATABASE_FILE } from '../sqlite.ts'
import { wipe } from './copy.ts'
import { syncFolder } from './seal.ts'

/**
 * The folder that a restore fills. Until `publish`, the database's name is taken by a text that no SQLite opens, so that a
 * service started on a restore that was broken off stops instead of making a new vault there.
 */
export type RestoreFolder = {
  /** Where the database is made ready, as a data folder of its own. */
  work: string
  /** Puts the database, closed and without a write-ahead log, into its place. */
  publish(): Promise<void>
  /** After a failure: takes away all that the restore has made. */
  clear(): Promise<void>
  release(): void
}

const WORK = 'restoring'
const NOT_YET = `This restore was not finished, and this is no database. Remove the folder and restore again.\n`
/** What a process that held the folder leaves there; nothing is in it. */
const LOCK_FILES = new Set(['lock.sqlite', 'lock.sqlite-journal'])

/**
 * Takes an empty folder, or makes it, and holds it alone.
 * @throws VaultError `folder_not_empty`, `data_folder_in_use`, `data_folder_unwritable`
 */
export async function takeFolder(folder: string): Promise<RestoreFolder> {
  const path = resolve(folder)
  if (existsSync(path)) await requireEmpty(path)
  const held = openDataFolder(path)
  try {
    // Another restore may have come and gone in between.
    await requireEmpty(path)
    await writeNew(join(path, DATABASE_FILE), NOT_YET)
    const work = join(path, WORK)
    await mkdir(work, { mode: 0o700 })
    return {
      work,
      publish: () => publish(path, work),
      clear: () => clear(path, work),
      release: () => held.release(),
    }
  } catch (error) {
    held.release()
    throw error
  }
}

async function requireEmpty(path: string): Promise<void> {
  const names = await readdir(path).catch((cause: unknown) => {
    throw new VaultError('folder_not_empty', `${path} is no folder.`, { cause })
  })
  if (names.every((name) => LOCK_FILES.has(name))) return
  throw new VaultError(
    'folder_not_empty',
    `${path} is not empty. A backup is restored into a new or empty folder only.`,
  )
}

async function writeNew(path: string, text: string): Promise<void> {
  const handle = await open(path, 'wx', 0o600)
  try {
    await handle.writeFile(text)
    await handle.sync()
  } finally {
    await handle.close()
  }
}

async function publish(path: string, work: string): Promise<void> {
  const ready = join(work, DATABASE_FILE)
  if (existsSync(`${ready}-wal`)) throw new Error('the restored database still has a write-ahead log')
  const handle = await open(ready, 'r+')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
  await wipeOthers(work)
  await rename(ready, join(path, DATABASE_FILE))
  await syncFolder(path)
  await rmdir(work)
  await syncFolder(dirname(path))
}

/** A copy of the lost database holds what the replay has just erased. */
async function wipeOthers(work: string): Promise<void> {
  for (const name of await readdir(work)) {
    if (name !== DATABASE_FILE) await wipe(join(work, name))
  }
}

async function clear(path: string, work: string): Promise<void> {
  for (const name of existsSync(work) ? await readdir(work) : []) await wipe(join(work, name))
  await rm(work, { recursive: true, force: true })
  await rm(join(path, DATABASE_FILE), { force: true })
}
