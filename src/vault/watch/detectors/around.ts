import { DAY_MS, MINUTE_MS } from '../../../core/time.ts'
import type { Instant } from '../../../core/time.ts'
import { dayOf, hourOf } from '../baseline.ts'
import type { WatchedEvent } from '../event.ts'

/** What a party had to do: parcels that it made or sent out, today, the day before, and on a usual day. */
export type WorkState = { day: number; today: number; before: number; usual: number }

const WORK_FORGOTTEN_A_DAY = 0.95

export function isWork({ type, code }: WatchedEvent): boolean {
  return type === 'shipment.created' || (type === 'shipment.moved' && code === 'out_for_delivery')
}

/** Pure. */
export function countWork(state: WorkState | undefined, at: Instant, more: number): WorkState {
  const day = Math.max(dayOf(at), state?.day ?? 0)
  if (!state) return { day, today: more, before: 0, usual: 0 }
  if (day === state.day) return more === 0 ? state : { ...state, today: state.today + more }
  const usual = Math.round(
    Math.max(state.usual * WORK_FORGOTTEN_A_DAY ** (day - state.day), learnedFrom(state)),
  )
  return { day, today: more, before: day === state.day + 1 ? state.today : 0, usual }
}

/** A rush is forgotten with what it was for: a day teaches at most twice what was usual. */
function learnedFrom({ today, usual }: WorkState): number {
  return usual === 0 ? today : Math.min(today, 2 * usual)
}

const MOST_RUSH = 8

/** How many times as much as usual there is to do, of two days. */
export function rushOf({ today, before, usual }: WorkState): number {
  return usual === 0 ? 1 : Math.min(MOST_RUSH, Math.max(1, (today + before) / (2 * usual)))
}

/** Who has used a credential within an hour, as far as `MOST_CREW`. */
export type CrewState = { hour: number; operators: readonly number[] }

const MOST_CREW = 4

/** Pure. */
export function countCrew(state: CrewState | undefined, at: Instant, operator: number): CrewState {
  const hour = Math.max(hourOf(at), state?.hour ?? 0)
  if (!state || hour > state.hour) return { hour, operators: [operator] }
  const { operators } = state
  if (operators.length >= MOST_CREW || operators.includes(operator)) return state
  return { hour, operators: [...operators, operator] }
}

/** How regularly a tenant's events come, and until when a burst is expected. */
export type FlowState = {
  last: number
  /** Mean gap, in ms. */
  gap: number
  /** The longest gap that is usual: a night, a Sunday. Forgotten by 3 % a day. */
  longest: number
  events: number
  burstUntil: number
}

const LEAST_GAP_MS = 15 * MINUTE_MS
const MEANS = 100
const LONGER = 3
const GAP_RATE = 0.02
const FORGOTTEN = 0.97
const BURST_FACTOR = 3
const LONGEST_BURST_MS = 240 * MINUTE_MS
const KNOWN_EVENTS = 1_000

/**
 * After a gap that is far longer than any usual one, many do at once what they could not do before. Nobody who only looks can make a gap
 * in everybody's events. Pure.
 */
export function flow(state: FlowState | undefined, at: Instant): { state: FlowState; surge: number } {
  if (!state) return { state: { last: at, gap: 0, longest: 0, events: 1, burstUntil: 0 }, surge: 1 }
  const gap = Math.max(0, at - state.last)
  const isLong = gap >= LEAST_GAP_MS && gap >= MEANS * state.gap && gap >= LONGER * state.longest
  const isOutage = isLong && state.events >= KNOWN_EVENTS
  const burstUntil = isOutage ? at + Math.min(2 * gap, LONGEST_BURST_MS) : state.burstUntil
  const faded = state.longest * FORGOTTEN ** (gap / DAY_MS)
  const next: FlowState = {
    last: Math.max(at, state.last),
    gap: isOutage ? state.gap : state.gap + GAP_RATE * (gap - state.gap),
    longest: gap < LEAST_GAP_MS ? faded : Math.max(faded, gap),
    events: Math.min(state.events + 1, KNOWN_EVENTS),
    burstUntil,
  }
  return { state: next, surge: at < burstUntil ? BURST_FACTOR : 1 }
}
