import { createHash } from 'node:crypto'
import { open, readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { hasCode, syncFolder } from './files.ts'

/**
 * What a witness remembers: for each log the latest checkpoint that it cosigned, a signed note with its own line. Whoever
 * can write here can have the witness forget, and so vouch for a log that was rolled back; nothing else.
 */
export type WitnessState = {
  /** @returns undefined if none was cosigned for this origin. @throws if there is one that cannot be read. */
  find(origin: string): Promise<string | undefined>
  /**
   * Puts it in the place of the one before. Durable once resolved; on an error the one before may stand or this one, and
   * either is right as long as the cosignature is not given out. Never called twice at once for one origin.
   */
  keep(origin: string, note: string): Promise<void>
}

/** How a log is named where a line with slashes cannot stand: SHA-256 of the origin, in hex. */
export function originHash(origin: string): string {
  return createHash('sha256').update(origin).digest('hex')
}

/**
 * A file for each origin. A new one is written beside it, synced, put in its place in one step, and the folder synced: a
 * kill or a power cut at any point leaves the old one or the new one, whole.
 *
 * @param onFatal is told of a failed sync, after which nobody knows what is on disk: it ends the process.
 */
export function folderState(folder: string, onFatal: (error: unknown) => never): WitnessState {
  const pathOf = (origin: string) => join(folder, `${originHash(origin)}.checkpoint`)
  return {
    async find(origin) {
      return readFile(pathOf(origin), 'utf8').catch((error: unknown) => {
        if (hasCode(error, 'ENOENT')) return undefined
        throw error
      })
    },
    async keep(origin, note) {
      const path = pathOf(origin)
      // One that a kill left behind is written over: nothing ever reads it.
      await writeSynced(`${path}.new`, note, onFatal)
      await rename(`${path}.new`, path)
      await syncFolder(folder).catch(onFatal)
    },
  }
}

async function writeSynced(path: string, text: string, onFatal: (error: unknown) => never): Promise<void> {
  const file = await open(path, 'w', 0o600)
  try {
    await file.writeFile(text)
    await file.sync().catch(onFatal)
  } finally {
    await file.close()
  }
}
