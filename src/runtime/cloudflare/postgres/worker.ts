import { VaultError } from '../../../core/errors.ts'
import { answerAdmin } from '../admin.ts'
import type { Administer } from '../admin.ts'
import { administer, isVaultCall, outcomeOf } from '../administer.ts'
import { log } from '../log.ts'
import { orRefusal } from '../or-refusal.ts'
import { connectionStringOf } from './bindings.ts'
import type { PostgresBindings } from './bindings.ts'
import { Connection, over } from './connection.ts'
import { Covering } from './cover.ts'
import { runJobs } from './jobs.ts'
import { PostgresService } from './service.ts'

/** Answered whatever becomes of database and keys. */
const NEEDS_NOTHING = new Set(['/healthz', '/docs', '/docs/style.css', '/openapi.json', '/metrics'])

/** Says itself what does not answer. */
const READINESS = '/readyz'

async function route(request: Request, service: PostgresService): Promise<Response> {
  const { pathname } = new URL(request.url)
  if (!NEEDS_NOTHING.has(pathname)) {
    await service.open().catch((error: unknown) => {
      if (pathname !== READINESS) throw error
      log({
        level: 'error',
        event: 'not_ready',
        message: error instanceof Error ? error.message : String(error),
      })
    })
  }
  return service.at(({ app }) => Promise.resolve(app.fetch(request)))
}

const FROM_NODE = 'A tenant in a database is moved, and its keys are rotated, from Node.'

function administerIn(service: PostgresService): Administer {
  return (tenant, call) =>
    outcomeOf(async () => {
      if (!isVaultCall(call)) throw new VaultError('not_found', FROM_NODE)
      await service.open()
      return service.at(({ vault }) => administer(vault, tenant, call))
    })
}

/** Of one isolate. */
type Isolate = { service: PostgresService; covering: Covering; url: string }

/** Bindings are the same for as long as an isolate lives. */
const known = new WeakMap<PostgresBindings, Isolate>()

function isolateOf(env: PostgresBindings): Isolate {
  const url = connectionStringOf(env)
  const found = known.get(env)
  if (found?.url === url) return found
  const service = new PostgresService(env)
  const isolate = { service, covering: new Covering(service, url), url }
  known.set(env, isolate)
  return isolate
}

async function answer(request: Request, env: PostgresBindings, ctx: ExecutionContext): Promise<Response> {
  const { service, covering, url } = isolateOf(env)
  const connection = new Connection(url)
  try {
    return await over(
      connection,
      async () => (await answerAdmin(request, env, administerIn(service))) ?? (await route(request, service)),
    )
  } finally {
    ctx.waitUntil(connection.close())
    if (connection.wrote) ctx.waitUntil(covering.written())
  }
}

async function doJobs(env: PostgresBindings): Promise<void> {
  const { service, url } = isolateOf(env)
  const connection = new Connection(url)
  try {
    await over(connection, async () => {
      await service.open()
      if (service.isReady) await service.at(({ vault }) => runJobs(vault, url))
    })
  } finally {
    await connection.close()
  }
}

/** The same vault on PostgreSQL: no object keeps anything, and any number of isolates and of processes on Node serve one database. */
export default {
  fetch: (request, env, ctx) => orRefusal(request, () => answer(request, env, ctx)),
  scheduled: (_, env) => doJobs(env),
} satisfies ExportedHandler<PostgresBindings>
