import { readLeaf } from '../../src/vault/audit/event.ts'
import type { VaultStore } from '../../src/vault/store.ts'
import type { Canaries, Heard } from './p02-p03-people.ts'
import { TENANT } from './service-process.ts'

// What was shown of whom, as it stood in the answers, against the log that is found afterwards.

/** An item of an answer names its event before it shows anything: what breaks off in the middle has named it. */
const ITEMS = /(?=\{"key":)/
const EVENT = /"event":"(evt_[0-9a-z]{26})"/
const EVENTS_A_PAGE = 5_000
const DISCLOSES = ['reveal.allowed', 'reveal.replayed']

type Shown = { subject: string; event: string | undefined; bytes: number }

export class ShownBook {
  readonly #canaries: Canaries
  readonly #shown: Shown[] = []
  asked = 0
  /** Answers that showed something. */
  showing = 0
  refused = 0
  brokenOff = 0
  /** Of these, where something of the answer had come. */
  brokenInside = 0
  readonly failures: string[] = []

  constructor(canaries: Canaries) {
    this.#canaries = canaries
  }

  get items(): number {
    return this.#shown.length
  }

  get bytes(): number {
    return this.#shown.reduce((sum, { bytes }) => sum + bytes, 0)
  }

  take({ status, text, isWhole }: Heard): void {
    this.asked += 1
    if (!isWhole) this.brokenOff += 1
    if (!isWhole && text.length > 0) this.brokenInside += 1
    if (isWhole && status === 503) this.refused += 1
    else if (isWhole && status !== 200) this.failures.push(`a reveal was answered ${status} ${text}`)
    const before = this.#shown.length
    for (const item of text.split(ITEMS)) this.#takeItem(item)
    if (this.#shown.length > before) this.showing += 1
    if (isWhole && status === 200 && this.#shown.length === before)
      this.failures.push(`nothing was shown: ${text}`)
  }

  #takeItem(item: string): void {
    const subjects = new Set(this.#canaries.in(item).map(({ needle }) => needle))
    for (const subject of subjects) {
      this.#shown.push({ subject, event: EVENT.exec(item)?.[1], bytes: Buffer.byteLength(item) })
    }
  }

  /** @returns of how many bytes of personal data there is no event, and which they are. */
  async against(store: VaultStore): Promise<{ bytes: number; events: number; failures: string[] }> {
    const log = await disclosures(store)
    const missing = this.#shown.filter(({ subject, event }) => log.get(event ?? '') !== subject)
    return {
      bytes: missing.reduce((sum, { bytes }) => sum + bytes, 0),
      events: log.size,
      failures: missing.map(
        ({ subject, event }) => `${subject} was shown, and event ${event} is not in the log`,
      ),
    }
  }
}

/** Whom each disclosure is about, by its event. */
async function disclosures(store: VaultStore): Promise<ReadonlyMap<string, string | null>> {
  const found = new Map<string, string | null>()
  for (let after: string | null | undefined; after !== null;) {
    const page = { limit: EVENTS_A_PAGE, ...(after !== undefined && { after }) }
    const { rows, next } = await store.listEvents(TENANT, { order: 'oldest' }, page)
    for (const { id, subject, bytes } of rows) {
      if (DISCLOSES.includes(String(readLeaf(bytes)['type']))) found.set(id, subject)
    }
    after = next
  }
  return found
}
