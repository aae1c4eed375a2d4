import { isVaultError, VaultError } from '../../core/errors.ts'
import type { Random } from '../../core/id.ts'
import { secret } from '../../core/secret.ts'
import type { Secret } from '../../core/secret.ts'
import {
  KEY_BYTES,
  newKey,
  unwrapKey,
  wrapKey,
  type KeyId,
  type SymmetricKey,
} from '../../crypto/envelope.ts'
import { ARGON2_SALT_BYTES, ROOT_KEY_ARGON2 } from '../../crypto/password.ts'
import { ROOT_KEY_PLACE } from '../../crypto/place.ts'
import { combine, formatShare, split, type Share } from '../../crypto/shamir.ts'
import { argon2Hasher } from './argon2.ts'
import { readRootKeyFile, writeRootKeyFile, type RootKeyStatus } from './root-key-disk.ts'
import { passphraseKey } from '../passphrase-key.ts'
import type { RootKeyFile } from '../root-key-file.ts'
import type { Environment } from '../settings.ts'

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
  await writeRootKeyFile(path, content)
  return key.id
}

/** A root key that no one person can open, and the shares for those who together can: they are nowhere else. */
export type SharedRootKey = { keyId: KeyId; shares: readonly Secret<string>[] }

/**
 * Makes a root key and writes it sealed under a secret that exists in shares only.
 * @throws VaultError `config_invalid` for numbers that make no sharing; `state_conflict` when there is a file at the path.
 */
export async function createSharedRootKeyFile(
  path: string,
  random: Random,
  how: { shares: number; threshold: number },
): Promise<SharedRootKey> {
  const key = newKey(random)
  const shared = secret(Uint8Array.from(random(KEY_BYTES)))
  const shares = split(shared, how, random)
  const set = shares[0]?.set ?? ''
  const sealed = wrapKey({ id: set, material: shared }, key, ROOT_KEY_PLACE)
  await writeRootKeyFile(path, { protection: 'shamir', keyId: key.id, set, ...how, sealed })
  return { keyId: key.id, shares: shares.map(formatShare) }
}

/**
 * @param options.expectedKeyId the key that the data was made with, where it is known.
 * @throws VaultError, with a sentence that says what to do: `root_key_missing`, `root_key_permissions`,
 *   `root_key_unreadable`, `root_key_plain`, `root_key_wrong`, `passphrase_required`, `passphrase_wrong`,
 *   `shares_missing`: a key in shares is opened by `cloakroom unseal` alone.
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
  if (file.protection === 'shamir') throw sharesError(path, file)
  if (options.passphrase === undefined) {
    throw new VaultError(
      'passphrase_required',
      `The root key in ${path} is sealed. Put its passphrase in a file and name that in CLOAKROOM_PASSPHRASE_FILE.`,
    )
  }
  return await unsealed(path, file, options.passphrase)
}

/**
 * @param shares as many as are needed, of the file's own set.
 * @throws VaultError `share_invalid` when what they give does not open the file: one of them is not what was given out.
 */
export async function loadSharedRootKey(path: string, shares: readonly Share[]): Promise<SymmetricKey> {
  const { file, status } = await readRootKeyFile(path)
  if (status.readableByOthers) throw permissionsError(path, status.mode)
  if (file.protection !== 'shamir')
    throw new VaultError('share_invalid', `The root key in ${path} has no shares.`)
  try {
    return unwrapKey({ id: file.set, material: combine(shares) }, file.sealed, file.keyId, ROOT_KEY_PLACE)
  } catch (cause) {
    if (!isVaultError(cause, 'envelope_invalid')) throw cause
    throw new VaultError(
      'share_invalid',
      'These shares do not open the root key: at least one is not as it was given out. Give all of them anew.',
      { cause },
    )
  }
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
  const wrapping = await passphraseKey(argon2Hasher, passphrase, salt, ROOT_KEY_ARGON2)
  const sealed = wrapKey(wrapping, key, ROOT_KEY_PLACE)
  return { protection: 'argon2id', keyId: key.id, argon2: ROOT_KEY_ARGON2, salt, sealed }
}

async function unsealed(
  path: string,
  file: RootKeyFile & { protection: 'argon2id' },
  passphrase: Secret<string>,
): Promise<SymmetricKey> {
  const wrapping = await passphraseKey(argon2Hasher, passphrase, file.salt, file.argon2)
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

function sharesError(
  path: string,
  { threshold, shares }: RootKeyFile & { protection: 'shamir' },
): VaultError {
  return new VaultError(
    'shares_missing',
    `The root key in ${path} is in ${shares} shares, of which ${threshold} open it. Start the service and give them with \`cloakroom unseal\`.`,
  )
}
