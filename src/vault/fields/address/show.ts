import type { Address, View } from '../field-type.ts'
import { HAN_NUMERALS, HAN_UNITS_ALWAYS, MASK_RULES, NUMBERED_DISTRICTS } from './masks.ts'
import type { AddressPart } from './parse.ts'
import { streetOf } from './street.ts'
import { kindOf } from './words.ts'
import type { WordKind } from './words.ts'

const NUMBERED = new RegExp(`^(?:${NUMBERED_DISTRICTS.join('|')})\\.?\\s*[0-9]{1,2}$`, 'iu')
/** 五〇二室, 三号楼, 四-一-二, 二八〇六; 三门峡 and 三里屯 are places. */
const HAN_UNIT = new RegExp(
  `[${HAN_NUMERALS}](?:${HAN_UNITS_ALWAYS.join('|')}|[楼樓层層\\p{Pd}])|[${HAN_NUMERALS}]{3}`,
  'u',
)

/** Beside a number, any of these makes a part an address line. */
const LINE_KINDS: readonly WordKind[] = ['unit', 'lead', 'tail', 'either', 'suffix', 'prefix']

/** `full` as it is; else the parts of the view, each without numbers. The address that comes out has no other parts. */
export function showAddress(value: Address, view: View): Address | undefined {
  if (view === 'full') return value
  const rule = MASK_RULES.rules.find((candidate) => candidate.view === view)
  if (rule === undefined) return undefined
  const shown: Address = { country: value.country }
  for (const part of rule.parts) {
    const text = value[part]
    if (text !== undefined) shown[part] = showPart(part, text)
  }
  return shown
}

function showPart(part: AddressPart, text: string): string {
  if (part === 'country') return text
  if (part === 'line1') return streetOf(text)
  return mayHoldUnit(text) ? MASK_RULES.hidden : text
}

/** Shops write whole addresses into the city: a part with a number that no district has, or with a unit, is hidden. */
function mayHoldUnit(text: string): boolean {
  if (/[^\P{N}〇]/u.test(text.normalize('NFKC'))) return !NUMBERED.test(text.normalize('NFC'))
  const kinds = new Set(
    text
      .split(/[\s,،]+/u)
      .filter(Boolean)
      .map(kindOf),
  )
  return HAN_UNIT.test(text) || (kinds.has('number') && LINE_KINDS.some((kind) => kinds.has(kind)))
}
