import type { Canaries, Canary } from './p11-canaries.ts'
import type { Caller } from './p11-callers.ts'

/** Who has to do with a person: shops that hold tokens, couriers that carry a parcel. */
export type Relations = { tenant: string; subject: string; shops: Set<string>; couriers: Set<string> }

/** A person as it is brought in. */
export type Pii = { name: string; phone: string; email: string; address: Record<string, string> }

/** What a mask leaves of an address: known to every party that has to do with the person. */
const PLACE = ['province', 'city', 'district', 'street'] as const
/** What a courier at the door is shown beside it. */
const AT_THE_DOOR = ['surname', 'phone', 'room'] as const
/** What no party is shown in this world, whatever it asks. */
const NEVER = ['given name', 'mailbox'] as const
type Part = (typeof PLACE)[number] | (typeof AT_THE_DOOR)[number] | (typeof NEVER)[number]

const REVEAL = 'POST /v1/reveal'

/** The design's table of views, for the stage and the grants that `p11-maker.ts` sets up. */
function maySee(part: Part, relations: Relations, caller: Caller, route: string): boolean {
  const { subject, shops, couriers, tenant } = relations
  if (caller.tenant !== tenant || caller.entry !== 'in') return false
  if (caller.kind === 'person') return caller.subject === subject
  if (caller.party === undefined || !(shops.has(caller.party) || couriers.has(caller.party))) return false
  if (PLACE.some((known) => known === part)) return true
  if (route !== REVEAL) return false
  if (couriers.has(caller.party)) return AT_THE_DOOR.some((known) => known === part)
  return part === 'phone'
}

/** A person of whom every part is a canary. */
export function person(canaries: Canaries, relations: Relations): Pii {
  const about = (part: Part): Canary => ({
    what: `a person's ${part}`,
    mayReach: (caller, route) => maySee(part, relations, caller, route),
  })
  const word = (part: Part) => canaries.word(about(part))
  return {
    name: `${word('given name')} ${word('surname')}`,
    phone: `+86${canaries.phone(about('phone'))}`,
    email: `${word('mailbox').toLowerCase()}@example.com`,
    address: {
      country: 'CN',
      province: word('province'),
      city: word('city'),
      district: word('district'),
      line1: `${word('street')} Road`,
      line2: `Room ${word('room')}`,
    },
  }
}

/** A person whom nobody may see anything of, not even in masks. */
export function somebody(canaries: Canaries): Pii {
  return person(canaries, { tenant: '', subject: '', shops: new Set(), couriers: new Set() })
}

/** A name that a party made up: it, the platform and the person concerned may read it. */
export function refOf(what: string, relations: Relations, parties: readonly string[]): Canary {
  return {
    what: `an ${what}`,
    mayReach(caller) {
      if (caller.tenant !== relations.tenant || caller.entry !== 'in') return false
      if (caller.kind === 'platform') return true
      if (caller.kind === 'person') return caller.subject === relations.subject
      return caller.party !== undefined && parties.includes(caller.party)
    },
  }
}
