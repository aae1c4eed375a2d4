import type { CredentialId, DeviceId, EventId, OperatorId, PartyId, ShipmentId } from '../../core/id.ts'
import type { Instant } from '../../core/time.ts'
import { readLeafText } from '../audit/event.ts'
import type { EventType } from '../audit/event.ts'
import type { ScannedEvent } from '../store.ts'

/** What detectors look at; all else goes by unread. */
const WATCHED: ReadonlySet<EventType> = new Set<EventType>([
  'reveal.allowed',
  'reveal.denied',
  'call.refused',
  'mask.denied',
  'tokens.validated',
  'tokens.searched',
  'search.matched',
  'shipment.created',
  'shipment.moved',
])

/** What one detector tells another: a parcel was looked at by somebody, and by somebody else before; or has moved since. */
export type Fact =
  | { kind: 'viewed'; operator: OperatorId; day: number }
  | { kind: 'foreign'; operator: OperatorId; source: OperatorId; day: number }
  | { kind: 'moved'; operator: OperatorId; day: number }

/** What is known around an event when it is looked at. */
export type Around = {
  /** What limits are multiplied by: above 1 while a burst follows an outage. */
  surge: number
  /** How many times as much as usual the party has had to do in two days, from 1: what explains that it looks at more. */
  rush: number
  /** Operators who have used the credential within this hour, as far as four. */
  crew: number
}

/** An event of the log as detectors see it. */
export type WatchedEvent = Around & {
  id: EventId
  at: Instant
  type: EventType | 'fact'
  party: PartyId | undefined
  credential: CredentialId | undefined
  operator: OperatorId | undefined
  device: DeviceId | undefined
  shipment: ShipmentId | undefined
  code: string | undefined
  /** The number of the person's row: one number, one person. */
  person: number | null
  /** Whether a phone, an e-mail address or a postal address was shown whole. */
  full: boolean
  counts: Readonly<Record<string, number>>
  fact?: Fact
}

type Leaf = Partial<Record<'party' | 'credential' | 'operator' | 'device' | 'shipment' | 'code', string>> & {
  id: string
  fields?: Readonly<Record<string, string>>
  counts?: Readonly<Record<string, number>>
}

const NOTHING = Object.freeze({})

/** @returns undefined for what no detector looks at, and for what retention has removed. */
export function watchedEvent({ at, type, person, leaf }: ScannedEvent): WatchedEvent | undefined {
  if (leaf === '' || !WATCHED.has(type)) return undefined
  const said = readLeafText(leaf) as Leaf
  return {
    id: said.id as EventId,
    at,
    type,
    party: said.party as PartyId | undefined,
    credential: said.credential as CredentialId | undefined,
    operator: said.operator as OperatorId | undefined,
    device: said.device as DeviceId | undefined,
    shipment: said.shipment as ShipmentId | undefined,
    code: said.code,
    person,
    full: said.fields !== undefined && showsWhole(said.fields),
    counts: said.counts ?? NOTHING,
    surge: 1,
    rush: 1,
    crew: 0,
  }
}

export function showsWhole({ phone, email, address }: Readonly<Record<string, string>>): boolean {
  return phone === 'full' || email === 'full' || address === 'full'
}
