import { randomBytes } from 'node:crypto'
import { toBase64Url, utf8 } from '../../src/core/bytes.ts'
import { parseTenantId } from '../../src/core/id.ts'
import { newCredential } from '../../src/crypto/credential.ts'
import type { CallerKind } from '../../src/http/access.ts'
import type { Estate, Party, Tenant } from './p11-estates.ts'

/** What a caller meets before any route is looked at. */
export type Entry = 'in' | { status: number; code: string }

export type Caller = {
  label: string
  entry: Entry
  /** Undefined for whoever is nobody. */
  kind?: CallerKind
  tenant?: string
  credential?: string
  party?: string
  subject?: string
  /** Something that is the caller's own, or anybody's for who owns nothing: requests are made of its parts. */
  home: Estate
}

const STRANGER = { status: 401, code: 'unauthenticated' } as const
const NOT_ACTIVE = { status: 403, code: 'party_not_active' } as const

export function platformOf(label: string, { id, platform }: Tenant, home: Estate): Caller {
  return { label, entry: 'in', kind: 'platform', tenant: id, credential: platform, home }
}

export function partyCaller(label: string, party: Party, home: Estate, entry: Entry = 'in'): Caller {
  const { kind, tenant, credential, id } = party
  return { label, entry, kind, tenant: tenant.id, credential, party: id, home }
}

export function personOf(label: string, home: Estate): Caller {
  const { tenant, session, subject } = home
  return { label, entry: 'in', kind: 'person', tenant: tenant.id, credential: session.token, subject, home }
}

export function notActive(label: string, party: Party, home: Estate): Caller {
  return partyCaller(label, party, home, NOT_ACTIVE)
}

/** Somebody with a bearer that opens nothing. `tenant` where its use leaves a trace in that tenant's log. */
export function stranger(label: string, home: Estate, credential?: string, tenant?: string): Caller {
  return {
    label,
    entry: STRANGER,
    home,
    ...(credential !== undefined && { credential }),
    ...(tenant && { tenant }),
  }
}

/** The ways to come without a credential of one's own. */
export function strangers(mine: Estate, other: Tenant): Caller[] {
  const { merchant, session } = mine
  const unknown = newCredential(
    parseTenantId(mine.tenant.id)!,
    (length) => new Uint8Array(randomBytes(length)),
  )
  const moved = merchant.credential.replace(`ck_${mine.tenant.id}_`, `ck_${other.id}_`)
  return [
    stranger('nobody', mine),
    stranger('gibberish', mine, 'not-a-credential'),
    stranger('unknown credential', mine, unknown.exposeSecret()),
    stranger('credential moved to another tenant', mine, moved),
    stranger('session with another subject in it', mine, withClaims(session.token, { subject: 'sub_0' })),
    stranger('session moved to another tenant', mine, withClaims(session.token, { tenant: other.id })),
    stranger('unsigned session', mine, unsigned(session.token)),
  ]
}

function partsOf(token: string): [string, string, string] {
  const [header = '', payload = '', signature = ''] = token.split('.')
  return [header, payload, signature]
}

function withClaims(token: string, claims: object): string {
  const [header, payload, signature] = partsOf(token)
  const old = JSON.parse(Buffer.from(payload, 'base64url').toString()) as object
  return [header, toBase64Url(utf8(JSON.stringify({ ...old, ...claims }))), signature].join('.')
}

function unsigned(token: string): string {
  const [header, payload] = partsOf(token)
  const old = JSON.parse(Buffer.from(header, 'base64url').toString()) as object
  return [toBase64Url(utf8(JSON.stringify({ ...old, alg: 'none' }))), payload, ''].join('.')
}
