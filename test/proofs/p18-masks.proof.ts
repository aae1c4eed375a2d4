import { addressField } from '../../src/vault/fields/address/address.ts'
import type { Address, View } from '../../src/vault/fields/field-type.ts'
import { nameField } from '../../src/vault/fields/name/name.ts'
import { phoneField } from '../../src/vault/fields/phone/phone.ts'
import { graphemes } from '../../src/vault/fields/text.ts'
import { seeded } from '../../scripts/seeded.ts'
import { makeSample } from './p18-samples.ts'
import type { Sample } from './p18-samples.ts'
import type { ProofReport } from './report.ts'

const SEED = 18
const MIN_HIDDEN_DIGITS = 6

type Masks = {
  name(sample: Sample, view: View): string
  phone(sample: Sample): string
  street(sample: Sample): Address
}

const OURS: Masks = {
  name: ({ name, locale }, view) => nameField.show(name, view, { locale }) ?? '',
  phone: ({ phone }) => phoneField.show(phone, 'masked') ?? '',
  street: ({ address }) => addressField.show(address, 'street') ?? { country: '' },
}

/** What many shops print: four digits hidden, ASCII digits starred, the name as it is. */
const USUAL: Masks = {
  name: ({ name }) => name,
  phone: ({ phone }) => phone.replace(/;.*$/, '').replace(/\d{4}(\d{4})$/, '****$1'),
  street: ({ address: { line2: _line2, postcode: _postcode, ...rest } }) => ({
    ...rest,
    ...(rest.line1 === undefined ? {} : { line1: rest.line1.replace(/[0-9]/g, '*') }),
  }),
}

/** `streets` counts the street names still shown: a mask that hides all would hold too, and be of no use. */
type Counts = { names: number; phones: number; rooms: number; streets: number }

const letters = (text: string): number =>
  graphemes(text).filter((grapheme) => /[\p{L}\p{N}\p{S}]/u.test(grapheme)).length
const digits = (text: string): number => text.replace(/\D/g, '').length

/** Shown whole: as many letters left as there were, or more than one at `masked`. */
function nameFault({ name }: Sample, masked: string, surname: string): string | undefined {
  const [whole, left, shown] = [name, masked, surname].map((text) => letters(text.replaceAll('*', '')))
  if (left! > 1 || left! >= whole!) return 'masked shows too much'
  return shown! >= whole! ? 'surname shows the whole name' : undefined
}

function phoneFault({ phone }: Sample, masked: string): string | undefined {
  const [number = ''] = phone.split(';')
  if (digits(number) - digits(masked) < MIN_HIDDEN_DIGITS) return 'fewer than six digits hidden'
  const [head = '', tail = ''] = masked.split(/\*+/)
  return number.startsWith(head) && number.endsWith(tail) ? undefined : 'shows digits of its own'
}

/** Independent of the mask's own word lists: what the generator wrote is looked for, and any digit at all. */
function streetFault({ rooms, address }: Sample, shown: Address): string | undefined {
  const { country: _country, ...parts } = shown
  const text = Object.values(parts).join('\n').normalize('NFKC').toLowerCase()
  if (/\p{N}/u.test(text)) return 'a digit is left'
  if ('line2' in shown || 'postcode' in shown) return 'line2 or postcode is left'
  const places = [address.city, shown.line1 === address.line1 ? '' : address.town].join('\n').toLowerCase()
  const left =
    places === ''
      ? text
      : text
          .split('\n')
          .filter((line) => !places.split('\n').includes(line))
          .join('\n')
  const tokens = left.split(/[^\p{L}\p{M}]+/u)
  const found = rooms
    .map((room) => room.normalize('NFKC').toLowerCase())
    .some((room) => tokens.includes(room) || (/\p{Script=Han}/u.test(room) && left.includes(room)))
  return found ? 'the room is left' : undefined
}

function count(size: number, masks: Masks, failures: string[]): Counts {
  const random = seeded(SEED)
  const counts: Counts = { names: 0, phones: 0, rooms: 0, streets: 0 }
  for (let at = 0; at < size; at++) {
    const sample = makeSample(random)
    const [masked, surname] = [masks.name(sample, 'masked'), masks.name(sample, 'surname')]
    const [phone, street] = [masks.phone(sample), masks.street(sample)]
    const faults = {
      names: nameFault(sample, masked, surname),
      phones: phoneFault(sample, phone),
      rooms: streetFault(sample, street),
    }
    if (/\p{L}/u.test(street.line1 ?? '')) counts.streets++
    for (const key of ['names', 'phones', 'rooms'] as const) {
      if (faults[key] === undefined) continue
      counts[key]++
      if (failures.length < 100)
        failures.push(`${faults[key]}: ${JSON.stringify({ sample, masked, surname, phone, street })}`)
    }
  }
  return counts
}

/** P18: of `size` made-up persons of many scripts, no mask shows what GB/T 41833-2022 hides. */
export function prove(size: number): ProofReport {
  const failures: string[] = []
  const ours = count(size, OURS, failures)
  const usual = count(Math.min(size, 3_000), USUAL, [])
  return {
    figures: {
      persons: size,
      'names shown whole': ours.names,
      'phones with fewer than 6 hidden digits': ours.phones,
      'rooms that survive': ours.rooms,
      'street names shown': ours.streets,
    },
    failures,
    control: {
      broken: 'phones as 138****5678, only ASCII digits of the address hidden, names as they are',
      // Each of the three checks has to see its own fault.
      found: Math.min(usual.names, usual.phones, usual.rooms),
    },
  }
}

export const short = (): Promise<ProofReport> => Promise.resolve(prove(2_000))
export const full = (): Promise<ProofReport> => Promise.resolve(prove(100_000))
