import { createHash } from 'node:crypto'
import { createReadStream, existsSync } from 'node:fs'
import { readFile, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { VaultError } from '../../../core/errors.ts'
import { wipe } from '../backup/copy.ts'
import { restoreBackup } from '../backup/restore.ts'
import type { RestoreOrder, Restored } from '../backup/restore.ts'
import type { Config } from '../config.ts'

/** Beside the restored database: of which backup it is, and what was ended again. */
const NOTE_FILE = 'restored-for-move.json'

export type ByWay = {
  folder: string
  /** Undefined where an earlier run of the same move has restored it. */
  restored: Restored | undefined
  /** Overwrites and removes the restored database: it is a whole vault, and there must not be two. */
  discard(): Promise<void>
}

/**
 * A data folder of a backup, restored as `restoreBackup` does it, for a move to read. It outlasts a move that was broken off: restoring
 * anew would write other events than those that are moved already.
 * @throws VaultError as `restoreBackup`; `folder_not_empty` if the folder is not of this very restore.
 */
export async function restoreForMove(config: Config, order: RestoreOrder): Promise<ByWay> {
  const note = join(order.folder, NOTE_FILE)
  const said = await describe(order)
  const discard = () => discardFolder(order.folder)
  if (existsSync(note)) {
    if ((await readFile(note, 'utf8')) === said) return { folder: order.folder, restored: undefined, discard }
    throw new VaultError(
      'folder_not_empty',
      `${order.folder} holds another restore, or what is newer than the backup has grown since. Remove it, empty the target, and begin anew.`,
    )
  }
  const restored = await restoreBackup(config, order)
  await writeFile(note, said, { flush: true })
  return { folder: order.folder, restored, discard }
}

async function describe({ file, newerLogs, acceptLoss }: RestoreOrder): Promise<string> {
  const newer = await Promise.all(newerLogs.map(digestIfFile))
  return `${JSON.stringify({ backup: await digestFile(file), newer, acceptLoss })}\n`
}

/** What is no file cannot be compared with what it was, and is never the same. */
async function digestIfFile(source: string): Promise<string> {
  const isFile = await stat(source).then(
    (found) => found.isFile(),
    () => false,
  )
  return isFile ? digestFile(source) : `${source} as of ${Date.now()}`
}

async function digestFile(path: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path), hash)
  return hash.digest('hex')
}

async function discardFolder(folder: string): Promise<void> {
  for (const name of await readdir(folder)) await wipe(join(folder, name))
  await rm(folder, { recursive: true })
}
