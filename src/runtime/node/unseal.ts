import { VaultError } from '../../core/errors.ts'
import type { Secret } from '../../core/secret.ts'
import type { KeyId, SymmetricKey } from '../../crypto/envelope.ts'
import { parseShare, type Share } from '../../crypto/shamir.ts'
import type { KeyHolder } from '../key-holder.ts'
import type { RootKeyEntry } from './root-key-folder.ts'
import type { Environment } from '../settings.ts'
import { loadRootKey, loadSharedRootKey } from './root-key.ts'

/** What opens a root key: nothing but the file itself, its passphrase, or one of its shares. */
export type Offer =
  | { kind: 'nothing' }
  | { kind: 'passphrase'; passphrase: Secret<string> }
  | { kind: 'share'; share: Secret<string> }

/** What is still missing of one root key; empty when all are open. */
export type Lock = {
  keyId: KeyId
  path: string
  protection: RootKeyEntry['protection']
  /** Of a key in shares: how many open it, and how many of these were given. */
  threshold: number
  given: number
}

type Closed = { entry: RootKeyEntry; shares: Share[] }

/**
 * Takes what opens the root keys, piece by piece and from different people, and hands the opened keys to the holder. Shares
 * are kept until there are enough of them, and are forgotten when one of them turns out wrong.
 */
export class Unsealing {
  readonly #holder: KeyHolder
  readonly #environment: Environment
  #closed: Closed[] = []

  constructor(holder: KeyHolder, environment: Environment) {
    this.#holder = holder
    this.#environment = environment
  }

  /** Starts from the beginning with the root keys that the data needs. */
  begin(needed: readonly RootKeyEntry[]): void {
    this.#closed = needed
      .filter(({ keyId }) => !this.#holder.holds(keyId))
      .map((entry) => ({ entry, shares: [] }))
  }

  get locks(): readonly Lock[] {
    return this.#closed.map(({ entry: { keyId, path, protection, file }, shares }) => {
      const threshold = file.protection === 'shamir' ? file.threshold : 1
      return { keyId, path, protection, threshold, given: shares.length }
    })
  }

  /**
   * @returns what is still missing.
   * @throws VaultError `passphrase_wrong`; `share_invalid` for a share that is damaged, of another key, or was given already,
   *   and when the shares together do not open the key: then none counts as given any more.
   */
  async offer(offer: Offer): Promise<readonly Lock[]> {
    switch (offer.kind) {
      case 'nothing':
        await this.#openEach((entry) => entry.protection === 'none', undefined)
        break
      case 'passphrase':
        await this.#openEach((entry) => entry.protection !== 'shamir', offer.passphrase)
        break
      case 'share':
        await this.#take(offer.share)
        break
    }
    return this.locks
  }

  async #openEach(mayOpen: (entry: RootKeyEntry) => boolean, passphrase?: Secret<string>): Promise<void> {
    const tried = this.#closed.filter(({ entry }) => mayOpen(entry))
    const failures: unknown[] = []
    for (const { entry } of tried) {
      try {
        const environment = this.#environment
        const expectedKeyId = entry.keyId
        this.#open(
          await loadRootKey(entry.path, { environment, expectedKeyId, ...(passphrase && { passphrase }) }),
        )
      } catch (error) {
        failures.push(error)
      }
    }
    // Two root keys may have two passphrases: it was wrong only if it opened none.
    if (failures.length > 0 && failures.length === tried.length) throw failures[0]
  }

  #open(key: SymmetricKey): void {
    this.#holder.add(key)
    this.#closed = this.#closed.filter(({ entry }) => entry.keyId !== key.id)
  }

  async #take(text: Secret<string>): Promise<void> {
    const share = parseShare(text)
    if (!share)
      throw new VaultError('share_invalid', 'This is no share, or was not copied as it was given out.')
    const closed = this.#closed.find(
      ({ entry: { file } }) => file.protection === 'shamir' && file.set === share.set,
    )
    if (closed?.entry.file.protection !== 'shamir') {
      throw new VaultError(
        'share_invalid',
        'This share does not belong to a root key that is waiting for one.',
      )
    }
    const { threshold, shares } = closed.entry.file
    if (share.threshold !== threshold || share.number > shares) {
      throw new VaultError('share_invalid', 'This share is not one of those that were given out.')
    }
    if (closed.shares.some(({ number }) => number === share.number)) {
      throw new VaultError('share_invalid', `Share ${share.number} was given already.`)
    }
    closed.shares.push(share)
    if (closed.shares.length >= threshold) await this.#openShared(closed)
  }

  async #openShared(closed: Closed): Promise<void> {
    const { shares } = closed
    closed.shares = []
    try {
      this.#open(await loadSharedRootKey(closed.entry.path, shares))
    } finally {
      for (const { values } of shares) values.exposeSecret().fill(0)
    }
  }
}

/** Whether it is merely not there yet, or not the right one, what opens the root key. */
export function waitsForKey({ code }: VaultError): boolean {
  return code === 'passphrase_required' || code === 'passphrase_wrong' || code === 'shares_missing'
}
