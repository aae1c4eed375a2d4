import type { WatchedEvent } from '../../../src/vault/watch/event.ts'
import type { Chance } from './chance.ts'
import type { Month } from './month.ts'
import { made } from './town.ts'
import type { House, Worker } from './town.ts'

/** One attack that was planted: whom a signal about it may be about, and what it consists of. */
export type Attack = {
  kind: string
  /** Ids of credentials, operators, devices, parties, and persons by number. */
  about: ReadonlySet<string>
  /** Its first and its last moment. */
  from: number
  to: number
  /** Its events, in order. */
  events: readonly WatchedEvent[]
}

type Planted = { about: readonly (string | number)[]; events: readonly WatchedEvent[] }
type Plant = (month: Month, day: number, chance: Chance) => Planted

function range(count: number): readonly number[] {
  return Array.from({ length: count }, (_, i) => i)
}

/** A house at which somebody works on that day, and one who does. */
function someone(
  month: Month,
  day: number,
  houses: readonly House[],
  least = 0,
): { house: House; worker: Worker } {
  const open = houses.filter((house) => house.size >= least && known(month, day, house).length > 0)
  const house = month.chance.one(open)
  return { house, worker: month.chance.one(known(month, day, house)) }
}

/** Those who have been there for a while. */
function known(month: Month, day: number, house: House): Worker[] {
  return month.atWork(day, house).filter(({ since }) => since <= day - 12)
}

const SECOND = 1 / 3_600

function theft(
  month: Month,
  day: number,
  chance: Chance,
  houses: readonly House[],
  isCourier: boolean,
): Planted {
  const { house } = someone(month, day, houses)
  const thief = { operator: made('opr', chance), device: made('dev', chance) }
  const begins = chance.between(0, 23)
  const each = chance.between(2, 25) * SECOND
  const events = range(300).map((n) => {
    const shipment = isCourier ? { shipment: made('shp', chance) } : {}
    const full = isCourier || chance.is(0.3)
    return month.look(day, begins + n * each, house, thief, { person: month.person(), full, ...shipment })
  })
  return { about: [house.credential, house.party, thief.operator, thief.device], events }
}

/** Ten kinds; each is what the thing is called, and how it goes. */
export const ATTACKS: Readonly<Record<string, Plant>> = {
  'credential stolen': (month, day, chance) =>
    chance.is(0.5)
      ? theft(month, day, chance, month.town.shops, false)
      : theft(month, day, chance, month.town.stations, true),

  'waybills guessed': (month, day, chance) => {
    const { house, worker } = someone(month, day, month.town.stations)
    const { party, credential } = house
    const { operator, device } = worker
    const begins = worker.begins + chance.between(0, worker.lasts)
    const events = range(400).map((n) =>
      month.say(day, begins + n * chance.between(2, 6) * SECOND, {
        type: 'reveal.denied',
        code: 'token_unknown',
        party,
        credential,
        operator,
        device,
      }),
    )
    return { about: [credential, operator], events }
  },

  'numbers searched for': (month, day, chance) => {
    const { house, worker } = someone(month, day, month.town.shops)
    const begins = worker.begins + chance.between(0, worker.lasts)
    const each = chance.between(4, 30) * SECOND
    const events = range(300).map((n) => month.search(day, begins + n * each, house, chance.is(0.85)))
    return { about: [house.credential], events }
  },

  "colleagues' parcels": (month, day, chance) => {
    const { house, worker } = someone(month, day, month.town.stations, 500)
    const others = month
      .parcelsOf(day)
      .filter((one) => one.station === house && one.worker.operator !== worker.operator)
    const events = chance.some(others, 100).map((parcel) =>
      // Before it is brought: after that nothing is shown whole.
      month.look(day, chance.between(Math.min(worker.begins, parcel.at - 1), parcel.at), house, worker, {
        shipment: parcel.shipment,
        person: parcel.person,
        full: true,
      }),
    )
    return { about: [worker.operator, worker.device], events }
  },

  'looks at night': (month, day, chance) => {
    const quiet = month.town.shops.filter((shop) => !month.nights.has(shop))
    const { house, worker } = someone(month, day, [...quiet, ...month.town.stations])
    const begins = (worker.begins + worker.lasts + 5 + chance.between(0, 1.5)) % 24
    const events = range(60).map((n) =>
      month.look(day, begins + n * chance.between(20, 60) * SECOND, house, worker, {
        person: month.person(),
      }),
    )
    return { about: [worker.operator, worker.device], events }
  },

  'parcels that never move': (month, day, chance) => {
    const { house, worker } = someone(month, day, month.town.stations)
    const events = range(120).map(() =>
      month.look(day, worker.begins + chance.between(0.5, worker.lasts), house, worker, {
        shipment: made('shp', chance),
        person: month.person(),
        full: true,
      }),
    )
    return { about: [worker.operator, worker.device], events }
  },

  'full values at a shop': (month, day, chance) => {
    const { house, worker } = someone(month, day, month.town.shops, 40)
    const events = range(120).map(() =>
      month.look(day, worker.begins + chance.between(0, worker.lasts), house, worker, {
        person: month.person(),
        full: true,
      }),
    )
    return { about: [house.party, house.credential, worker.operator, worker.device], events }
  },

  'a shared name': (month, day, chance) => {
    const { house, worker } = someone(month, day, month.town.stations)
    const events = range(12).flatMap(() => {
      const device = made('dev', chance)
      return range(8).map(() =>
        month.look(
          day,
          worker.begins + chance.between(0, worker.lasts),
          house,
          { operator: worker.operator, device },
          {
            person: month.person(),
          },
        ),
      )
    })
    return { about: [worker.operator], events }
  },

  'one person, many looks': (month, day, chance) => {
    const person = chance.whole(10_000, 400_000)
    const houses = [...month.town.shops, ...month.town.stations]
    const events = range(20).map(() => {
      const { house, worker } = someone(month, day, houses)
      return month.look(day, worker.begins + chance.between(0, worker.lasts), house, worker, { person })
    })
    return { about: [person], events }
  },

  'far more than usual': (month, day, chance) => {
    const { house, worker } = someone(month, day, month.town.stations)
    const begins = worker.begins + chance.between(0, worker.lasts - 2)
    const events = range(250).map(() =>
      month.look(day, begins + chance.between(0, 2), house, worker, { person: month.person(), full: false }),
    )
    return { about: [worker.operator, worker.device, house.credential], events }
  },
}

export function plant(month: Month, kind: string, day: number, chance: Chance): Attack {
  const { about, events } = (ATTACKS[kind] as Plant)(month, day, chance)
  const inOrder = events.toSorted((a, b) => a.at - b.at)
  return {
    kind,
    about: new Set(about.map(String)),
    from: inOrder[0]?.at ?? 0,
    to: inOrder.at(-1)?.at ?? 0,
    events: inOrder,
  }
}
