import { VaultError } from '../../core/errors.ts'
import { keyIdOf } from '../../crypto/envelope.ts'
import type { SymmetricKey } from '../../crypto/envelope.ts'
import type { KeyKind, KeyState } from './tenant-key.ts'

export type Versioned = { version: number; key: SymmetricKey }
export type Usable = Versioned & { state: Exclude<KeyState, 'destroyed'> }

export function sealed(): VaultError {
  return new VaultError('sealed', 'The vault is sealed: its root key has to be given first.')
}

/**
 * One tenant's keys of one kind: new things use the primary, old ones open with the version they name.
 *
 * It is alive: when a version is added, promoted or destroyed, whoever already holds the set sees that. A request that was
 * under way when a rotation began opens what the rotation has meanwhile put under the new version.
 */
export class Keyset {
  #primary: Versioned | undefined
  #live: readonly Versioned[] = []
  #byVersion: ReadonlyMap<number, SymmetricKey> = new Map()
  #byId: ReadonlyMap<string, SymmetricKey> = new Map()

  constructor(keys: readonly Usable[]) {
    this.#take(keys)
  }

  #take(keys: readonly Usable[]): void {
    this.#primary = keys.find(({ state }) => state === 'primary')
    this.#live = keys.filter(({ state }) => state !== 'retired')
    this.#byVersion = new Map(keys.map(({ version, key }) => [version, key]))
    this.#byId = new Map(keys.map(({ key }) => [key.id, key]))
  }

  /** For whoever loads keys: puts others in the place of these. None leaves a set that opens nothing. */
  become(keys: readonly Usable[]): void {
    this.#take(keys)
  }

  /** @throws VaultError `sealed` when the keys were taken away while the request was under way. */
  get primary(): Versioned {
    if (!this.#primary) throw sealed()
    return this.#primary
  }

  /** Those that old things may still need, the primary among them: all but the retired ones. */
  get all(): readonly Versioned[] {
    return this.#live
  }

  /** @throws VaultError `key_unknown`; `sealed` */
  version(version: number): SymmetricKey {
    const key = this.#byVersion.get(version)
    if (key) return key
    const { version: primary } = this.primary
    throw new VaultError('key_unknown', 'A key that this needs is not there.', {
      detail: `version ${version}, primary is ${primary}`,
    })
  }

  /** The key that an envelope names. @throws VaultError `key_unknown`; `envelope_invalid`; `sealed` */
  opening(envelope: Uint8Array): SymmetricKey {
    const id = keyIdOf(envelope)
    const key = this.#byId.get(id)
    if (key) return key
    const { version: primary } = this.primary
    throw new VaultError('key_unknown', 'A key that this needs is not there.', {
      detail: `key ${id}, primary is ${primary}`,
    })
  }
}

export type TenantKeys = Readonly<Record<KeyKind, Keyset>>
