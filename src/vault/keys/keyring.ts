import { VaultError, isVaultError } from '../../core/errors.ts'
import { timedId } from '../../core/id.ts'
import type { Random, SubjectId, TenantId } from '../../core/id.ts'
import { MINUTE_MS } from '../../core/time.ts'
import type { Clock, Instant } from '../../core/time.ts'
import { keyIdOf, newKey, unwrapKey, wrapKey } from '../../crypto/envelope.ts'
import type { SymmetricKey } from '../../crypto/envelope.ts'
import type { Kek } from '../../crypto/kek.ts'
import { dataKeyPlace, tenantKeyPlace } from '../../crypto/place.ts'
import { sealEvent } from '../audit/event.ts'
import type { WrappedDataKey } from '../records/record.ts'
import type { VaultStore } from '../store.ts'
import type { TenantKeys, Usable } from './keyset.ts'
import { LiveKeys } from './live-keys.ts'
import type { LoadedKeys } from './live-keys.ts'
import { KEY_KINDS } from './tenant-key.ts'
import type { KeyKind, TenantKeyRecord } from './tenant-key.ts'

export type { TenantKeys } from './keyset.ts'

/** Unwrapped tenant keys stay this long; a destroyed version is gone from every node by then at the latest. */
const TENANT_KEYS_LIVE_MS = 5 * MINUTE_MS
const MAX_TENANTS_CACHED = 256

type KeyringParts = {
  store: VaultStore
  kek: Kek
  clock: Clock
  /** Makes the first version of a kind that a tenant does not have yet; without it, a missing kind is an error. */
  random?: Random
}

/**
 * The only place that unwraps keys. Tenants' keys are cached, bounded and for minutes; persons' data keys are not cached at
 * all, so that an erased one is in no memory that the next request could find (docs/decisions/0003).
 */
export class Keyring {
  readonly #store: VaultStore
  readonly #kek: Kek
  readonly #clock: Clock
  readonly #random: Random | undefined
  readonly #cached = new Map<TenantId, { keys: Promise<TenantKeys>; until: Instant }>()
  readonly #live = new LiveKeys()

  constructor(parts: KeyringParts) {
    this.#store = parts.store
    this.#kek = parts.kek
    this.#clock = parts.clock
    this.#random = parts.random
  }

  /** Of the one that wraps now. @throws VaultError `sealed` */
  get rootKeyId(): string {
    return this.#kek.id
  }

  /** @throws VaultError `sealed`; `root_key_wrong` if another root key wrapped them. */
  async tenantKeys(tenant: TenantId): Promise<TenantKeys> {
    const cached = this.#cached.get(tenant)
    if (cached && cached.until > this.#clock.now()) return cached.keys
    return this.refresh(tenant)
  }

  /** Reads them anew. Whoever holds the tenant's keys from before sees what has changed. */
  async refresh(tenant: TenantId): Promise<TenantKeys> {
    const keys = this.#live.load(tenant, () => this.#load(tenant))
    this.#remember(tenant, keys, this.#clock.now())
    keys.catch(() => this.#cached.delete(tenant))
    return keys
  }

  /** Leaves no tenant's key in this process, in requests under way neither. */
  forgetAll(): void {
    this.#cached.clear()
    this.#live.clear()
  }

  #remember(tenant: TenantId, keys: Promise<TenantKeys>, now: Instant): void {
    this.#cached.delete(tenant)
    const oldest = this.#cached.keys().next()
    if (this.#cached.size >= MAX_TENANTS_CACHED && !oldest.done) this.#cached.delete(oldest.value)
    this.#cached.set(tenant, { keys, until: (now + TENANT_KEYS_LIVE_MS) as Instant })
  }

  async #load(tenant: TenantId): Promise<LoadedKeys> {
    const records = await this.#completed(tenant, await this.#store.listTenantKeys(tenant))
    const entries = KEY_KINDS.map(async (kind) => [kind, await this.#usable(tenant, kind, records)] as const)
    return Object.fromEntries(await Promise.all(entries)) as LoadedKeys
  }

  /** A tenant from before a kind existed gets its first version now. */
  async #completed(
    tenant: TenantId,
    records: readonly TenantKeyRecord[],
  ): Promise<readonly TenantKeyRecord[]> {
    const missing = KEY_KINDS.filter((kind) => !records.some((record) => record.kind === kind))
    const random = this.#random
    if (missing.length === 0 || records.length === 0 || !random) return records
    const now = this.#clock.now()
    const made = await Promise.all(
      missing.map((kind) => this.newVersion(tenant, { kind, version: 1 }, random, now)),
    )
    const said = { type: 'key.created', actor: 'system', counts: { keys: made.length } } as const
    const event = sealEvent(tenant, { id: timedId('evt', random, now), at: now, ...said }, random)
    try {
      await this.#store.commit(tenant, [
        ...made.map((key) => ({ type: 'tenant_key.insert', key }) as const),
        { type: 'event.append', event },
      ])
    } catch (error) {
      // Somebody else was faster: then theirs are the ones.
      if (!isVaultError(error, 'conflict')) throw error
    }
    return this.#store.listTenantKeys(tenant)
  }

  async #usable(
    tenant: TenantId,
    kind: KeyKind,
    records: readonly TenantKeyRecord[],
  ): Promise<readonly Usable[]> {
    const usable = records.flatMap(({ state, ...record }) =>
      record.kind === kind && state !== 'destroyed' ? [{ ...record, state }] : [],
    )
    const all = await Promise.all(
      usable.map(async (record): Promise<Usable> => {
        return { version: record.version, state: record.state, key: await this.#unwrap(tenant, record) }
      }),
    )
    if (!all.some(({ state }) => state === 'primary'))
      throw new VaultError('key_unknown', 'The tenant has no primary key.', { detail: `${tenant} ${kind}` })
    return all
  }

  async #unwrap(tenant: TenantId, record: TenantKeyRecord): Promise<SymmetricKey> {
    try {
      return await this.#kek.unwrap(record.wrapped, record.keyId, tenantKeyPlace({ tenant, ...record }))
    } catch (cause) {
      if (!isVaultError(cause, 'key_unknown')) throw cause
      throw new VaultError(
        'root_key_wrong',
        'The data was sealed under another root key than the one given.',
        { detail: `sealed under ${record.rootKeyId}, given ${this.#kek.id}`, cause },
      )
    }
  }

  /** A fresh key of a kind, wrapped under the root key in use, to be stored as the primary. */
  async newVersion(
    tenant: TenantId,
    { kind, version }: { kind: KeyKind; version: number },
    random: Random,
    now: Instant,
  ): Promise<TenantKeyRecord> {
    const key = newKey(random)
    const wrapped = await this.#kek.wrap(key, tenantKeyPlace({ tenant, kind, version }))
    const rootKeyId = keyIdOf(wrapped)
    return { kind, version, state: 'primary', keyId: key.id, rootKeyId, wrapped, createdAt: now }
  }

  /** The same key under the root key in use. @returns undefined if it is under that one already. */
  async rewrapped(tenant: TenantId, record: TenantKeyRecord): Promise<TenantKeyRecord | undefined> {
    if (record.rootKeyId === this.#kek.id) return undefined
    const key = await this.#unwrap(tenant, record)
    const wrapped = await this.#kek.wrap(key, tenantKeyPlace({ tenant, ...record }))
    return { ...record, rootKeyId: keyIdOf(wrapped), wrapped }
  }

  /** Fresh version-1 keys of every kind, for a new tenant. */
  async firstKeys(tenant: TenantId, random: Random, now: Instant): Promise<readonly TenantKeyRecord[]> {
    return Promise.all(KEY_KINDS.map((kind) => this.newVersion(tenant, { kind, version: 1 }, random, now)))
  }
}

/** A fresh data key for one person, and the same wrapped under the tenant's primary key. */
export function newDataKey(
  keys: TenantKeys,
  at: { tenant: TenantId; subject: SubjectId },
  random: Random,
): { key: SymmetricKey; wrapped: WrappedDataKey } {
  const key = newKey(random)
  return { key, wrapped: wrapDataKey(keys, at, key) }
}

/** The same key, wrapped under the tenant's primary key. */
export function wrapDataKey(
  keys: TenantKeys,
  at: { tenant: TenantId; subject: SubjectId },
  key: SymmetricKey,
): WrappedDataKey {
  const { version, key: wrapping } = keys.wrap.primary
  return { keyId: key.id, tenantKeyVersion: version, wrapped: wrapKey(wrapping, key, dataKeyPlace(at)) }
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
