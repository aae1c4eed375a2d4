import type { Place, Probe, Rule } from './p11-rule.ts'
import { NOTHING, SOMETHING, answers, isCourier, isShop, runsTenant } from './p11-rule.ts'

const READS_LOG = ['platform', 'merchant', 'courier'] as const
const ANYONE = ['anyone'] as const
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
      EVENTS.map((by) => ({
        ...{ field: `event of the ${by}`, path: `/v1/events/${place.target.events[by]}${after}` },
        ...{ knows: mayRead(place, by), given: answers(200) },
      })),
  }
}

function listProbes(place: Place): Probe[] {
  const { target } = place
  const cell = { given: SOMETHING, absent: NOTHING }
  const runs = runsTenant(place)
  return [
    { ...cell, field: 'subject', path: `/v1/events?subject=${target.subject}`, knows: runs },
    {
      ...cell,
      field: 'party merchant',
      path: `/v1/events?party=${target.merchant.id}`,
      knows: runs || isShop(place),
    },
    {
      ...cell,
      field: 'party courier',
      path: `/v1/events?party=${target.courier.id}`,
      knows: runs || isCourier(place),
    },
    {
      ...{ ...cell, field: 'subject and party', knows: runs },
      path: `/v1/events?subject=${target.subject}&party=${target.merchant.id}`,
    },
    {
      field: 'cursor',
      path: `/v1/events?limit=20&cursor=${target.logIndex}`,
      knows: true,
      given: answers(200),
    },
  ]
}

function open(path: string): Rule {
  return {
    ...{ audience: ANYONE, self: true },
    probes: () => [{ field: 'whole', path, knows: true, given: answers(200) }],
  }
}

export const logRules: Record<string, Rule> = {
  'GET /v1/events': { audience: READS_LOG, probes: listProbes },
  'GET /v1/events/{id}': oneEvent(''),
  'GET /v1/events/{id}/leaf': oneEvent('/leaf'),

  'GET /healthz': open('/healthz'),
  'GET /readyz': open('/readyz'),
  'GET /metrics': open('/metrics'),
  'GET /openapi.json': open('/openapi.json'),
  'GET /docs': open('/docs'),
  'GET /docs/style.css': open('/docs/style.css'),
  'GET /.well-known/jwks.json': open('/.well-known/jwks.json'),
  'GET /t/{tenant}/.well-known/jwks.json': {
    audience: ANYONE,
    // That a tenant exists is no secret: its name stands in its credentials and in the log's public path.
    probes: ({ target }) => [
      {
        ...{ field: 'tenant', path: `/t/${target.tenant.id}/.well-known/jwks.json` },
        ...{ knows: target.tenant.platform !== '', given: answers(200) },
      },
    ],
  },
}
