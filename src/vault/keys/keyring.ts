import { VaultError } from '../../core/errors.ts'
import type { Random, SubjectId, TenantId } from '../../core/id.ts'
import { MINUTE_MS } from '../../core/time.ts'
import type { Clock, Instant } from '../../core/time.ts'
import { newKey, unwrapKey, wrapKey } from '../../crypto/envelope.ts'
import type { SymmetricKey } from '../../crypto/envelope.ts'
import type { Kek } from '../../crypto/kek.ts'
import { dataKeyPlace, tenantKeyPlace } from '../../crypto/place.ts'
import type { WrappedDataKey } from '../records/record.ts'
import type { VaultStore } from '../store.ts'
import { KEY_KINDS } from './tenant-key.ts'
import type { KeyKind, TenantKeyRecord } from './tenant-key.ts'

/** Unwrapped tenant keys stay this long; a destroyed version is gone from every node by then at the latest. */
const TENANT_KEYS_LIVE_MS = 5 * MINUTE_MS
const MAX_TENANTS_CACHED = 256

type Versioned = { version: number; key: SymmetricKey }

/** One tenant's keys of one kind: new things use the primary, old ones open with the version they name. */
class Keyset {
  readonly primary: Versioned
  readonly #byVersion: ReadonlyMap<number, SymmetricKey>

  constructor(primary: Versioned, all: readonly Versioned[]) {
    this.primary = primary
    this.#byVersion = new Map(all.map(({ version, key }) => [version, key]))
  }

  get all(): readonly Versioned[] {
    return [...this.#byVersion].map(([version, key]) => ({ version, key }))
  }

  /** @throws VaultError `key_unknown` */
  version(version: number): SymmetricKey {
    const key = this.#byVersion.get(version)
    if (!key)
      throw new VaultError('key_unknown', 'A key that this needs is not there.', {
        detail: `version ${version}`,
      })
    return key
  }
}

export type TenantKeys = Readonly<Record<KeyKind, Keyset>>

/**
 * The only place that unwraps keys. Tenants' keys are cached, bounded and for minutes; persons' data keys are not cached at
 * all, so that an erased one is in no memory that the next request could find (docs/decisions/0003).
 */
export class Keyring {
  readonly #store: VaultStore
  readonly #kek: Kek
  readonly #clock: Clock
  readonly #cached = new Map<TenantId, { keys: Promise<TenantKeys>; until: Instant }>()

  constructor(parts: { store: VaultStore; kek: Kek; clock: Clock }) {
    this.#store = parts.store
    this.#kek = parts.kek
    this.#clock = parts.clock
  }

  get rootKeyId(): string {
    return this.#kek.id
  }

  /** @throws VaultError `root_key_wrong` if another root key wrapped them. */
  async tenantKeys(tenant: TenantId): Promise<TenantKeys> {
    const now = this.#clock.now()
    const cached = this.#cached.get(tenant)
    if (cached && cached.until > now) return cached.keys
    const keys = this.#load(tenant)
    this.#remember(tenant, keys, now)
    keys.catch(() => this.#cached.delete(tenant))
    return keys
  }

  #remember(tenant: TenantId, keys: Promise<TenantKeys>, now: Instant): void {
    this.#cached.delete(tenant)
    const oldest = this.#cached.keys().next()
    if (this.#cached.size >= MAX_TENANTS_CACHED && !oldest.done) this.#cached.delete(oldest.value)
    this.#cached.set(tenant, { keys, until: (now + TENANT_KEYS_LIVE_MS) as Instant })
  }

  async #load(tenant: TenantId): Promise<TenantKeys> {
    const records = await this.#store.listTenantKeys(tenant)
    const entries = KEY_KINDS.map(async (kind) => [kind, await this.#keyset(tenant, kind, records)] as const)
    return Object.fromEntries(await Promise.all(entries)) as TenantKeys
  }

  async #keyset(tenant: TenantId, kind: KeyKind, records: readonly TenantKeyRecord[]): Promise<Keyset> {
    const usable = records.filter((record) => record.kind === kind && record.state !== 'destroyed')
    const all = await Promise.all(
      usable.map(async (record) => ({ version: record.version, key: await this.#unwrap(tenant, record) })),
    )
    const primary = all[usable.findIndex((record) => record.state === 'primary')]
    if (!primary)
      throw new VaultError('key_unknown', 'The tenant has no primary key.', { detail: `${tenant} ${kind}` })
    return new Keyset(primary, all)
  }

  async #unwrap(tenant: TenantId, record: TenantKeyRecord): Promise<SymmetricKey> {
    if (record.rootKeyId !== this.#kek.id) {
      throw new VaultError(
        'root_key_wrong',
        'The data was sealed under another root key than the one given.',
        {
          detail: `sealed under ${record.rootKeyId}, given ${this.#kek.id}`,
        },
      )
    }
    return this.#kek.unwrap(record.wrapped, record.keyId, tenantKeyPlace({ tenant, ...record }))
  }

  /** Fresh version-1 keys of every kind, for a new tenant. */
  async firstKeys(tenant: TenantId, random: Random, now: Instant): Promise<readonly TenantKeyRecord[]> {
    return Promise.all(
      KEY_KINDS.map(async (kind): Promise<TenantKeyRecord> => {
        const key = newKey(random)
        const wrapped = await this.#kek.wrap(key, tenantKeyPlace({ tenant, kind, version: 1 }))
        return {
          kind,
          version: 1,
          state: 'primary',
          keyId: key.id,
          rootKeyId: this.#kek.id,
          wrapped,
          createdAt: now,
        }
      }),
    )
  }
}

/** A fresh data key for one person, and the same wrapped under the tenant's primary key. */
export function newDataKey(
  keys: TenantKeys,
  at: { tenant: TenantId; subject: SubjectId },
  random: Random,
): { key: SymmetricKey; wrapped: WrappedDataKey } {
  const key = newKey(random)
  const { version, key: wrapping } = keys.wrap.primary
  const wrapped = wrapKey(wrapping, key, dataKeyPlace(at))
  return { key, wrapped: { keyId: key.id, tenantKeyVersion: version, wrapped } }
}

/** @throws VaultError `envelope_invalid` if the wrapped key was changed or belongs to somebody else. */
export function openDataKey(
  keys: TenantKeys,
  at: { tenant: TenantId; subject: SubjectId },
  dataKey: WrappedDataKey,
): SymmetricKey {
  return unwrapKey(
    keys.wrap.version(dataKey.tenantKeyVersion),
    dataKey.wrapped,
    dataKey.keyId,
    dataKeyPlace(at),
  )
}
