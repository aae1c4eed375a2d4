import { VaultError } from '../core/errors.ts'
import { keyIdOf, type KeyId, type SymmetricKey } from '../crypto/envelope.ts'
import { localKek, type Kek } from '../crypto/kek.ts'
import { sealed } from '../vault/keys/keyset.ts'

type Held = { key: SymmetricKey; kek: Kek }

/**
 * The root keys that are open in this process: one that wraps, and while a rotation is under way the one before it too. None
 * while the vault is sealed.
 */
export class KeyHolder implements Kek {
  readonly #held = new Map<KeyId, Held>()
  #current: KeyId | undefined

  get sealed(): boolean {
    return this.#current === undefined
  }

  /** Of the one that wraps. @throws VaultError `sealed` */
  get id(): KeyId {
    if (this.#current === undefined) throw sealed()
    return this.#current
  }

  /** Opens what was wrapped under it from now on; wraps nothing yet. */
  add(key: SymmetricKey): void {
    this.#held.set(key.id, { key, kek: localKek(key) })
  }

  holds(id: KeyId): boolean {
    return this.#held.has(id)
  }

  /** From now on this one wraps. @throws VaultError `key_unknown` if it is not held. */
  use(id: KeyId): void {
    this.#of(id)
    this.#current = id
  }

  /** No key is wrapped under it any more. */
  forget(id: KeyId): void {
    if (id === this.#current) throw new Error('the root key in use cannot be forgotten')
    this.#wipe(id)
  }

  /** Leaves no root key in this process, as far as JavaScript lets go of one: the bytes are overwritten where they lie. */
  seal(): void {
    this.#current = undefined
    for (const id of this.#held.keys()) this.#wipe(id)
  }

  #wipe(id: KeyId): void {
    this.#held.get(id)?.key.material.exposeSecret().fill(0)
    this.#held.delete(id)
  }

  /** @throws VaultError `sealed` */
  async wrap(...[key, place]: Parameters<Kek['wrap']>): ReturnType<Kek['wrap']> {
    return this.#of(this.id).kek.wrap(key, place)
  }

  /** @throws VaultError `sealed`; `key_unknown` when it was wrapped under a root key that is not held. */
  async unwrap(...[wrapped, id, place]: Parameters<Kek['unwrap']>): ReturnType<Kek['unwrap']> {
    if (this.sealed) throw sealed()
    return this.#of(keyIdOf(wrapped)).kek.unwrap(wrapped, id, place)
  }

  #of(id: KeyId): Held {
    const held = this.#held.get(id)
    if (held) return held
    throw new VaultError('key_unknown', 'This was wrapped under a root key that is not given.', {
      detail: `root key ${id}`,
    })
  }
}
