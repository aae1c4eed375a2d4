import type { CredentialId, DeviceId, OperatorId, PartyId } from '../../../src/core/id.ts'
import type { Chance } from './chance.ts'

export type Worker = {
  operator: OperatorId
  device: DeviceId
  /** Hours of the day at which it begins, and how many it works. */
  begins: number
  lasts: number
  /** Days of the week off. */
  off: ReadonlySet<number>
  /** Of what its house does, relative to its colleagues. */
  pace: number
  /** The first day on which it works. */
  since: number
}

/** What has one credential: a shop, or a station of a courier. */
export type House = {
  party: PartyId
  credential: CredentialId
  workers: Worker[]
  /** Looks a day of a shop, parcels a day of a station. */
  size: number
  /** How much is left on Saturdays and Sundays. */
  weekend: number
  /** Of a shop: how many of its looks are at full values, and how many searches it makes for each. */
  full: number
  searches: number
}

export type Town = { shops: House[]; stations: House[] }

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz'

/** Ids as the vault makes them: random text, so that what is chosen by their hash is chosen evenly. */
export function made<P extends string>(prefix: P, chance: Chance): `${P}_${string}` {
  let text = ''
  for (let i = 0; i < 10; i++) text += ALPHABET[Math.floor(chance.next() * 32)]
  return `${prefix}_${text}${chance.serial().toString(32)}`
}

const SHOPS = 300
const SHOP_LOOKS = 30_000
const COURIERS = 12
const STATIONS = 60
const PARCELS = 54_000
const PARCELS_A_WORKER = 75

export function makeTown(chance: Chance, scale = 1): Town {
  const weights = Array.from({ length: Math.max(6, SHOPS * scale) }, () => 1 / chance.between(0.02, 1))
  const all = weights.reduce((a, b) => a + b, 0)
  const shops = weights.map((weight) => makeShop(chance, (SHOP_LOOKS * scale * weight) / all))
  const couriers = Array.from({ length: Math.max(2, COURIERS * scale) }, () => made('cou', chance))
  const count = Math.max(3, Math.round(STATIONS * scale))
  const stations = Array.from({ length: count }, (_, i) =>
    makeStation(
      chance,
      couriers[i % couriers.length] as PartyId,
      ((PARCELS * scale) / count) * chance.between(0.4, 1.6),
    ),
  )
  return { shops, stations }
}

function makeShop(chance: Chance, size: number): House {
  const count = Math.max(1, Math.round(size / 60))
  const late = chance.is(0.3)
  return {
    party: made('mer', chance),
    credential: made('key', chance),
    workers: Array.from({ length: count }, () => makeWorker(chance, chance.whole(8, late ? 13 : 10), 9, 0)),
    size,
    weekend: chance.between(0.2, 1),
    full: chance.is(0.3) ? 0 : chance.between(0.005, 0.06),
    searches: chance.is(0.5) ? 0 : chance.between(0.05, 0.35),
  }
}

function makeStation(chance: Chance, party: PartyId, size: number): House {
  const count = Math.max(3, Math.round(size / PARCELS_A_WORKER / (5.5 / 7)))
  return {
    party,
    credential: made('key', chance),
    workers: Array.from({ length: count }, () => makeWorker(chance, chance.whole(6, 9), 9, 0)),
    size,
    weekend: chance.between(0.6, 1),
    full: 1,
    searches: 0,
  }
}

export function makeWorker(chance: Chance, begins: number, lasts: number, since: number): Worker {
  const first = chance.whole(0, 6)
  const off = chance.is(0.5) ? [first, (first + 1) % 7] : [first]
  return {
    operator: made('opr', chance),
    device: made('dev', chance),
    begins,
    lasts,
    off: new Set(off),
    pace: chance.between(0.6, 1.5),
    since,
  }
}
