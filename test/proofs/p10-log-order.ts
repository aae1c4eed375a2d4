import type { TenantId } from '../../src/core/id.ts'
import { readLeaf } from '../../src/vault/audit/event.ts'
import type { StoredEvent } from '../../src/vault/audit/event.ts'
import type { VaultStore } from '../../src/vault/store.ts'

type Leaf = {
  type: string
  code?: string
  grant?: string
  credential?: string
  /** The credential that was revoked; `credential` is the one that did it. */
  concerns?: string
  party?: string
  session?: string
  shipment?: string
  counts?: { tokens_retired?: number }
}

const DISCLOSES = ['reveal.allowed', 'reveal.replayed', 'mask.shown', 'person.viewed', 'person.exported']
const ENDS = ['returned', 'cancelled', 'closed']

/**
 * Reads a log from its start and finds each disclosure that stands after the end of something that it rested on: a
 * grant, a credential, a party, a session, a parcel, a person.
 */
export class LogOrder {
  readonly found: string[] = []
  #events = 0
  readonly #ended = new Set<string>()
  readonly #corrections = new Map<string, number>()
  readonly #values: ReadonlyMap<string, readonly string[]>
  readonly #shown: ReadonlyMap<string, string>

  /**
   * @param values the numbers that a person had, one after the other.
   * @param shown which number was answered, by the answer's event.
   */
  constructor(values: ReadonlyMap<string, readonly string[]>, shown: ReadonlyMap<string, string>) {
    this.#values = values
    this.#shown = shown
  }

  get events(): number {
    return this.#events
  }

  read(event: StoredEvent): void {
    const leaf = readLeaf(event.bytes) as Leaf
    if (event.index !== this.#events) this.found.push(`index ${event.index} in place ${this.#events}`)
    this.#events += 1
    if (DISCLOSES.includes(leaf.type)) this.#judge(event, leaf)
    else this.#end(event, leaf)
  }

  #end({ subject }: StoredEvent, leaf: Leaf): void {
    const { type, code = '', party = '' } = leaf
    if (type === 'grant.revoked') {
      this.#ended.add(leaf.grant ?? '')
      // A standing permission: the tokens are retired, so nothing of the person is shown any more by way of this shop.
      if ((leaf.counts?.tokens_retired ?? 0) > 0) this.#ended.add(subject ?? '')
    }
    if (type === 'credential.revoked') this.#ended.add(leaf.concerns ?? '')
    if (type === 'party.status_changed' && code === 'active') this.#ended.delete(party)
    if (type === 'party.status_changed' && code !== 'active') this.#ended.add(party)
    if (type === 'session.ended') this.#ended.add(leaf.session ?? '')
    if (type === 'subject.erased') this.#ended.add(subject ?? '')
    if (type === 'shipment.moved' && ENDS.includes(code)) this.#ended.add(leaf.shipment ?? '')
    if (type === 'subject.updated') this.#corrections.set(subject ?? '', this.#corrected(subject) + 1)
  }

  #corrected(subject: string | null): number {
    return this.#corrections.get(subject ?? '') ?? 0
  }

  #judge({ id, index, subject }: StoredEvent, leaf: Leaf): void {
    const { type, grant, credential, party, session, shipment } = leaf
    const restsOn = [grant, credential, party, session, shipment, subject]
    const ended = restsOn.filter((one) => typeof one === 'string' && this.#ended.has(one))
    for (const one of ended) this.found.push(`event ${index}: ${type} after the end of ${one}`)
    const value = this.#shown.get(id)
    const current = this.#values.get(subject ?? '')?.[this.#corrected(subject)]
    if (value !== undefined && value !== current)
      this.found.push(`event ${index}: ${type} shows a replaced value`)
  }
}

const EVENTS_A_PAGE = 5_000

export async function readLog(store: VaultStore, tenant: TenantId, order: LogOrder): Promise<void> {
  for (let after: string | null | undefined; after !== null;) {
    const page = { limit: EVENTS_A_PAGE, ...(after !== undefined && { after }) }
    const { rows, next } = await store.listEvents(tenant, { order: 'oldest' }, page)
    for (const event of rows) order.read(event)
    after = next
  }
}
