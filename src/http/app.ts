import { Hono } from 'hono'
import type { Context } from 'hono'
import { VaultError } from '../core/errors.ts'
import { ACCESS } from './access.ts'
import type { Endpoint } from './endpoint.ts'
import { requestIdOf } from './middleware/request-id.ts'
import { buildDocument } from './openapi.ts'
import type { OpenApiDocument } from './openapi.ts'
import { canaryRoutes } from './routes/canaries.ts'
import { doctorRoutes } from './routes/doctor.ts'
import { evidenceRoutes } from './routes/evidence.ts'
import { eventRoutes } from './routes/events.ts'
import { grantRoutes } from './routes/grants.ts'
import { incidentClockRoutes } from './routes/incident-clocks.ts'
import { incidentRoutes } from './routes/incidents.ts'
import { keyRoutes } from './routes/keys.ts'
import { logRoutes } from './routes/log.ts'
import { meRoutes } from './routes/me.ts'
import { noticeRoutes } from './routes/notices.ts'
import { partyRoutes } from './routes/parties.ts'
import { peopleRoutes } from './routes/people.ts'
import { reportRoutes } from './routes/report.ts'
import { revealRoutes } from './routes/reveal.ts'
import { serviceRoutes } from './routes/service.ts'
import type { Readiness } from './routes/service.ts'
import { sessionRoutes } from './routes/sessions.ts'
import { shipmentRoutes } from './routes/shipments.ts'
import { tokenRoutes } from './routes/tokens.ts'
import { watchRoutes } from './routes/watch.ts'
import { refuse, requireOpen, serveEndpoint } from './serve-endpoint.ts'
import type { Serving } from './serve-endpoint.ts'

export type AppParts = Serving & {
  readiness: Readiness
  version: string
}

const PRODUCT_ROUTES: readonly Endpoint[] = [
  ...partyRoutes,
  ...peopleRoutes,
  ...tokenRoutes,
  ...shipmentRoutes,
  ...revealRoutes,
  ...grantRoutes,
  ...sessionRoutes,
  ...meRoutes,
  ...eventRoutes,
  ...keyRoutes,
  ...doctorRoutes,
  ...canaryRoutes,
  ...incidentRoutes,
  ...incidentClockRoutes,
  ...reportRoutes,
  ...noticeRoutes,
  ...watchRoutes,
  ...logRoutes,
  ...evidenceRoutes,
]

/** The whole HTTP face of one vault. Nothing in it is remembered from one request to the next. */
export function createApp(parts: AppParts): Hono {
  const { vault, metrics, readiness, version } = parts
  let document: OpenApiDocument | undefined
  const endpoints: readonly Endpoint[] = [
    ...serviceRoutes({
      readiness,
      metrics,
      document: () => (document ??= buildDocument(endpoints, version, vault.publicUrl)),
    }),
    ...PRODUCT_ROUTES,
  ]
  holdToTable(endpoints)
  const app = new Hono()
  for (const endpoint of endpoints) mount(app, parts, endpoint)
  app.notFound(serveUnmatched(parts, endpoints))
  app.onError((error, context) => refuseUnmatched(parts, context, error))
  return app
}

/** Every route stands in the access table and every entry of it is a route, or the service does not start. */
function holdToTable(endpoints: readonly Endpoint[]): void {
  const served = endpoints.map(({ name }) => name)
  const open = served.filter((name) => !Object.hasOwn(ACCESS, name))
  const missing = Object.keys(ACCESS).filter((name) => !served.some((route) => route === name))
  if (open.length > 0 || missing.length > 0 || new Set(served).size !== served.length) {
    throw new Error(`routes and access table differ: ${[...open, ...missing].join(', ')}`)
  }
}

const HEALTH_HEADERS = { 'content-type': 'application/json' }

function mount(app: Hono, serving: Serving, endpoint: Endpoint): void {
  const path = endpoint.path.replace('{rest}', ':rest{.+}').replaceAll(/\{([a-z]+)\}/g, ':$1')
  if (endpoint.name === 'GET /healthz') {
    // What every other answer is measured against: nothing but the router and the socket.
    app.get(path, () => new Response('{"status":"ok"}', { headers: HEALTH_HEADERS }))
  } else app.on(endpoint.method, path, serveEndpoint(serving, endpoint))
}

type KnownPath = { pattern: RegExp; methods: string[] }

function knownPaths(endpoints: readonly Endpoint[]): readonly KnownPath[] {
  return [...Map.groupBy(endpoints, ({ path }) => path)].map(([path, served]) => {
    const methods = served.map(({ method }): string => method)
    return {
      pattern: new RegExp(
        `^${path
          .replaceAll('.', '\\.')
          .replace('{rest}', '.+')
          .replaceAll(/\{[a-z]+\}/g, '[^/]+')}$`,
      ),
      methods: methods.includes('GET') ? [...methods, 'HEAD'] : methods,
    }
  })
}

/** RFC 9110 §15.5.6: a known path with another method is 405 and says which methods it has. */
function serveUnmatched(serving: Serving, endpoints: readonly Endpoint[]): (context: Context) => Response {
  const known = knownPaths(endpoints)
  return (context) => {
    const { path } = context.req
    requireOpen(serving.sealed, path)
    const methods = known.find(({ pattern }) => pattern.test(path))?.methods
    if (!methods) return refuseUnmatched(serving, context, new VaultError('not_found', 'No such path.'))
    const error = new VaultError('method_not_allowed', 'This path has no such method.')
    return refuseUnmatched(serving, context, error, { allow: methods.join(', ') })
  }
}

const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])

function refuseUnmatched(
  { vault, log, metrics }: Serving,
  { req }: Context,
  error: unknown,
  headers: Record<string, string> = {},
): Response {
  const started = performance.now()
  const method = METHODS.has(req.method) ? req.method : 'OTHER'
  const known = { requestId: requestIdOf(req.raw.headers, vault.random), method, route: 'unmatched' }
  const response = refuse(log, known, error, true, headers)
  const seconds = (performance.now() - started) / 1000
  metrics.observe({ route: known.route, method, status: response.status, seconds })
  return response
}
