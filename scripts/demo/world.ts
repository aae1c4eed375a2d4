import { randomBytes } from 'node:crypto'
import { Client } from './client.ts'
import type { Mailbox } from './mailbox.ts'
import type { Service } from './service.ts'
import type { Teller } from './tell.ts'

/** What every act is given. */
export type World = {
  tell: Teller
  service: Service
  /** Where its mails go. */
  mailbox: Mailbox
  /** The command as a user has it. */
  launcher: string
  /** Holds all that this run makes; gone when it ends. */
  folder: string
}

export type Credential = { id: string; secret: string; client: Client }

/** A shop or a courier, with the means to call. */
export type Party = { id: string; name: string } & Pick<Credential, 'client'>

export type Cast = {
  platform: Client
  shop: Party
  otherShop: Party
  courier: Party
  rival: Party
}

/** A buyer as the export has her, and what the shop holds in her place. */
export type Buyer = {
  /** The order that brought her in: the name by which the platform knows her. */
  ref: string
  name: string
  /** As the vault writes it: + and digits. */
  phone: string
  /** The street line, as the export writes it. */
  street: string
  tokens: Tokens
}

export type Tokens = { name: string; phone: string; address: string }

export type Parcel = { id: string; waybill: string; grant: string }

export function as(service: Service, bearer?: string): Client {
  return new Client(service, bearer)
}

/** An id that is spelled right and that nobody has: Crockford's alphabet, 26 letters. */
export function inventedId(prefix: string): string {
  const letters = '0123456789abcdefghjkmnpqrstvwxyz'
  const text = [...randomBytes(25)].map((byte) => letters[byte % letters.length]).join('')
  // 128 bits in 26 letters leave two over, which are zero: the last letter is one of eight.
  return `${prefix}_${text}${letters[4 * ((randomBytes(1)[0] ?? 0) % 8)]}`
}
