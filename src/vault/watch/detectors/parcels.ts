import type { OperatorId } from '../../../core/id.ts'
import { dayOf } from '../baseline.ts'
import type { Fact, WatchedEvent } from '../event.ts'
import { hash } from '../sketch.ts'

/** Who saw the parcel in full first, and on which day. */
export type ParcelState = { operator: OperatorId; day: number }

/** One parcel in so many is followed: what is looked for shows in a part as it does in the whole, at a part of the cost. */
const FOLLOWED = 4

/** What ends a parcel's journey, or brings it on: whoever looked had something to do with it. */
const MOVES: ReadonlySet<string> = new Set(['at_station', 'delivered', 'returned', 'cancelled', 'closed'])

/** The parcel, if it is one of those that are followed and the event says something of it. */
export function followedParcel({
  type,
  shipment,
  party,
  operator,
  full,
  code,
}: WatchedEvent): string | undefined {
  if (shipment === undefined || hash(shipment) % FOLLOWED !== 0) return undefined
  if (type === 'reveal.allowed')
    return full && operator && party?.startsWith('cou_') === true ? shipment : undefined
  return type === 'shipment.moved' && code !== undefined && MOVES.has(code) ? shipment : undefined
}

/** Pure: what is known of a parcel and an event of it in; what is known, and what it means for operators, out. */
export function followParcel(
  state: ParcelState | undefined,
  event: WatchedEvent,
): { state: ParcelState | null; facts: readonly Fact[] } {
  const { type, operator, at } = event
  if (type === 'shipment.moved') {
    return state ? { state: null, facts: [{ kind: 'moved', ...state }] } : { state: null, facts: [] }
  }
  if (!operator) return { state: state ?? null, facts: [] }
  const day = dayOf(at)
  if (!state) return { state: { operator, day }, facts: [{ kind: 'viewed', operator, day }] }
  // What is left of the day before may be anybody's to bring.
  if (state.operator === operator || state.day !== day) return { state, facts: [] }
  const source = state.operator
  return {
    state,
    facts: [
      { kind: 'foreign', operator, source, day },
      { kind: 'foreign', operator: source, source: operator, day },
    ],
  }
}
