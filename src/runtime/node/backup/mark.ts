import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseRfc3339, toRfc3339 } from '../../../core/time.ts'
import type { Instant } from '../../../core/time.ts'

/** What a backup leaves in the data folder: when it was made, for the doctor. Nothing rests on it. */
export const BACKUP_MARK = 'last-backup'

const MARK_MODE = 0o600

export async function leaveBackupMark(dataFolder: string, madeAt: Instant): Promise<void> {
  await writeFile(join(dataFolder, BACKUP_MARK), `${toRfc3339(madeAt)}\n`, { mode: MARK_MODE })
}

/** @returns undefined if none was left, or it cannot be read. */
export async function readBackupMark(dataFolder: string): Promise<Instant | undefined> {
  const text = await readFile(join(dataFolder, BACKUP_MARK), 'utf8').catch(() => '')
  return parseRfc3339(text.trim())
}
