import { toHex, type Bytes } from '../core/bytes.ts'
import type { Secret } from '../core/secret.ts'
import type { SymmetricKey } from '../crypto/envelope.ts'
import type { Argon2Params, PasswordHasher } from '../crypto/password.ts'

/**
 * The key that a passphrase seals a root key under. Its id is the head of the salt: the envelope has to name one, and the
 * salt is as unique as a key.
 */
export async function passphraseKey(
  hasher: PasswordHasher,
  passphrase: Secret<string>,
  salt: Bytes,
  params: Argon2Params,
): Promise<SymmetricKey> {
  return { id: toHex(salt.subarray(0, 8)), material: await hasher.deriveKey(passphrase, salt, params) }
}
