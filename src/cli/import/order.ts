const ADDRESS_PARTS = ['province', 'city', 'district', 'town', 'line1', 'line2', 'postcode'] as const
type AddressPart = (typeof ADDRESS_PARTS)[number]

/** As `POST /v1/tokenize` takes it. */
export type Address = { country: string } & Partial<Record<AddressPart, string>>

export type Person = { name: string; phone: string; email?: string; address: Address }

/** Where an order goes: a person by the name that the service is to know them by. */
export type Recipient = { externalRef: string; person: Person }

export type Order = {
  ref: string
  recipient: Recipient
  /** The same with the second phone: sent once when the service cannot take the first. */
  otherwise?: Recipient
  locale?: string
  jurisdiction: string
}

/** Why an order is not even sent. Codes stand in the rejects file: they are added to, never renamed. */
export type Refusal =
  | 'row_malformed'
  | 'encoding_invalid'
  | 'order_ref_invalid'
  | 'order_ref_repeated'
  | 'no_name'
  | 'no_phone'
  | 'no_address'
  | 'no_country'

/** What a format finds in an order's first row. */
export type Draft = { person: Person; secondPhone?: string; locale?: string; jurisdiction: string }

export type Reading = { draft: Draft } | { refusal: Refusal }

export function isBlank(text: string): boolean {
  return text.trim() === ''
}

/** Leaves out what is blank: an absent part is not an empty one. */
export function toAddress(country: string, parts: Partial<Record<AddressPart, string>>): Address {
  const address: Address = { country }
  for (const part of ADDRESS_PARTS) {
    const text = parts[part]
    if (text !== undefined && !isBlank(text)) address[part] = text
  }
  return address
}
