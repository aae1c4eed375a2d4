import { randomBytes } from 'node:crypto'
import { opaqueId } from '../../src/core/id.ts'
import type { IdPrefix } from '../../src/core/id.ts'
import { NOBODY } from './p11-canaries.ts'
import type { KeyKind } from '../../src/vault/keys/tenant-key.ts'
import type { Canaries } from './p11-canaries.ts'
import { somebody } from './p11-people.ts'
import type { Pii, Relations } from './p11-people.ts'

export type Tenant = { id: string; platform: string }

export type Party = {
  kind: 'merchant' | 'courier'
  id: string
  tenant: Tenant
  credential: string
  credentialId: string
}

export type Tokens = { name: string; phone: string; email: string; address: string }

/** Everything that one shop, one courier and one person have in common: whatever a route can be pointed at is in here. */
export type Estate = {
  label: string
  tenant: Tenant
  merchant: Party
  courier: Party
  broughtBy: 'merchant' | 'platform'
  erased: boolean
  /** The person was brought in before, for another shop. */
  second: boolean
  subject: string
  pii: Pii
  relations: Relations
  tokens: Tokens
  shipment: string
  waybill: string
  grants: { standing: string; delivery: string; given: string }
  session: { id: string; token: string }
  /** A version of a key that nothing needs any more, and somebody's wish to destroy it. */
  retiredKey: { kind: KeyKind; version: number }
  destruction: string
  incident: string
  /** A draft, and what everybody may read. */
  notice: string
  published: string
  canary: string
  signal: string
  hold: string
  events: { merchant: string; courier: string; person: string; platform: string }
  orderRef: string
  externalRef: string
  /** Where one of its events stands in the tenant's log. */
  logIndex: number
}

/** An id that nobody has. */
function nobodys(prefix: IdPrefix): string {
  return opaqueId(prefix, (length) => new Uint8Array(randomBytes(length)))
}

function nobodysParty(kind: Party['kind'], tenant: Tenant): Party {
  const id = nobodys(kind === 'merchant' ? 'mer' : 'cou')
  return { kind, id, tenant, credential: '', credentialId: nobodys('key') }
}

/** The same shape as an estate, and nothing of it exists. */
export function ghost(canaries: Canaries): Estate {
  const tenant: Tenant = { id: 'nowhere', platform: '' }
  const subject = nobodys('sub')
  return {
    label: 'what does not exist',
    tenant,
    merchant: nobodysParty('merchant', tenant),
    courier: nobodysParty('courier', tenant),
    broughtBy: 'merchant',
    erased: false,
    second: false,
    subject,
    pii: somebody(canaries),
    relations: { tenant: tenant.id, subject, shops: new Set(), couriers: new Set() },
    tokens: { name: nobodys('tok'), phone: nobodys('tok'), email: nobodys('tok'), address: nobodys('tok') },
    shipment: nobodys('shp'),
    waybill: nobodys('wb'),
    grants: { standing: nobodys('grt'), delivery: nobodys('grt'), given: nobodys('grt') },
    session: { id: nobodys('ses'), token: '' },
    retiredKey: { kind: 'session', version: 999_999 },
    destruction: nobodys('req'),
    incident: nobodys('inc'),
    notice: nobodys('ntc'),
    published: nobodys('ntc'),
    canary: nobodys('sub'),
    signal: nobodys('sig'),
    hold: nobodys('hld'),
    events: {
      merchant: nobodys('evt'),
      courier: nobodys('evt'),
      person: nobodys('evt'),
      platform: nobodys('evt'),
    },
    orderRef: canaries.word({ what: 'an order_ref of nobody', ...NOBODY }),
    externalRef: canaries.word({ what: 'an external_ref of nobody', ...NOBODY }),
    logIndex: 999_999,
  }
}
