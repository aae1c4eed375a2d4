import type { Hono } from 'hono'
import { ACCESS } from '../../src/http/access.ts'
import { createApp } from '../../src/http/app.ts'
import type { VaultStore } from '../../src/vault/store.ts'
import { PUBLIC_URL, read } from '../http/harness.ts'
import type { Harness, Request } from '../http/harness.ts'
import type { Caller } from './p11-callers.ts'
import type { Maker } from './p11-maker.ts'
import { ignoringOwner, ignoringTenant } from './p11-broken.ts'
import { Matrix, withoutRule } from './p11-matrix.ts'
import type { Extent, Seen } from './p11-matrix.ts'
import type { Rule } from './p11-rule.ts'
import { canaryRules } from './p11-rules-canaries.ts'
import { incidentRules } from './p11-rules-incidents.ts'
import { noticeRules } from './p11-rules-notices.ts'
import { watchRules } from './p11-rules-watch.ts'
import { keyRules } from './p11-rules-keys.ts'
import { logRules } from './p11-rules-log.ts'
import { parcelRules } from './p11-rules-parcels.ts'
import { peopleRules } from './p11-rules-people.ts'
import { personRules } from './p11-rules-person.ts'
import { tokenRules } from './p11-rules-tokens.ts'
import { openWorld } from './p11-world.ts'
import type { World } from './p11-world.ts'
import type { ProofReport } from './report.ts'

// P11: nobody sees another's.

export type Size = { cells: Extent }

export async function short(): Promise<ProofReport> {
  return prove({ cells: 'one each' })
}

export async function full(): Promise<ProofReport> {
  return prove({ cells: 'all' })
}

export async function prove(size: Size): Promise<ProofReport> {
  const world = await openWorld()
  try {
    const { app } = world.harness
    const rules = rulesOf(world.maker)
    const routes = await routesOf(app)
    const planted = world.maker.canaries.count
    const seen = await runMatrix(world, app, routes, size.cells)
    const control = await runControls(world, routes)
    return {
      figures: {
        routes: routes.length,
        callers: world.callers.length,
        objects: world.estates.length + 1,
        cells: seen.cells,
        calls: seen.calls,
        'canaries in the store': planted,
      },
      failures: [...withoutRule(routes, rules), ...otherTables(rules), ...seen.failures],
      control,
    }
  } finally {
    await world.harness.close()
  }
}

export function rulesOf({ canaries, harness }: Maker): Readonly<Record<string, Rule>> {
  const ofPeople = { ...peopleRules(canaries), ...personRules(canaries, () => harness.now()) }
  return {
    ...ofPeople,
    ...tokenRules,
    ...parcelRules,
    ...logRules,
    ...keyRules,
    ...canaryRules,
    ...incidentRules,
    ...noticeRules,
    ...watchRules,
  }
}

type Document = { paths: Record<string, Record<string, unknown>> }

/** What the service says that it serves, and what its router holds: a route that is not in the document is one too. */
export async function routesOf(app: Hono): Promise<string[]> {
  const { paths } = (await (await app.request('/openapi.json')).json()) as Document
  const documented = Object.entries(paths).flatMap(([path, item]) =>
    Object.keys(item).map((method) => `${method.toUpperCase()} ${path}`),
  )
  const registered = app.routes.map(
    ({ method, path }) => `${method} ${path.replace('{.+}', '').replaceAll(/:([a-z]+)/g, '{$1}')}`,
  )
  return [...new Set([...documented, ...registered])].sort()
}

/** The access table of the service says what the rules here say. */
function otherTables(rules: Readonly<Record<string, Rule>>): string[] {
  const table: Readonly<Record<string, readonly string[]>> = ACCESS
  return Object.entries(rules).flatMap(([route, { audience }]) => {
    const served = [...(table[route] ?? [])].sort().join()
    return served === [...audience].sort().join()
      ? []
      : [`audience: ${route}: ${served} in the service's table`]
  })
}

async function runMatrix(
  world: World,
  app: Hono,
  routes: readonly string[],
  extent: Extent,
  by = sender(app),
): Promise<Seen> {
  const rules = rulesOf(world.maker)
  const matrix = new Matrix(world, by)
  for (const route of routes) {
    const rule = rules[route]
    if (rule) await matrix.route(route, rule, extent)
  }
  return matrix.seen
}

function sender(app: Hono, before?: (caller: Caller) => void) {
  return async (caller: Caller, path: string, { method = 'GET', body, headers }: Request) => {
    before?.(caller)
    const { credential } = caller
    const init = {
      method,
      headers: {
        ...(credential !== undefined && { authorization: `Bearer ${credential}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    }
    return read(await app.request(`${PUBLIC_URL}${path}`, init))
  }
}

/** Leaks proper; an answer that is merely another than expected proves nothing. */
const KINDS = ['leak', 'differs', 'changed'] as const

const CONTROLLED: Extent = 'one each, nothing of their own'

/** The same matrix where ownership is not looked at. Each way of it has to be found; the least is what counts. */
async function runControls(world: World, routes: readonly string[]): Promise<ProofReport['control']> {
  const { store } = world.harness
  let caller: Caller | undefined
  const tenants = world.tenants.map(({ id }) => id)
  const noTenant = appOver(world.harness, ignoringTenant(store, tenants))
  const owned = ignoringOwner(store, () => caller!)
  const noOwner = appOver(world.harness, owned)
  const asCaller = sender(noOwner, (who) => (caller = who))
  const seen = [
    await runMatrix(world, noTenant, routes, CONTROLLED),
    await runMatrix(world, noOwner, routes, CONTROLLED, asCaller),
  ]
  const counts = seen.map(({ failures }) =>
    KINDS.map((kind) => failures.filter((line) => line.startsWith(`${kind}:`)).length),
  )
  const [tenant = [], owner = []] = counts.map((row) => row.map((count, i) => `${count} × ${KINDS[i]}`))
  return {
    broken: `look-ups that ignore the tenant: ${tenant.join(', ')}; rules that ignore the owner: ${owner.join(', ')}`,
    found: Math.min(...counts.flatMap(([leaks = 0, differences = 0]) => [leaks, differences])),
  }
}

/** The service on another store than its own. */
export function appOver({ vault }: Harness, store: VaultStore): Hono {
  return createApp({
    vault: { ...vault, store },
    log: () => undefined,
    metrics: { observe: () => undefined, render: () => Promise.resolve('') },
    readiness: () => Promise.resolve({ store: true, log: true, keys: true }),
    version: '0.0.0-test',
  })
}
