import { VaultError } from '../core/errors.ts'
import type { Caller, PartyCaller, PersonCaller, PlatformCaller } from '../vault/principals/principal.ts'

/** Who calls, as far as the choice of routes goes. `anyone` needs no credential. */
export type CallerKind = 'platform' | 'merchant' | 'courier' | 'person'
export type Audience = CallerKind | 'anyone'

const ANYONE = ['anyone'] as const
const PLATFORM = ['platform'] as const
const PERSON = ['person'] as const
const SHOP = ['merchant'] as const
const BRINGS_PEOPLE_IN = ['platform', 'merchant'] as const
const PARTIES = ['merchant', 'courier'] as const
const READS_LOG = ['platform', 'merchant', 'courier'] as const

/** Every route, and who may call it. What is not in here does not start. */
export const ACCESS = {
  'GET /healthz': ANYONE,
  'GET /readyz': ANYONE,
  'GET /metrics': ANYONE,
  'GET /openapi.json': ANYONE,
  'GET /docs': ANYONE,
  'GET /docs/style.css': ANYONE,
  'GET /.well-known/jwks.json': ANYONE,
  'GET /t/{tenant}/.well-known/jwks.json': ANYONE,
  'GET /log/{tenant}/checkpoint': ANYONE,
  'GET /log/{tenant}/tile/{rest}': ANYONE,
  'GET /log/{tenant}/vkey': ANYONE,

  'POST /v1/parties': PLATFORM,
  'GET /v1/parties': PLATFORM,
  'GET /v1/parties/{id}': PLATFORM,
  'POST /v1/parties/{id}/status': PLATFORM,
  'POST /v1/parties/{id}/credentials': PLATFORM,
  'DELETE /v1/credentials/{id}': PLATFORM,

  'POST /v1/tokenize': BRINGS_PEOPLE_IN,
  'PATCH /v1/subjects/{id}': PLATFORM,
  'DELETE /v1/subjects/{id}': PLATFORM,
  'GET /v1/subjects/{id}/evidence': PLATFORM,
  'POST /v1/mask': SHOP,
  'POST /v1/validate': SHOP,
  'POST /v1/group': SHOP,
  'POST /v1/search': BRINGS_PEOPLE_IN,

  'POST /v1/shipments': SHOP,
  'GET /v1/shipments/{id}': READS_LOG,
  'POST /v1/shipments/{id}/stage': ['platform', 'courier'],

  'POST /v1/reveal': PARTIES,

  'GET /v1/grants': PLATFORM,
  'POST /v1/grants': PLATFORM,
  'POST /v1/grants/{id}/revoke': PLATFORM,
  'POST /v1/subjects/{id}/sessions': PLATFORM,
  'DELETE /v1/sessions/{id}': PLATFORM,

  'GET /v1/me': PERSON,
  'PATCH /v1/me': PERSON,
  'GET /v1/me/accesses': PERSON,
  'GET /v1/me/grants': PERSON,
  'POST /v1/me/grants/{id}/revoke': PERSON,
  'GET /v1/me/export': PERSON,
  'GET /v1/me/evidence': PERSON,
  'POST /v1/me/erasure': PERSON,
  'DELETE /v1/me/session': PERSON,

  'GET /v1/keys': PLATFORM,
  'POST /v1/keys/destructions': PLATFORM,
  'GET /v1/keys/destructions/{id}': PLATFORM,
  'POST /v1/keys/destructions/{id}/approve': PLATFORM,

  'GET /v1/doctor': PLATFORM,

  'POST /v1/canaries': PLATFORM,
  'GET /v1/canaries': PLATFORM,
  'DELETE /v1/canaries/{id}': PLATFORM,
  'POST /v1/canaries/{id}/parcels': PLATFORM,
  'POST /v1/canaries/mail': PLATFORM,
  'GET /v1/canaries/{id}/mail': PLATFORM,

  'POST /v1/incidents': PLATFORM,
  'GET /v1/incidents': PLATFORM,
  'GET /v1/incidents/{id}': PLATFORM,
  'POST /v1/incidents/{id}/assess': PLATFORM,
  'GET /v1/incidents/{id}/scope': PLATFORM,
  'GET /v1/incidents/{id}/scope/subjects': PLATFORM,
  'GET /v1/incidents/{id}/report': PLATFORM,
  'POST /v1/incidents/{id}/contain': PLATFORM,
  'POST /v1/incidents/{id}/release': PLATFORM,
  'GET /v1/incidents/{id}/clocks': PLATFORM,
  'POST /v1/incidents/{id}/clocks/met': PLATFORM,
  'POST /v1/incidents/{id}/clocks/waived': PLATFORM,
  'POST /v1/incidents/{id}/clocks/reopened': PLATFORM,
  'POST /v1/incidents/{id}/close': PLATFORM,
  'POST /v1/incidents/{id}/reopen': PLATFORM,

  'POST /v1/incidents/{id}/notices': PLATFORM,
  'GET /v1/incidents/{id}/notices': PLATFORM,
  'GET /v1/notices/{id}': PLATFORM,
  'PATCH /v1/notices/{id}': PLATFORM,
  'POST /v1/notices/{id}/approve': PLATFORM,
  'POST /v1/notices/{id}/cancel': PLATFORM,
  'GET /v1/notices/{id}/deliveries': PLATFORM,
  'POST /v1/notices/{id}/reports': PLATFORM,
  'GET /v1/me/notices': PERSON,
  'GET /t/{tenant}/notices/{rest}': ANYONE,

  'GET /v1/signals': PLATFORM,
  'GET /v1/signals/{id}': PLATFORM,
  'POST /v1/signals/{id}/confirm': PLATFORM,
  'POST /v1/signals/{id}/dismiss': PLATFORM,
  'GET /v1/holds': PLATFORM,
  'POST /v1/holds': PLATFORM,
  'POST /v1/holds/{id}/clear': PLATFORM,
  'GET /v1/watch/settings': PLATFORM,
  'PUT /v1/watch/settings': PLATFORM,

  'GET /v1/events': READS_LOG,
  'GET /v1/events/{id}': READS_LOG,
  'GET /v1/events/{id}/leaf': READS_LOG,
  'GET /v1/events/{id}/proof': READS_LOG,
} as const satisfies Record<string, readonly Audience[]>

export type RouteName = keyof typeof ACCESS

type CallerByKind = {
  platform: PlatformCaller
  merchant: PartyCaller
  courier: PartyCaller
  person: PersonCaller
  anyone: never
}

/** What the table says of a route's callers, as a type: a handler is given nobody else. */
export type CallerOf<Route extends RouteName> = CallerByKind[(typeof ACCESS)[Route][number]]

export function kindOf(caller: Caller): CallerKind {
  return caller.kind === 'party' ? caller.party.kind : caller.kind
}

export function isPublic(route: RouteName): boolean {
  return audienceOf(route).includes('anyone')
}

export function audienceOf(route: RouteName): readonly Audience[] {
  return ACCESS[route]
}

/** @throws VaultError `forbidden` */
export function requireAccess<Route extends RouteName>(
  route: Route,
  caller: Caller,
): asserts caller is CallerOf<Route> {
  if (!audienceOf(route).includes(kindOf(caller))) {
    throw new VaultError('forbidden', 'This credential may not call this.')
  }
}
