import { VaultError, isVaultError } from '../../core/errors.ts'
import type { TenantId } from '../../core/id.ts'
import type { Secret } from '../../core/secret.ts'
import type { KeyId } from '../../crypto/envelope.ts'
import type { Rotation } from '../../vault/keys/rotation.ts'
import type { TenantKeyRecord } from '../../vault/keys/tenant-key.ts'
import type { Vault } from '../../vault/vault.ts'
import type { KeyHolder } from '../key-holder.ts'
import { namedRootKeys, neededRootKeys } from './needed-root-keys.ts'
import { listRootKeys, retireRootKey, type RootKeyEntry } from './root-key-folder.ts'
import { destroyRootKey, type Destroyed } from './root-key-destruction.ts'
import type { Environment } from '../settings.ts'
import { loadRootKey } from './root-key.ts'
import { Unsealing, waitsForKey, type Lock, type Offer } from './unseal.ts'

export type Unsealed = {
  locks: readonly Lock[]
  /** Set when this opened an empty vault, whose first tenant was then made: the only time that it can be shown. */
  firstCredential: Secret<string> | undefined
}

export type KeyStatus = {
  sealed: boolean
  locks: readonly Lock[]
  rootKeys: readonly (Pick<RootKeyEntry, 'keyId' | 'path' | 'protection' | 'retired'> & { needed: boolean })[]
  tenants: readonly {
    tenant: TenantId
    keys: readonly Omit<TenantKeyRecord, 'wrapped'>[]
    rotations: readonly Rotation[]
  }[]
}

/** All but the wrapped bytes, which are nobody's to see. */
function shownOf(record: TenantKeyRecord): Omit<TenantKeyRecord, 'wrapped'> {
  const { kind, version, state, keyId, rootKeyId, createdAt } = record
  return { kind, version, state, keyId, rootKeyId, createdAt }
}

type Parts = {
  vault: Vault
  holder: KeyHolder
  /** The path of the root key's first version. */
  rootKeyFile: string
  environment: Environment
  /** Makes an empty vault's first tenant, which takes an open root key. */
  makeReady: () => Promise<Secret<string> | undefined>
}

/** The root keys' life in one process: opening, sealing, opening again, putting away those that are not needed any more. */
export class KeyService {
  readonly #parts: Parts
  readonly #unsealing: Unsealing
  #onChange: (sealed: boolean) => void = () => undefined

  constructor(parts: Parts) {
    this.#parts = parts
    this.#unsealing = new Unsealing(parts.holder, parts.environment)
  }

  get sealed(): boolean {
    return this.#parts.holder.sealed
  }

  /** Called whenever the vault was sealed or opened. */
  onChange(listener: (sealed: boolean) => void): void {
    this.#onChange = listener
  }

  /**
   * Opens what the configuration alone can open. What it cannot is waited for.
   * @returns a sentence that says what is waited for first.
   * @throws VaultError of `loadRootKey`, but for what is missing to open a key.
   */
  async open(passphrase: Secret<string> | undefined): Promise<VaultError | undefined> {
    const { holder, environment } = this.#parts
    const needed = await this.#needed()
    const waiting: VaultError[] = []
    for (const { path, keyId: expectedKeyId } of needed) {
      try {
        holder.add(await loadRootKey(path, { environment, expectedKeyId, ...(passphrase && { passphrase }) }))
      } catch (error) {
        if (!isVaultError(error) || !waitsForKey(error)) throw error
        waiting.push(error)
      }
    }
    // Two root keys may have two passphrases: one that opens neither is wrong.
    const wrong = waiting.find(({ code }) => code === 'passphrase_wrong')
    if (wrong && waiting.length === needed.length) throw wrong
    this.#unsealing.begin(needed)
    if (waiting.length === 0) this.#use(needed)
    return waiting[0]
  }

  /**
   * Takes one thing that opens a root key.
   * @throws VaultError of `Unsealing.offer`; `state_conflict` when nothing is waited for.
   */
  async unseal(offer: Offer): Promise<Unsealed> {
    if (!this.sealed) throw new VaultError('state_conflict', 'The vault is not sealed.')
    const locks = await this.#unsealing.offer(offer)
    if (locks.length > 0) return { locks, firstCredential: undefined }
    this.#use(await this.#needed())
    const firstCredential = await this.#parts.makeReady()
    this.#onChange(false)
    return { locks, firstCredential }
  }

  /** From the next request on nothing opens; requests under way find no key any more. */
  async seal(): Promise<void> {
    this.#parts.holder.seal()
    this.#parts.vault.keyring.forgetAll()
    this.#onChange(true)
    this.#unsealing.begin(await this.#needed())
  }

  /**
   * Takes the root key that the data is to be put under from now on. It lies in the folder already.
   * @throws VaultError `root_key_missing` if it does not; what `Unsealing.offer` throws; `shares_missing`,
   *   `passphrase_required` if the offers do not open it.
   */
  async take(keyId: KeyId, offers: readonly Offer[]): Promise<void> {
    const { holder, rootKeyFile, environment } = this.#parts
    if (holder.id === keyId) return
    const entry = (await listRootKeys(rootKeyFile)).find((one) => one.keyId === keyId && !one.retired)
    if (!entry) {
      throw new VaultError(
        'root_key_missing',
        `The service finds no root key ${keyId} beside ${rootKeyFile}.`,
      )
    }
    const opening = new Unsealing(holder, environment)
    opening.begin([entry])
    for (const offer of offers) await opening.offer(offer)
    if (!holder.holds(keyId)) {
      const code = entry.protection === 'shamir' ? 'shares_missing' : 'passphrase_required'
      throw new VaultError(code, `The new root key in ${entry.path} was not opened.`)
    }
    holder.use(keyId)
  }

  /** Puts away the root keys that nothing is wrapped under any more. @returns their paths. */
  async retireRootKeys(): Promise<readonly string[]> {
    const { holder, rootKeyFile, vault } = this.#parts
    const named = await namedRootKeys(vault.store)
    const entries = await listRootKeys(rootKeyFile)
    const current = entries.find(({ keyId }) => keyId === holder.id)
    const old = entries.filter(
      ({ keyId, version, retired }) => !retired && !named.has(keyId) && version < (current?.version ?? 0),
    )
    for (const entry of old) {
      holder.forget(entry.keyId)
      await retireRootKey(entry)
    }
    return old.map(({ path }) => path)
  }

  /** Two people's word that a retired root key goes for good. @throws VaultError as `destroyRootKey`. */
  destroyRootKey(
    keyId: KeyId,
    credentials: { asks: Secret<string>; approves: Secret<string> },
  ): Promise<Destroyed> {
    return destroyRootKey(this.#parts, keyId, credentials)
  }

  /** Whether keys are wrapped under more than one root key: then a rotation of the root key was not finished. */
  async isBetweenRootKeys(): Promise<boolean> {
    return (await namedRootKeys(this.#parts.vault.store)).size > 1
  }

  async status(): Promise<KeyStatus> {
    const { vault, rootKeyFile } = this.#parts
    const [entries, named, tenants] = await Promise.all([
      listRootKeys(rootKeyFile),
      namedRootKeys(vault.store),
      vault.store.listTenants(),
    ])
    return {
      sealed: this.sealed,
      locks: this.sealed ? this.#unsealing.locks : [],
      rootKeys: entries.map(({ keyId, path, protection, retired }) => {
        return { keyId, path, protection, retired, needed: named.has(keyId) }
      }),
      tenants: await Promise.all(
        tenants.map(async ({ id: tenant }) => {
          const records = await vault.store.listTenantKeys(tenant)
          const keys = records.map(shownOf)
          return { tenant, keys, rotations: await vault.store.listRotations(tenant) }
        }),
      ),
    }
  }

  #needed(): Promise<readonly RootKeyEntry[]> {
    const { rootKeyFile, vault, environment } = this.#parts
    return neededRootKeys(rootKeyFile, vault.store, environment)
  }

  #use(needed: readonly RootKeyEntry[]): void {
    const newest = needed.at(-1)
    if (newest) this.#parts.holder.use(newest.keyId)
  }
}
