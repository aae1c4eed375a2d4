import { closeSync, fsyncSync, mkdirSync, openSync } from 'node:fs'
import { dirname, resolve } from 'node:path'

export const FOLDER_MODE = 0o700

/**
 * Makes a folder, and those above it that are missing, so that all of them outlast a power failure.
 * @returns whether it was missing.
 */
export function makeFolder(path: string): boolean {
  const last = resolve(path)
  const first = mkdirSync(last, { recursive: true, mode: FOLDER_MODE })
  if (first === undefined) return false
  for (let made = last; ; made = dirname(made)) {
    syncFolder(dirname(made))
    if (made === resolve(first)) return true
  }
}

/** fsync(2): a file's own fsync "does not necessarily ensure that the entry in the directory … has reached disk". */
export function syncFolder(path: string): void {
  const folder = openSync(path, 'r')
  try {
    fsyncSync(folder)
  } finally {
    closeSync(folder)
  }
}
