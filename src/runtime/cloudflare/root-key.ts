import { VaultError, isVaultError } from '../../core/errors.ts'
import type { Secret } from '../../core/secret.ts'
import { unwrapKey } from '../../crypto/envelope.ts'
import type { SymmetricKey } from '../../crypto/envelope.ts'
import type { PasswordHasher } from '../../crypto/password.ts'
import { ROOT_KEY_PLACE } from '../../crypto/place.ts'
import { passphraseKey } from '../passphrase-key.ts'
import { parseRootKeyFile } from '../root-key-file.ts'
import type { RootKeyFile } from '../root-key-file.ts'
import type { Config } from './bindings.ts'

type Given = Pick<Config, 'environment' | 'rootKey' | 'passphrase'>
type Ready =
  | { protection: 'none'; file: RootKeyFile & { protection: 'none' } }
  | { protection: 'argon2id'; file: RootKeyFile & { protection: 'argon2id' }; passphrase: Secret<string> }

/**
 * What can be said without deriving anything.
 * @throws VaultError that says which binding is to be mended: `root_key_missing`, `root_key_unreadable`, `root_key_plain`,
 *   `passphrase_required`, `shares_missing`.
 */
export function requireRootKey({ environment, rootKey, passphrase }: Given): Ready {
  if (!rootKey) {
    throw new VaultError(
      'root_key_missing',
      'Set the secret CLOAKROOM_ROOT_KEY to the content of a root key file.',
    )
  }
  const file = parseRootKeyFile(rootKey.exposeSecret())
  if (!file)
    throw new VaultError('root_key_unreadable', 'CLOAKROOM_ROOT_KEY is not the content of a root key file.')
  if (file.protection === 'shamir') {
    throw new VaultError(
      'shares_missing',
      'The root key in CLOAKROOM_ROOT_KEY is in shares, which nobody can bring together at the edge. Seal it with a passphrase.',
    )
  }
  if (file.protection === 'none') {
    if (environment === 'development') return { protection: 'none', file }
    throw new VaultError(
      'root_key_plain',
      'The root key in CLOAKROOM_ROOT_KEY is not sealed, which only development accepts.',
    )
  }
  if (passphrase) return { protection: 'argon2id', file, passphrase }
  throw new VaultError(
    'passphrase_required',
    'The root key in CLOAKROOM_ROOT_KEY is sealed. Set the secret CLOAKROOM_PASSPHRASE.',
  )
}

/** @throws VaultError as `requireRootKey`; `passphrase_wrong`. */
export async function openRootKey(given: Given, hasher: PasswordHasher): Promise<SymmetricKey> {
  const ready = requireRootKey(given)
  if (ready.protection === 'none') return { id: ready.file.keyId, material: ready.file.key }
  const { keyId, sealed, salt, argon2 } = ready.file
  const wrapping = await passphraseKey(hasher, ready.passphrase, salt, argon2)
  try {
    return unwrapKey(wrapping, sealed, keyId, ROOT_KEY_PLACE)
  } catch (cause) {
    if (!isVaultError(cause, 'envelope_invalid')) throw cause
    throw new VaultError(
      'passphrase_wrong',
      'CLOAKROOM_PASSPHRASE does not open the root key in CLOAKROOM_ROOT_KEY.',
      { cause },
    )
  }
}
