import { generateIdentity, identityToRecipient } from 'age-encryption'
import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { VaultError, isVaultError } from '../../../core/errors.ts'
import type { Config } from '../config.ts'
import { callControl } from '../control.ts'
import { openDataFolder } from '../data-folder.ts'
import { restoreBackup } from '../backup/restore.ts'
import { DATABASE_FILE, copier } from '../sqlite.ts'
import { connectUnchanged, readingError } from '../unchanged.ts'
import type { RealCase } from './order.ts'
import type { Scratch } from './scratch.ts'

/** Pages that one turn of the event loop copies: nobody else waits for it. */
const PAGES_A_STEP = 4_096

/**
 * One state of somebody's data folder, in the drill's own. A service that runs there is asked for a backup; of a folder that nobody
 * holds the database is read, under its lock, on a connection that cannot write.
 * @throws VaultError `not_found`, `data_folder_in_use`, `sealed`, `database_unreadable`, and as a restore.
 */
export async function copyVault(
  config: Config,
  { folder, shareFiles }: RealCase,
  scratch: Scratch,
): Promise<void> {
  if (!existsSync(join(folder, DATABASE_FILE))) {
    throw new VaultError('not_found', `There is no vault in ${folder}.`)
  }
  try {
    await copyServed(config, folder, shareFiles, scratch)
  } catch (error) {
    if (!isVaultError(error, 'service_not_running')) throw error
    await copyStopped(folder, scratch)
  }
}

async function copyServed(
  config: Config,
  folder: string,
  shareFiles: readonly string[],
  scratch: Scratch,
): Promise<void> {
  const identity = await generateIdentity()
  const [file, identityFile] = [join(scratch.path, 'copy.age'), join(scratch.path, 'identity')]
  await writeFile(identityFile, `${identity}\n`, { mode: 0o600 })
  const recipients = [await identityToRecipient(identity)]
  await callControl(folder, 'backup', { target: file, recipients }, () => undefined)
  const order = { file, identityFile, folder: scratch.data, newerLogs: [], acceptLoss: true, shareFiles }
  await restoreBackup(config, order)
}

async function copyStopped(folder: string, scratch: Scratch): Promise<void> {
  const path = join(folder, DATABASE_FILE)
  const held = openDataFolder(folder)
  try {
    await mkdir(scratch.data, { mode: 0o700 })
    const { client, close } = connectUnchanged(path)
    try {
      await copier(client)(join(scratch.data, DATABASE_FILE), () => PAGES_A_STEP)
    } finally {
      close()
    }
  } catch (error) {
    throw readingError(path, error)
  } finally {
    held.release()
  }
}
