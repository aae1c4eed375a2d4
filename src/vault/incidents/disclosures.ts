import type { TenantId } from '../../core/id.ts'
import type { Instant } from '../../core/time.ts'
import type { EventType } from '../audit/event.ts'
import type { EventScan, ScannedEvent } from '../store.ts'
import type { Vault } from '../vault.ts'
import { hasNoSuspects } from './incident.ts'
import type { Incident } from './incident.ts'
import { leafParts } from './leaf-parts.ts'
import type { LeafParts } from './leaf-parts.ts'

/**
 * What showed somebody something of a person. A replay shows it again; a shop's label has masked values on it; a search tells
 * that a value is somebody's; the person's own page counts where the person is the suspect.
 */
const DISCLOSING: ReadonlySet<EventType> = new Set<EventType>([
  'reveal.allowed',
  'reveal.replayed',
  'mask.shown',
  'search.matched',
  'shipment.created',
  'person.viewed',
  'person.exported',
])

/** An event that showed somebody something. */
export type Disclosure = LeafParts & { at: Instant; type: EventType; person: number }

/** A question to the log: who is suspected, and when. */
export type Matching = Pick<Incident, 'suspects' | 'occurredFrom' | 'occurredTo'>

/** Decides of each event whether it is in an incident's scope. Both ends of the window are in it. */
export class Matcher {
  readonly #ids: ReadonlySet<string>
  readonly #from: number
  readonly #to: number
  readonly #all: boolean
  readonly #persons: ReadonlySet<number>

  /** @param persons the row numbers of the suspected subjects. */
  constructor({ suspects, occurredFrom, occurredTo }: Matching, persons: ReadonlySet<number>) {
    const { credentials, parties, operators, devices } = suspects
    this.#ids = new Set<string>([...credentials, ...parties, ...operators, ...devices])
    this.#all = hasNoSuspects(suspects)
    this.#from = occurredFrom ?? -Infinity
    this.#to = occurredTo ?? Infinity
    this.#persons = persons
  }

  #names({ party, credential, operator, device }: LeafParts): boolean {
    const ids = this.#ids
    return (
      (party !== undefined && ids.has(party)) ||
      (credential !== undefined && ids.has(credential)) ||
      (operator !== undefined && ids.has(operator)) ||
      (device !== undefined && ids.has(device))
    )
  }

  /** The disclosure that this event was, if it is in scope. */
  match({ at, type, person, leaf: text }: ScannedEvent): Disclosure | undefined {
    if (person === null || at < this.#from || at > this.#to || !DISCLOSING.has(type) || text === '') {
      return undefined
    }
    const parts = leafParts(text)
    if (!this.#all && !this.#names(parts) && !this.#persons.has(person)) return undefined
    return { at, type, person, ...parts }
  }
}

/** Events a turn: some ten milliseconds, after which others have theirs. */
const EVENTS_A_TURN = 5_000

export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0))
}

type Source = Pick<EventScan, 'party' | 'subject'>

/**
 * Where an incident's events can lie: in what its suspects' parties did, and in what was done with its subjects' data. An
 * operator, a device and a shop's credential belong to one party each; the platform's own credential to none, and then the
 * whole window is gone through.
 */
async function sourcesOf(vault: Vault, tenant: TenantId, matching: Matching): Promise<readonly Source[]> {
  const { suspects } = matching
  if (hasNoSuspects(suspects) || suspects.operators.length + suspects.devices.length > 0) return [{}]
  const parties = new Set(suspects.parties)
  for (const id of suspects.credentials) {
    const credential = await vault.store.findCredential(tenant, id)
    if (!credential?.party) return [{}]
    parties.add(credential.party)
  }
  return [...[...parties].map((party) => ({ party })), ...suspects.subjects.map((subject) => ({ subject }))]
}

export async function suspectedPersons(
  vault: Vault,
  tenant: TenantId,
  { suspects }: Matching,
): Promise<ReadonlySet<number>> {
  const persons = new Set<number>()
  for (const subject of suspects.subjects) {
    const { rows } = await vault.store.scanEvents(tenant, { subject, from: null, to: null }, -1, 1)
    const person = rows[0]?.person
    if (person !== undefined && person !== null) persons.add(person)
  }
  return persons
}

/** Every disclosure in scope, once, some at a time. Reads page by page, and gives others a turn between two. */
export async function* disclosures(
  vault: Vault,
  tenant: TenantId,
  matching: Matching,
): AsyncGenerator<readonly Disclosure[]> {
  const matcher = new Matcher(matching, await suspectedPersons(vault, tenant, matching))
  const { occurredFrom: from, occurredTo: to } = matching
  const scannedParties = new Set<string>()
  for (const source of await sourcesOf(vault, tenant, matching)) {
    for (let after: number | null = -1; after !== null;) {
      const page = await vault.store.scanEvents(tenant, { ...source, from, to }, after, EVENTS_A_TURN)
      yield page.rows.flatMap((row) => {
        const found = matcher.match(row)
        // What a suspect party did with a suspect person was met among the party's events already.
        const again = source.subject !== undefined && scannedParties.has(found?.party ?? '')
        return found && !again ? found : []
      })
      after = page.next
      await nextTurn()
    }
    if (source.party) scannedParties.add(source.party)
  }
}
