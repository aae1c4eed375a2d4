import { hash, randomBytes } from 'node:crypto'
import type { Person } from './order.ts'

const KEY_BYTES = 32
/** 2^64 recipients before two are likely to meet. */
const DIGEST_BYTES = 16

/**
 * Gives every recipient of one file a name: the order that had it first. Two orders share one only if name, phone,
 * e-mail and address are the same, so that a buyer's second address never redirects the first parcel
 * (docs/decisions/0002-import-recipient-is-the-person.md). Recipients are remembered as digests under a key that ends
 * with the process, never as text.
 */
export class RecipientRefs {
  readonly #key = randomBytes(KEY_BYTES).toString('latin1')
  readonly #firstOrder = new Map<string, string>()

  refOf(person: Person, orderRef: string): string {
    const digest = this.#digest(person)
    const known = this.#firstOrder.get(digest)
    if (known !== undefined) return known
    this.#firstOrder.set(digest, orderRef)
    return orderRef
  }

  /** SHA-256 with the key ahead does as a MAC here: half of it is kept, and none of it leaves the process. */
  #digest({ name, phone, email, address }: Person): string {
    const parts = JSON.stringify([name, phone, email, Object.entries(address)])
    return hash('sha256', this.#key + parts, 'buffer').toString('latin1', 0, DIGEST_BYTES)
  }
}
