import type { Place, Probe, Rule } from './p11-rule.ts'
import { NOTHING, OK, SOMETHING, isCourier, isShop, probe, runsTenant } from './p11-rule.ts'

const READS_LOG = ['platform', 'merchant', 'courier'] as const
const EVENTS = ['merchant', 'courier', 'person', 'platform'] as const

/** The platform reads all of its log, a party what it did itself. */
function mayRead(place: Place, by: (typeof EVENTS)[number]): boolean {
  if (runsTenant(place)) return true
  if (by === 'merchant') return isShop(place)
  return by === 'courier' && isCourier(place)
}

function oneEvent(after: string): Rule {
  return {
    audience: READS_LOG,
    probes: (place) =>
      EVENTS.map((by) => {
        const path = `/v1/events/${place.target.events[by]}${after}`
        return probe(`event of the ${by}`, path, mayRead(place, by), OK)
      }),
  }
}

function listProbes(place: Place): Probe[] {
  const { target } = place
  const { subject, merchant, courier, logIndex } = target
  const runs = runsTenant(place)
  const list = (field: string, query: string, knows: boolean) =>
    probe(field, `/v1/events?${query}`, knows, SOMETHING, { absent: NOTHING })
  return [
    list('subject', `subject=${subject}`, runs),
    list('party merchant', `party=${merchant.id}`, runs || isShop(place)),
    list('party courier', `party=${courier.id}`, runs || isCourier(place)),
    list('subject and party', `subject=${subject}&party=${merchant.id}`, runs),
    probe('cursor', `/v1/events?limit=20&cursor=${logIndex}`, true, OK),
  ]
}

const OPEN = [
  '/healthz',
  '/readyz',
  '/metrics',
  '/openapi.json',
  '/docs',
  '/docs/style.css',
  '/.well-known/jwks.json',
] as const

function open(path: string): Rule {
  return { audience: ['anyone'], self: true, probes: () => [probe('whole', path, true, OK)] }
}

/** That a tenant exists is no secret: its name stands in its credentials and in the log's public path. */
function ofTenant(path: (tenant: string) => string): Rule {
  return {
    audience: ['anyone'],
    probes: ({ target: { tenant } }) => [probe('tenant', path(tenant.id), tenant.platform !== '', OK)],
  }
}

export const logRules: Record<string, Rule> = {
  'GET /v1/events': { audience: READS_LOG, probes: listProbes },
  'GET /v1/events/{id}': oneEvent(''),
  'GET /v1/events/{id}/leaf': oneEvent('/leaf'),
  'GET /v1/events/{id}/proof': oneEvent('/proof'),
  ...Object.fromEntries(OPEN.map((path) => [`GET ${path}`, open(path)])),
  'GET /t/{tenant}/.well-known/jwks.json': ofTenant((tenant) => `/t/${tenant}/.well-known/jwks.json`),
  'GET /log/{tenant}/checkpoint': ofTenant((tenant) => `/log/${tenant}/checkpoint`),
  'GET /log/{tenant}/tile/{rest}': ofTenant((tenant) => `/log/${tenant}/tile/0/000.p/1`),
  'GET /log/{tenant}/vkey': ofTenant((tenant) => `/log/${tenant}/vkey`),
}
