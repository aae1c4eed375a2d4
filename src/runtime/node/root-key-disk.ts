import { constants } from 'node:fs'
import { open as openFile, rename, unlink, type FileHandle } from 'node:fs/promises'
import { dirname } from 'node:path'
import { fromUtf8 } from '../../core/bytes.ts'
import { VaultError } from '../../core/errors.ts'
import type { KeyId } from '../../crypto/envelope.ts'
import { makeFolder, syncFolder } from './durable-folder.ts'
import { formatRootKeyFile, parseRootKeyFile, type RootKeyFile } from '../root-key-file.ts'

/** Read and write for the owner, nothing for anyone else. */
const FILE_MODE = 0o600
const OTHERS_MASK = 0o077
/** A root key file has some 400 bytes. */
const MAX_FILE_BYTES = 16 * 1024

export type RootKeyStatus = {
  keyId: KeyId
  protection: RootKeyFile['protection']
  /** The permission bits. */
  mode: number
  readableByOthers: boolean
}

/**
 * Both file and folder entry are durable once resolved.
 * @throws VaultError `state_conflict` when there is a file at the path: it is left as it was.
 */
export async function writeRootKeyFile(path: string, content: RootKeyFile): Promise<void> {
  makeFolder(dirname(path))
  await writeNewFile(path, formatRootKeyFile(content))
  syncFolder(dirname(path))
}

/** Durable once resolved. */
export async function renameRootKeyFile(from: string, to: string): Promise<void> {
  await rename(from, to)
  syncFolder(dirname(to))
}

/**
 * Its bytes are overwritten where they lie, then the file is gone; both are durable once resolved. A disk that writes elsewhere
 * than it is told keeps them until it gives the place to something else.
 */
export async function destroyRootKeyFile(path: string): Promise<void> {
  const handle = await openFile(path, 'r+')
  try {
    const { size } = await handle.stat()
    await handle.write(new Uint8Array(size), 0, size, 0)
    await handle.sync()
  } finally {
    await handle.close()
  }
  await unlink(path)
  syncFolder(dirname(path))
}

/**
 * Mode and content come from one open file, so that nobody can change it in between.
 * @throws VaultError `root_key_missing`, `root_key_unreadable`
 */
export async function readRootKeyFile(path: string): Promise<{ file: RootKeyFile; status: RootKeyStatus }> {
  const handle = await openForReading(path)
  try {
    const stats = await handle.stat()
    if (!stats.isFile() || stats.size > MAX_FILE_BYTES) throw unreadableError(path)
    const file = parseRootKeyFile(await readText(handle, path))
    if (file === undefined) throw unreadableError(path)
    const mode = stats.mode & 0o777
    const readableByOthers = (mode & OTHERS_MASK) !== 0
    return { file, status: { keyId: file.keyId, protection: file.protection, mode, readableByOthers } }
  } finally {
    await handle.close()
  }
}

async function readText(handle: FileHandle, path: string): Promise<string> {
  try {
    return fromUtf8(await handle.readFile())
  } catch (cause) {
    throw unreadableError(path, cause)
  }
}

async function openForReading(path: string): Promise<FileHandle> {
  try {
    // Without O_NONBLOCK a pipe in place of the file would hold the start for ever.
    return await openFile(path, constants.O_RDONLY | constants.O_NONBLOCK)
  } catch (cause) {
    if (errno(cause) !== 'ENOENT') throw unreadableError(path, cause)
    throw new VaultError(
      'root_key_missing',
      `There is no root key at ${path}. Restore it from its copy, or for a new vault make one with \`cloakroom keys init\`.`,
      { cause },
    )
  }
}

/** O_EXCL: never writes over a key. A half-written file is taken away, since nothing was wrapped with it yet. */
async function writeNewFile(path: string, text: string): Promise<void> {
  const handle = await openNew(path)
  try {
    await handle.writeFile(text)
    await handle.sync()
  } catch (error) {
    await unlink(path)
    throw error
  } finally {
    await handle.close()
  }
}

async function openNew(path: string): Promise<FileHandle> {
  try {
    return await openFile(path, 'wx', FILE_MODE)
  } catch (cause) {
    if (errno(cause) !== 'EEXIST') throw cause
    throw new VaultError('state_conflict', `There is already a root key at ${path}. It was left as it is.`, {
      cause,
    })
  }
}

function errno(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined
}

function unreadableError(path: string, cause?: unknown): VaultError {
  return new VaultError(
    'root_key_unreadable',
    `The file ${path} cannot be read as a root key: it is damaged, cut short or of another version. Restore it from its copy.`,
    { cause },
  )
}
