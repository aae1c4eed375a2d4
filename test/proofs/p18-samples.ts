import examples from 'libphonenumber-js/examples.mobile.json'
import { getCountries, getCountryCallingCode, getExampleNumber } from 'libphonenumber-js/max'
import type { Address } from '../../src/vault/fields/field-type.ts'
import { ADDRESSES, list, NAMES } from './p18-scripts.ts'
import type { AddressScript } from './p18-scripts.ts'

/** One made-up person, and what of the address may not be seen. */
export type Sample = {
  name: string
  locale: string | undefined
  phone: string
  address: Address
  /** House, unit and room as they are written in the address. */
  rooms: string[]
}

type Random = () => number
const pick = <T>(random: Random, list: readonly T[]): T => list[Math.floor(random() * list.length)]!
const upTo = (random: Random, max: number): number => Math.floor(random() * max)

function makeName(random: Random): { name: string; locale: string | undefined } {
  const { first, last, shape, locale } = pick(random, NAMES)
  const name = pick(random, shape).replace(/F(?![a-zé])|L(?![a-zé])/gu, (part) =>
    pick(random, part === 'F' ? first : last),
  )
  return { name, locale }
}

/** Real numbers of every country, and shapes that no plan has now: the mask may not rest on a plan. */
function makePhone(random: Random): string {
  const country = pick(random, getCountries())
  const example = getExampleNumber(country, examples)?.number ?? '+8613812345678'
  const digits = String(upTo(random, 1e10)).padStart(10, '0')
  const code = getCountryCallingCode(country)
  // The shortest numbers that are in use have seven digits with the code: Niue's, Saint Helena's.
  const national = digits.slice(0, Math.min(7 - code.length + upTo(random, 7), 15 - code.length))
  const number = random() < 0.6 ? example.slice(0, -2) + digits.slice(0, 2) : `+${code}${national}`
  return random() < 0.1 ? `${number};ext=${digits.slice(0, 1 + upTo(random, 6))}` : number
}

/** Writes a line from a shape, and lists what it hid in there. */
function writeLine(random: Random, script: AddressScript): { line: string; rooms: string[] } {
  const rooms: string[] = []
  const write = pick(random, script.digits)
  const line = pick(random, script.shapes).replace(/[S#@]/g, (mark) => {
    if (mark === 'S') return pick(random, script.streets)
    const room = mark === '@' ? pick(random, list('A B C D')) : write(1 + upTo(random, 3_000))
    if (mark === '#') rooms.push(room)
    return room
  })
  return { line, rooms }
}

/** A number in letters, which place names have too. */
const BARE_NUMBER = /^[^\p{N}]|〇/u

function makeAddress(random: Random): { address: Address; rooms: string[] } {
  const script = pick(random, ADDRESSES)
  const { line, rooms } = writeLine(random, script)
  const second = writeLine(random, script)
  // 三 before 里屯 may be a house or a part of the place, as Seven before Oaks: only in a street line is it surely a number.
  const place = rooms.some((room) => BARE_NUMBER.test(room)) ? 1 : random()
  const { country, city, town } = script
  const postcode = String(100_000 + upTo(random, 900_000))
  if (place < 0.05)
    return { address: { country, city: `${city} ${line.replace('\n', ' ')}`, line1: town }, rooms }
  if (place < 0.1) return { address: { country, city, town: line.replace('\n', ' '), postcode }, rooms }
  if (place < 0.3)
    return {
      address: { country, city, town, line1: line, line2: second.line },
      rooms: [...rooms, ...second.rooms],
    }
  if (place < 0.4) {
    return {
      address: { country, city, town, line1: `${line}\n${second.line}` },
      rooms: [...rooms, ...second.rooms],
    }
  }
  return { address: { country, city, town, line1: line, postcode }, rooms: [...rooms, postcode] }
}

export function makeSample(random: Random): Sample {
  return { ...makeName(random), phone: makePhone(random), ...makeAddress(random) }
}
