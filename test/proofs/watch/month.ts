import type { EventId, ShipmentId } from '../../../src/core/id.ts'
import { DAY_MS, HOUR_MS, instant } from '../../../src/core/time.ts'
import { hash } from '../../../src/vault/watch/sketch.ts'
import type { WatchedEvent } from '../../../src/vault/watch/event.ts'
import type { Chance } from './chance.ts'
import { made, makeTown, makeWorker } from './town.ts'
import type { House, Town, Worker } from './town.ts'

/** 2026-11-02, a Monday. */
export const FIRST_DAY = Date.UTC(2026, 10, 2)

/** `at`: the hour at which it is brought, about. */
export type Parcel = {
  shipment: ShipmentId
  person: number
  shop: House
  station: House
  worker: Worker
  at: number
}
export type Says = Partial<Omit<WatchedEvent, 'at'>> & Pick<WatchedEvent, 'type'>

const PERSONS = 400_000
const RECEPTIONS = 500_000
const NOTHING = Object.freeze({})

/** Two hours in which nobody got through, and what comes in the minutes after it. */
const OUTAGE_DAY = 17
const OUTAGE = { from: 14, to: 16, burst: 0.4 }

function delayed(day: number, events: WatchedEvent[]): WatchedEvent[] {
  const { from, to, burst } = OUTAGE
  const at = (hour: number) => FIRST_DAY + day * DAY_MS + hour * HOUR_MS
  return events.map((event) => {
    if (event.at < at(from) || event.at >= at(to)) return event
    return { ...event, at: instant(Math.floor(at(to) + ((event.at - at(from)) / (to - from)) * burst)) }
  })
}

/** A month of a platform: what its log would say, day by day. */
export class Month {
  readonly town: Town
  readonly chance: Chance
  readonly #scale: number
  /** What happens on each day that was thought of already: a parcel is made the day before it goes out. */
  readonly #events = new Map<number, WatchedEvent[]>()
  readonly #parcels = new Map<number, Parcel[]>()
  #thought = -1
  #no = 0
  /** Of a shop: until which day its campaign lasts, and how many times as much it then does. */
  /** Shops whose people have worked at night. */
  readonly nights = new Set<House>()
  readonly #campaigns = new Map<House, { until: number; times: number; night: boolean }>()
  readonly #due: { day: number; parcel: Parcel }[] = []

  constructor(chance: Chance, scale = 1) {
    this.chance = chance
    this.#scale = scale
    this.town = makeTown(chance, scale)
  }

  /** Everything of one day in order. */
  day(day: number, more: (month: Month) => void = () => undefined): readonly WatchedEvent[] {
    while (this.#thought <= day) this.#think(++this.#thought)
    more(this)
    const events = this.#events.get(day) ?? []
    this.#events.delete(day)
    this.#parcels.delete(day - 1)
    return (day === OUTAGE_DAY ? delayed(day, events) : events).sort((a, b) => a.at - b.at)
  }

  /** The parcels that go out on a day, for whoever looks at what is not his. */
  parcelsOf(day: number): readonly Parcel[] {
    return this.#parcels.get(day) ?? []
  }

  #think(day: number): void {
    this.#hire(day)
    this.#beginCampaigns(day)
    for (const station of this.town.stations) this.#deliver(day, station)
    for (const shop of this.town.shops) this.#serve(day, shop)
  }

  /** @param hour of the day; with a fraction. */
  say(day: number, hour: number, says: Says): WatchedEvent {
    this.#no += 1
    const event: WatchedEvent = {
      id: `evt_${this.#no}` as EventId,
      at: instant(Math.floor(FIRST_DAY + day * DAY_MS + hour * HOUR_MS)),
      party: undefined,
      credential: undefined,
      operator: undefined,
      device: undefined,
      shipment: undefined,
      code: undefined,
      person: null,
      full: false,
      counts: NOTHING,
      surge: 1,
      rush: 1,
      crew: 0,
      ...says,
    }
    const on = day + Math.floor(hour / 24)
    const events = this.#events.get(on)
    if (events) events.push(event)
    else this.#events.set(on, [event])
    return event
  }

  /** Whoever looks as whom, at a person. */
  look(
    day: number,
    hour: number,
    house: House,
    worker: Pick<Worker, 'operator' | 'device'>,
    what: Partial<Says>,
  ): WatchedEvent {
    const { party, credential } = house
    const { operator, device } = worker
    return this.say(day, hour, { type: 'reveal.allowed', party, credential, operator, device, ...what })
  }

  person(): number {
    // Some are known to many: they order often.
    return this.chance.is(0.1)
      ? this.chance.whole(1, 20_000 * this.#scale)
      : this.chance.whole(1, PERSONS * this.#scale)
  }

  atWork(day: number, { workers }: House): Worker[] {
    return workers.filter(({ off, since }) => since <= day && !off.has(day % 7))
  }

  #hire(day: number): void {
    for (const house of [...this.town.stations, ...this.town.shops]) {
      const isStation = house.full === 1
      if (!this.chance.is(isStation ? 0.05 : 0.004)) continue
      house.workers.push(makeWorker(this.chance, this.chance.whole(7, 10), 9, day))
    }
  }

  /** Singles' Day and a Friday for everybody, and each shop its own now and then. */
  #beginCampaigns(day: number): void {
    for (const shop of this.town.shops) {
      const running = this.#campaigns.get(shop)
      if (running && running.until < day) this.#campaigns.delete(shop)
      if (this.#campaigns.has(shop) || !this.chance.is(0.03)) continue
      const times = this.chance.between(2, 7)
      const night = this.chance.is(0.2)
      if (night) this.nights.add(shop)
      this.#campaigns.set(shop, { until: day + this.chance.whole(0, 2), times, night })
    }
  }

  #rush(day: number): number {
    return day === 9 || day === 10 ? 2 : day === 25 ? 1.7 : 1
  }

  #busy(day: number, house: House): number {
    const weekend = day % 7 >= 5 ? house.weekend : 1
    return weekend * this.#rush(day) * this.chance.between(0.85, 1.15)
  }

  #deliver(day: number, station: House): void {
    const { chance } = this
    const crew = this.atWork(day, station)
    // Some are ill, and the others take what they leave; a few fall ill at noon, and one colleague takes over.
    const ill = new Set(crew.filter(() => chance.is(0.02)))
    const here = crew.filter((worker) => !ill.has(worker))
    if (here.length === 0) return
    const weights = here.map(({ pace }) => pace)
    const all = weights.reduce((a, b) => a + b, 0)
    const spare = Array.from({ length: 2 }, () => made('dev', chance))
    const count = chance.poisson(station.size * this.#busy(day, station))
    const left = this.#due.filter((one) => one.parcel.station === station && one.day <= day)
    for (const one of left) this.#due.splice(this.#due.indexOf(one), 1)
    for (const [i, worker] of here.entries()) {
      const share = Math.min(Math.round((count * (weights[i] ?? 1)) / all), 170)
      const device = chance.is(0.03) ? chance.one(spare) : worker.device
      const replaced = chance.is(0.004) && here.length > 1 ? chance.one(here) : undefined
      for (let n = 0; n < share; n++) this.#parcel(day, station, { ...worker, device }, replaced, n / share)
      for (const { parcel } of left.splice(0, Math.ceil(left.length / (here.length - i)))) {
        this.#round(day, { ...parcel, worker: { ...worker, device } }, replaced, chance.next())
      }
    }
  }

  #parcel(day: number, station: House, worker: Worker, replaced: Worker | undefined, part: number): void {
    const { chance } = this
    const shop = this.#someShop()
    // A reception takes in what comes for a whole house, mostly from the same hands.
    const person = chance.is(0.01) ? RECEPTIONS + (hash(worker.operator) % 100_000) : this.person()
    const parcel: Parcel = {
      shipment: made('shp', chance),
      person,
      shop,
      station,
      worker,
      at: worker.begins + 0.7 + part * (worker.lasts - 1),
    }
    const { party, credential } = shop
    const { shipment } = parcel
    this.say(Math.max(day - 1, 0), day > 0 ? chance.between(9, 23) : 0, {
      type: 'shipment.created',
      party,
      credential,
      shipment,
      person,
    })
    const parcels = this.#parcels.get(day)
    if (parcels) parcels.push(parcel)
    else this.#parcels.set(day, [parcel])
    this.#round(day, parcel, replaced, part)
  }

  /** A parcel's last day: out, looked at, brought or not. */
  #round(day: number, parcel: Parcel, replaced: Worker | undefined, part: number): void {
    const { chance } = this
    const { shipment, person, station, worker } = parcel
    const { party, credential } = station
    const move = (hour: number, code: string) =>
      this.say(day, hour, { type: 'shipment.moved', party, credential, shipment, person, code })
    const at = worker.begins + 0.7 + part * (worker.lasts - 1) + chance.between(0, 0.1)
    move(worker.begins + chance.between(0, 0.4), 'out_for_delivery')
    const what = { shipment, person, full: true }
    // Whoever falls ill at noon has looked at some of what is left.
    if (replaced && part > 0.5 && chance.is(0.3)) {
      this.look(day, worker.begins + chance.between(0.7, worker.lasts / 2), station, worker, what)
    }
    const goes = replaced && part > 0.5 ? replaced : worker
    this.look(day, at, station, goes, what)
    if (chance.is(0.3)) this.look(day, at + chance.between(0.02, 0.2), station, goes, what)
    if (chance.is(0.006)) {
      const { operator, device } = goes
      this.say(day, at, {
        type: 'reveal.denied',
        party,
        credential,
        operator,
        device,
        code: chance.is(0.6) ? 'token_unknown' : 'stage_not_allowed',
      })
    }
    if (chance.is(0.93)) move(at + 0.25, 'delivered')
    else if (chance.is(0.2)) move(at + 0.25, 'returned')
    else this.#due.push({ day: day + 1, parcel })
  }

  #someShop(): House {
    const { shops } = this.town
    // Larger shops send more.
    const one = this.chance.one(shops)
    const other = this.chance.one(shops)
    const [larger, smaller] = one.size > other.size ? [one, other] : [other, one]
    return this.chance.is(0.8) ? larger : smaller
  }

  #serve(day: number, shop: House): void {
    const { chance } = this
    const crew = this.atWork(day, shop)
    if (crew.length === 0) return
    const campaign = this.#campaigns.get(shop)
    const times = campaign?.times ?? 1
    const count = chance.poisson(shop.size * this.#busy(day, shop) * times)
    if (campaign) this.#orders(day, shop, count)
    for (let n = 0; n < count; n++) {
      const worker = chance.one(crew)
      const late = campaign?.night === true && chance.is(0.1)
      const hour = late ? chance.between(0, 2) : worker.begins + chance.next() * worker.lasts
      this.look(day, hour, shop, worker, { person: this.person(), full: chance.is(shop.full) })
      if (chance.is(shop.searches)) this.search(day, hour, shop, chance.is(0.15))
    }
  }

  /** What a campaign brings in, for which all the looking is. */
  #orders(day: number, shop: House, looks: number): void {
    const { party, credential } = shop
    for (let n = 0; n < looks; n++) {
      const at = this.chance.between(0, 10)
      this.say(day, at, {
        type: 'shipment.created',
        party,
        credential,
        shipment: made('shp', this.chance),
        person: this.person(),
      })
    }
  }

  search(day: number, hour: number, { party, credential }: House, empty: boolean): WatchedEvent {
    return this.say(day, hour, {
      type: 'tokens.searched',
      party,
      credential,
      counts: { hits: empty ? 0 : 1 },
    })
  }

  get scale(): number {
    return this.#scale
  }
}
