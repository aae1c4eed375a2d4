import { readPhone, unguard } from './cells.ts'
import type { Cell, Format } from './format.ts'
import { isBlank, toAddress } from './order.ts'
import type { Reading } from './order.ts'

/** The export has no place for a company, and the service no field: it stands on a line of its own before line 2. */
function secondLine(cell: Cell): string {
  return [cell('Shipping Company'), cell('Shipping Address2')].filter((text) => !isBlank(text)).join('\n')
}

function read(cell: Cell): Reading {
  const name = cell('Shipping Name')
  const line1 = cell('Shipping Address1')
  const country = cell('Shipping Country').trim()
  const phone = readPhone(cell('Shipping Phone')) || readPhone(cell('Phone'))
  const email = cell('Email').trim()
  if (isBlank(name)) return { refusal: 'no_name' }
  if (isBlank(line1)) return { refusal: 'no_address' }
  if (country === '') return { refusal: 'no_country' }
  if (phone === '') return { refusal: 'no_phone' }
  const address = toAddress(country, {
    line1,
    line2: secondLine(cell),
    city: cell('Shipping City'),
    province: cell('Shipping Province'),
    postcode: unguard(cell('Shipping Zip')),
  })
  return {
    draft: { person: { name, phone, ...(email === '' ? {} : { email }), address }, jurisdiction: country },
  }
}

/** An order takes one row for each line item; only its first carries the address. */
export const shopify: Format = {
  name: 'shopify',
  encoding: 'utf-8',
  columns: [
    'Name',
    'Email',
    'Phone',
    'Shipping Name',
    'Shipping Address1',
    'Shipping Address2',
    'Shipping Company',
    'Shipping City',
    'Shipping Zip',
    'Shipping Province',
    'Shipping Country',
    'Shipping Phone',
  ],
  ordersContinue: true,
  orderRef: (cell) => unguard(cell('Name')),
  read,
}
