import { seeded } from '../../scripts/seeded.ts'
import { instant } from '../../src/core/time.ts'
import type { Instant } from '../../src/core/time.ts'
import type { Facts, ClockInput } from '../../src/vault/incidents/clocks/facts.ts'
import { JURISDICTIONS } from '../../src/vault/incidents/law/index.ts'
import { CIRCUMSTANCES, DATA_CLASSES, HARM_LEVELS, ROLES } from '../../src/vault/incidents/law/rule.ts'

const RULES = JURISDICTIONS.flatMap(({ rules }) => rules)
const COUNTS = [
  0,
  1,
  2,
  99,
  100,
  249,
  250,
  251,
  499,
  500,
  501,
  999,
  1_000,
  1_001,
  999_999,
  1_000_000,
  10 ** 8,
]
const PLACES = [...new Set(JURISDICTIONS.flatMap(({ covers }) => covers)), 'unknown', 'CH', 'US-WA']
const ZONES = ['Europe/Dublin', 'Europe/Athens', 'Atlantic/Azores', 'Asia/Kathmandu', 'Pacific/Chatham']
const HOUR = 3_600_000
const DAY = 24 * HOUR
const FIRST = Date.UTC(2024, 0, 2)
const DAYS = 365 * 10
/** Moments at which something changes: midnights, the hours of summer time, days in force. */
const EDGES = [0, 1, 2, 3, 15, 16, 18.5, 22, 23].map((hours) => hours * HOUR)

/** Limits of the law in hours. */
const LIMITS = [1, 2, 4, 6, 24, 72].map((hours) => hours * HOUR)

export type Made = { incident: ClockInput; now: Instant }

/** `size` incidents, the same in each run: many facts unknown, many moments within a second of an edge. */
export function* madeIncidents(size: number, seed: number): Generator<Made> {
  const random = seeded(seed)
  const below = (n: number): number => Math.floor(random() * n)
  const chance = (part: number): boolean => random() < part
  const pick = <T>(from: readonly T[]): T => from[below(from.length)]!
  const some = <T>(from: readonly T[], part: number): T[] => from.filter(() => chance(part))
  const day = (): number => {
    // One in five lies where summer time begins or ends in Europe and America.
    if (chance(0.8)) return FIRST + below(DAYS) * DAY
    const [month, date] = pick([
      [2, 6],
      [2, 24],
      [9, 20],
      [9, 29],
    ] as const)
    return Date.UTC(2024 + below(10), month, date + below(8))
  }
  const second = (): number => (below(3) - 1) * 1_000
  const moment = (): number => {
    const at = day()
    return chance(0.5) ? at + pick(EDGES) + second() : at + below(DAY)
  }
  const later = (at: number): Instant => instant(at + (chance(0.5) ? below(90) * DAY : below(5 * DAY)))
  for (let made = 0; made < size; made += 1) {
    const awareAt = instant(moment())
    const facts: Facts = {
      awareAt,
      ...(chance(0.5) && { determinedAt: later(awareAt) }),
      ...(chance(0.6) && { assessedAt: later(awareAt) }),
      ...(chance(0.6) && { handledAt: later(awareAt) }),
      occurrence: chance(0.8) ? 'established' : 'possible',
      ...(chance(0.9) && {
        persons: Object.fromEntries(some(PLACES, 0.3).map((place) => [place, pick(COUNTS)])),
      }),
      ...(chance(0.8) && { classes: some(DATA_CLASSES, 0.25) }),
      ...(chance(0.8) && { harm: pick(HARM_LEVELS) }),
      ...(chance(0.2) && { harmIn: { [pick(JURISDICTIONS).code]: pick(HARM_LEVELS) } }),
      circumstances: Object.fromEntries(some(CIRCUMSTANCES, 0.8).map((name) => [name, chance(0.4)])),
      roles: some(ROLES, 0.5),
      ...(chance(0.3) && { zones: { EU: pick(ZONES), US: pick(ZONES) } }),
    }
    const notices = some(RULES, 0.2).map(({ id }) => ({ rule: id, at: later(awareAt) }))
    const waivers = some(RULES, 0.1).map(({ id }) => ({ rule: id, at: later(awareAt) }))
    yield {
      incident: { facts, notices, waivers },
      now: chance(0.4) ? instant(awareAt + pick(LIMITS) + second()) : later(awareAt),
    }
  }
}
