import type { TenantId } from '../../core/id.ts'
import { Keyset, sealed } from './keyset.ts'
import type { TenantKeys, Usable } from './keyset.ts'
import { KEY_KINDS } from './tenant-key.ts'
import type { KeyKind } from './tenant-key.ts'

export type LoadedKeys = Readonly<Record<KeyKind, readonly Usable[]>>

type Known = {
  keys: WeakRef<TenantKeys> | undefined
  /** Taken away while a load was under way: that one must not bring them back. */
  cleared: boolean
  /** Loads begun, and the latest of them that has ended: what was read earlier never replaces what was read later. */
  begun: number
  ended: number
}

/**
 * The one set of keys of each tenant that anything in this process holds, cached or in a request under way: so that a new
 * version reaches all of them. A set that nobody holds any more goes away by itself.
 */
export class LiveKeys {
  readonly #known = new Map<TenantId, Known>()

  /** Reads a tenant's keys and puts them into the set that is there, or into a new one. */
  async load(tenant: TenantId, read: () => Promise<LoadedKeys>): Promise<TenantKeys> {
    const known = this.#known.get(tenant) ?? { keys: undefined, cleared: false, begun: 0, ended: 0 }
    this.#known.set(tenant, known)
    const turn = ++known.begun
    const loaded = await read()
    if (known.cleared) throw sealed()
    const live = known.keys?.deref()
    if (live && turn < known.ended) return live
    known.ended = turn
    if (live) {
      for (const kind of KEY_KINDS) live[kind].become(loaded[kind])
      return live
    }
    const keys = Object.fromEntries(KEY_KINDS.map((kind) => [kind, new Keyset(loaded[kind])])) as TenantKeys
    known.keys = new WeakRef(keys)
    return keys
  }

  /** Takes the keys out of every set, whoever holds it. */
  clear(): void {
    for (const known of this.#known.values()) {
      const live = known.keys?.deref()
      if (live) for (const kind of KEY_KINDS) live[kind].become([])
      known.cleared = true
    }
    this.#known.clear()
  }
}
