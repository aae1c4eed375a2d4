import type { Bytes } from '../core/bytes.ts'
import { VaultError } from '../core/errors.ts'
import { keyIdOf, unwrapKey, wrapKey, type KeyId, type SymmetricKey } from './envelope.ts'
import type { Place } from './place.ts'

/**
 * The key-encryption key at the top: a root key in this process, or a KMS or transit engine that never gives its key out.
 *
 * Trust: whoever holds it can open every tenant's data, given the database; who can only modify what it wrapped can make
 * keys unreadable, but cannot put in one of their own or move one to another place.
 *
 * Calls are independent and may run at once; wrapping the same key twice gives two different texts. An implementation
 * may cache what it unwrapped only as long as the process lives.
 */
export type Kek = {
  /** Stable for the life of the key: stored beside what it wrapped. */
  readonly id: string
  /**
   * Seals a tenant key to a place.
   * @throws VaultError `unavailable` when a remote key cannot be asked now: nothing was wrapped.
   */
  wrap(key: SymmetricKey, place: Place): Promise<Bytes>
  /**
   * @param id the id of the key inside, as stored beside it.
   * @throws VaultError `key_unknown` when another root key wrapped it; `envelope_invalid` when it was changed, cut or
   *   moved from its place; `unavailable` when a remote key cannot be asked now.
   */
  unwrap(wrapped: Uint8Array, id: KeyId, place: Place): Promise<SymmetricKey>
}

/** A root key held in this process. */
export function localKek(rootKey: SymmetricKey): Kek {
  return {
    id: rootKey.id,
    async wrap(key, place) {
      return wrapKey(rootKey, key, place)
    },
    async unwrap(wrapped, id, place) {
      const wrappedBy = keyIdOf(wrapped)
      if (wrappedBy !== rootKey.id) {
        throw new VaultError('key_unknown', 'This key was wrapped by another root key.', {
          detail: `wrapped by ${wrappedBy}, root key is ${rootKey.id}`,
        })
      }
      return unwrapKey(rootKey, wrapped, id, place)
    },
  }
}
