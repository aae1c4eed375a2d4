import { constants } from 'node:fs'
import { mkdir, open as openFile, unlink, type FileHandle } from 'node:fs/promises'
import { dirname } from 'node:path'
import { fromUtf8, toHex, type Bytes } from '../../core/bytes.ts'
import { isVaultError, VaultError } from '../../core/errors.ts'
import type { Random } from '../../core/id.ts'
import type { Secret } from '../../core/secret.ts'
import { newKey, unwrapKey, wrapKey, type KeyId, type SymmetricKey } from '../../crypto/envelope.ts'
import { ARGON2_SALT_BYTES, ROOT_KEY_ARGON2, type Argon2Params } from '../../crypto/password.ts'
import { ROOT_KEY_PLACE } from '../../crypto/place.ts'
import { argon2Hasher } from './argon2.ts'
import { formatRootKeyFile, parseRootKeyFile, type RootKeyFile } from './root-key-file.ts'

/** Read and write for the owner, nothing for anyone else. */
const FILE_MODE = 0o600
const FOLDER_MODE = 0o700
const OTHERS_MASK = 0o077
/** A root key file has some 400 bytes. */
const MAX_FILE_BYTES = 16 * 1024

export type Environment = 'development' | 'production'

export type RootKeyStatus = {
  keyId: KeyId
  protection: RootKeyFile['protection']
  /** The permission bits. */
  mode: number
  readableByOthers: boolean
}

/**
 * Makes a root key and writes it to a file that did not exist; both file and folder entry are durable once resolved.
 * Without a passphrase the key stands in the file in plain, which only development accepts.
 *
 * @returns the id of the new key.
 * @throws VaultError `state_conflict` when there is a file at the path: it is left as it was.
 */
export async function createRootKeyFile(
  path: string,
  random: Random,
  passphrase?: Secret<string>,
): Promise<KeyId> {
  const key = newKey(random)
  const content = passphrase === undefined ? plainFile(key) : await sealedFile(key, random, passphrase)
  await mkdir(dirname(path), { recursive: true, mode: FOLDER_MODE })
  await writeNewFile(path, formatRootKeyFile(content))
  await syncFolder(dirname(path))
  return key.id
}

/**
 * @param options.expectedKeyId the key that the data was made with, where it is known.
 * @throws VaultError, with a sentence that says what to do: `root_key_missing`, `root_key_permissions`,
 *   `root_key_unreadable`, `root_key_plain`, `root_key_wrong`, `passphrase_required`, `passphrase_wrong`.
 */
export async function loadRootKey(
  path: string,
  options: { environment: Environment; passphrase?: Secret<string>; expectedKeyId?: KeyId },
): Promise<SymmetricKey> {
  const { file, status } = await readRootKeyFile(path)
  if (status.readableByOthers) throw permissionsError(path, status.mode)
  if (file.protection === 'none' && options.environment !== 'development') throw plainError(path)
  if (options.expectedKeyId !== undefined && options.expectedKeyId !== file.keyId) {
    throw new VaultError(
      'root_key_wrong',
      `The root key in ${path} is not the one that this data was made with. Put back the key ${options.expectedKeyId}.`,
      { detail: `file holds ${file.keyId}` },
    )
  }
  if (file.protection === 'none') return { id: file.keyId, material: file.key }
  if (options.passphrase === undefined) {
    throw new VaultError(
      'passphrase_required',
      `The root key in ${path} is sealed. Put its passphrase in a file and name that in CLOAKROOM_PASSPHRASE_FILE.`,
    )
  }
  return await unsealed(path, file, options.passphrase)
}

/**
 * What can be said about a root key file without opening it. Wide permissions are reported, not refused.
 * @throws VaultError `root_key_missing`, `root_key_unreadable`
 */
export async function describeRootKey(path: string): Promise<RootKeyStatus> {
  return (await readRootKeyFile(path)).status
}

function plainFile(key: SymmetricKey): RootKeyFile {
  return { protection: 'none', keyId: key.id, key: key.material }
}

async function sealedFile(
  key: SymmetricKey,
  random: Random,
  passphrase: Secret<string>,
): Promise<RootKeyFile> {
  const salt = Uint8Array.from(random(ARGON2_SALT_BYTES))
  const wrapping = await passphraseKey(passphrase, salt, ROOT_KEY_ARGON2)
  const sealed = wrapKey(wrapping, key, ROOT_KEY_PLACE)
  return { protection: 'argon2id', keyId: key.id, argon2: ROOT_KEY_ARGON2, salt, sealed }
}

async function unsealed(
  path: string,
  file: RootKeyFile & { protection: 'argon2id' },
  passphrase: Secret<string>,
): Promise<SymmetricKey> {
  const wrapping = await passphraseKey(passphrase, file.salt, file.argon2)
  try {
    return unwrapKey(wrapping, file.sealed, file.keyId, ROOT_KEY_PLACE)
  } catch (cause) {
    if (!isVaultError(cause, 'envelope_invalid')) throw cause
    throw new VaultError(
      'passphrase_wrong',
      `The passphrase does not open the root key in ${path}. Check the passphrase; if it is right, the file was damaged: restore it from its copy.`,
      { cause },
    )
  }
}

/** The key's id is the head of the salt: the envelope has to name one, and the salt is as unique as a key. */
async function passphraseKey(
  passphrase: Secret<string>,
  salt: Bytes,
  params: Argon2Params,
): Promise<SymmetricKey> {
  return { id: toHex(salt.subarray(0, 8)), material: await argon2Hasher.deriveKey(passphrase, salt, params) }
}

/** Mode and content come from one open file, so that nobody can change it in between. */
async function readRootKeyFile(path: string): Promise<{ file: RootKeyFile; status: RootKeyStatus }> {
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

/** fsync(2): the file's own fsync "does not necessarily ensure that the entry in the directory … has reached disk". */
async function syncFolder(folder: string): Promise<void> {
  const handle = await openFile(folder, constants.O_RDONLY)
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

function errno(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined
}

function permissionsError(path: string, mode: number): VaultError {
  return new VaultError(
    'root_key_permissions',
    `Others on this machine may reach the root key ${path} (mode ${mode.toString(8).padStart(4, '0')}). Run: chmod 600 ${path}`,
  )
}

function plainError(path: string): VaultError {
  return new VaultError(
    'root_key_plain',
    `The root key in ${path} is not sealed, which only development accepts. Make a sealed one with \`cloakroom keys init --passphrase-file\`.`,
  )
}

function unreadableError(path: string, cause?: unknown): VaultError {
  return new VaultError(
    'root_key_unreadable',
    `The file ${path} cannot be read as a root key: it is damaged, cut short or of another version. Restore it from its copy.`,
    { cause },
  )
}
