import { argon2id, hash } from 'argon2'
import { utf8 } from '../../core/bytes.ts'
import { secret } from '../../core/secret.ts'
import { KEY_BYTES } from '../../crypto/envelope.ts'
import type { PasswordHasher } from '../../crypto/password.ts'

/** Argon2 version 1.3, the one that RFC 9106 describes. */
const VERSION = 0x13

/** libargon2 on Node's thread pool. */
export const argon2Hasher: PasswordHasher = {
  async deriveKey(passphrase, salt, params) {
    const derived = await hash(Buffer.from(utf8(passphrase.exposeSecret().normalize('NFC'))), {
      raw: true,
      type: argon2id,
      version: VERSION,
      salt: Buffer.from(salt),
      memoryCost: params.memoryKib,
      timeCost: params.passes,
      parallelism: params.lanes,
      hashLength: KEY_BYTES,
    })
    return secret(Uint8Array.from(derived))
  },
}
