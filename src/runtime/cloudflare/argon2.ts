import setup from 'argon2id/lib/setup.js'
import plain from 'argon2id/dist/no-simd.wasm'
import simd from 'argon2id/dist/simd.wasm'
import { utf8 } from '../../core/bytes.ts'
import { secret } from '../../core/secret.ts'
import { KEY_BYTES } from '../../crypto/envelope.ts'
import type { PasswordHasher } from '../../crypto/password.ts'

async function instantiate(module: WebAssembly.Module, imports: WebAssembly.Imports) {
  return { module, instance: await WebAssembly.instantiate(module, imports) }
}

/**
 * Argon2id v1.3 as WebAssembly that was compiled when the Worker was deployed (docs/decisions/0020). Lanes are worked off one
 * after the other. Each call takes memory of its own, which goes away with it: what a derivation needs is half of what an
 * isolate may have.
 */
export const argon2Hasher: PasswordHasher = {
  async deriveKey(passphrase, salt, { memoryKib, passes, lanes }) {
    const argon2id = await setup(
      (imports) => instantiate(simd, imports),
      (imports) => instantiate(plain, imports),
    )
    const derived = argon2id({
      password: utf8(passphrase.exposeSecret().normalize('NFC')),
      salt,
      memorySize: memoryKib,
      passes,
      parallelism: lanes,
      tagLength: KEY_BYTES,
    })
    return secret(Uint8Array.from(derived))
  },
}
