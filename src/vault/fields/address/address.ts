import type { Address, FieldType } from '../field-type.ts'
import { foldText } from '../text.ts'
import { ADDRESS_PARTS, parseAddress } from './parse.ts'
import { showAddress } from './show.ts'

export const addressField: FieldType<Address> = {
  views: ['none', 'city', 'district', 'street', 'full'],
  maskedView: 'street',
  parse: parseAddress,
  show: showAddress,
  /** JSON keeps the parts apart: no two different addresses run together into one text. */
  indexTerm(value) {
    return JSON.stringify(ADDRESS_PARTS.map((part) => foldText((value[part] ?? '').normalize('NFKC'))))
  },
}
