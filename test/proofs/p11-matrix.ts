import { parseTenantId } from '../../src/core/id.ts'
import type { SubjectId, TenantId } from '../../src/core/id.ts'
import type { VaultStore } from '../../src/vault/store.ts'
import type { Answered, Request } from '../http/harness.ts'
import { bearersIn } from './p11-canaries.ts'
import type { Caller } from './p11-callers.ts'
import { ghost } from './p11-estates.ts'
import type { Estate } from './p11-estates.ts'
import { refuses } from './p11-rule.ts'
import type { Check, Place, Probe, Rule } from './p11-rule.ts'
import { afresh } from './p11-world.ts'
import type { World } from './p11-world.ts'

/** Sends one request as a caller. The matrix runs through it, so that the same check can look at another app. */
export type Send = (caller: Caller, path: string, request: Request) => Promise<Answered>

export type Seen = { cells: number; calls: number; failures: string[] }

/**
 * Which of a route's cells are looked at: all; one target and one field for each caller; or of those the ones without an
 * effect on what is the caller's own, which cost most and show no leak.
 */
export type Extent = 'all' | 'one each' | 'one each, nothing of their own'

const REVEAL = 'POST /v1/reveal'
const REQUEST_ID = '00000000-0000-4000-8000-000000000000'

/** Every route that a served document names must have a rule, and every rule a route. */
export function withoutRule(routes: readonly string[], rules: Readonly<Record<string, Rule>>): string[] {
  const open = routes.filter((route) => !Object.hasOwn(rules, route)).map((route) => `${route}: no rule`)
  const stale = Object.keys(rules).filter((route) => !routes.includes(route))
  return [...open, ...stale.map((route) => `${route}: a rule without a route`)]
}

export class Matrix {
  readonly seen: Seen = { cells: 0, calls: 0, failures: [] }
  readonly #world: World
  readonly #send: Send
  #turn = 0

  constructor(world: World, send: Send) {
    this.#world = world
    this.#send = send
  }

  async route(route: string, rule: Rule, extent: Extent): Promise<void> {
    const before = await this.#states()
    for (const target of this.#targets(rule, extent)) {
      for (const caller of this.#world.callers) {
        const place = { caller, home: caller.home, target: target ?? this.#next(caller) }
        await this.#cells(route, rule, place, extent)
      }
    }
    const after = await this.#states()
    after.forEach((state, i) => {
      if (state !== before[i]) this.#fail(`changed: ${route}: ${this.#world.estates[i]?.label}`)
    })
  }

  /** `undefined` where each caller gets another one in turn. */
  #targets({ self }: Rule, extent: Extent): readonly (Estate | undefined)[] {
    if (extent !== 'all') return [undefined]
    return self ? this.#world.estates.slice(0, 1) : this.#world.estates
  }

  #next({ home }: Caller): Estate {
    const { estates } = this.#world
    return estates[this.#turn++ % estates.length] ?? home
  }

  async #cells(route: string, rule: Rule, asked: Place, extent: Extent): Promise<void> {
    const { caller } = asked
    const place = rule.self ? { ...asked, target: caller.home } : asked
    const live = isLive(rule, caller)
    const count = rule.probes(place).length
    for (const i of this.#fields(count, extent)) {
      const own = live && rule.probes(place)[i]!.knows
      if (own && rule.changes && extent === 'one each, nothing of their own') continue
      const there = own && rule.changes && caller.entry === 'in' ? await afresh(this.#world, place) : place
      const probe = rule.probes(there)[i]!
      const name = `${route} × ${caller.label} × ${place.target.label} × ${probe.field}`
      const nowhere = { ...place, target: ghost(this.#world.maker.canaries) }
      const absent = own || rule.self ? undefined : rule.probes(nowhere)[i]
      await this.#cell({ name, route, rule, probe, absent, own, caller: there.caller })
    }
  }

  #fields(count: number, extent: Extent): number[] {
    const all = Array.from({ length: count }, (_, i) => i)
    if (extent === 'all') return all
    // Another step than the targets', so that in time each field meets each of them.
    return [(this.#turn + Math.floor(this.#turn / this.#world.estates.length)) % count]
  }

  async #cell({ name, route, rule, probe, absent, own, caller }: Cell): Promise<void> {
    this.seen.cells += 1
    const key = `${route} ${name.split(' × ').slice(2).join(' ')}`
    const expected = expectedOf(rule, caller, own ? probe.given : probe.absent)
    // What is the caller's own in it costs the first time, whoever's the rest is: so that is asked for before.
    if (absent && route === REVEAL) await this.#ask(route, caller, absent, `${key} paid`)
    const twin = absent && (await this.#ask(route, caller, absent, `${key} twin`))
    const answer = await this.#ask(route, caller, probe, key)
    const wrong = expected(answer)
    if (wrong) this.#fail(`status: ${name}: ${wrong}, ${answer.status} ${answer.text.slice(0, 200)}`)
    if (!twin) return
    const [theirs, nobodys] = [alike(answer), alike(twin)]
    if (theirs !== nobodys) this.#fail(`differs: ${name}: ${theirs} where nobody's gives ${nobodys}`)
  }

  /** One call, looked through for what its caller may not know and for a trace in a log that is not the caller's. */
  async #ask(route: string, caller: Caller, { path, request }: Probe, key: string): Promise<Answered> {
    const { knowledge, maker } = this.#world
    const isPost = request.method === 'POST'
    const headers = { 'x-request-id': REQUEST_ID, ...(isPost && { 'idempotency-key': ascii(key) }) }
    const sizes = await this.#logSizes(caller)
    this.seen.calls += 1
    const answer = await this.#send(caller, path, { ...request, headers })
    const text = `${answer.text}\n${[...answer.headers].map((pair) => pair.join(': ')).join('\n')}`
    const asked = `${path} ${JSON.stringify(request.body ?? null)}`
    const leaks = [
      ...maker.canaries.leaks(text, caller, route),
      ...bearersIn(text, caller, route),
      ...(await knowledge.leaks(text, caller, asked)),
    ]
    for (const leak of new Set(leaks)) this.#fail(`leak: ${route} × ${caller.label}: ${leak}, asked ${path}`)
    if (sizes !== (await this.#logSizes(caller)))
      this.#fail(`trace: ${route} × ${caller.label}: in another tenant's log`)
    return answer
  }

  async #logSizes({ tenant }: Caller): Promise<string> {
    const { tenants, harness } = this.#world
    const others = tenants.filter(({ id }) => id !== tenant)
    const heads = await Promise.all(others.map(({ id }) => harness.store.logHead(parseTenantId(id)!)))
    return heads.map(({ size }) => size).join()
  }

  async #states(): Promise<string[]> {
    return Promise.all(this.#world.estates.map((estate) => stateOf(this.#world, estate)))
  }

  #fail(line: string): void {
    this.seen.failures.push(line)
  }
}

type Cell = {
  name: string
  route: string
  rule: Rule
  probe: Probe
  absent: Probe | undefined
  own: boolean
  caller: Caller
}

function isOpen({ audience }: Rule): boolean {
  return audience.includes('anyone')
}

/** Whether the caller gets as far as the object. */
function isLive(rule: Rule, { entry, kind }: Caller): boolean {
  return isOpen(rule) || (entry === 'in' && kind !== undefined && rule.audience.includes(kind))
}

/** The access table first: who is nobody learns nothing, and who may not call the route nothing but that. */
function expectedOf(rule: Rule, caller: Caller, ofObject: Check): Check {
  if (isOpen(rule)) return ofObject
  if (caller.entry !== 'in') return refuses(caller.entry.status, caller.entry.code)
  return isLive(rule, caller) ? ofObject : refuses(403, 'forbidden')
}

/** Header values are ASCII. */
function ascii(text: string): string {
  return text.replaceAll(/[^\x20-\x7e]/g, '-').slice(0, 255)
}

const IDS = /\b([a-z]{2,3})_[0-9a-hjkmnp-tv-z]{26}\b/g
const TIMES = /\d{4}-\d\d-\d\dT[\d:.]+Z/g

/** An answer without what differs by nature: fresh ids, times, and the echo of the id that was asked for. */
function alike({ status, headers, text }: Answered): string {
  const lines = [...headers].map((pair) => pair.join(': ')).sort()
  return [status, ...lines, text].join('\n').replaceAll(IDS, '<$1>').replaceAll(TIMES, '<time>')
}

/** Grants without when a look was last paid for: a courier's own looks move that, and their events tell. */
async function listTerms(store: VaultStore, tenant: TenantId, person: SubjectId) {
  return (await store.listGrantsOf(tenant, person)).map(({ paidAt: _paid, ...terms }) => terms)
}

/** All that a foreign call could change of an estate. */
async function stateOf(
  { harness: { store } }: World,
  { tenant, subject, merchant, courier, session }: Estate,
): Promise<string> {
  const id = parseTenantId(tenant.id)!
  const person = subject as `sub_${string}`
  const state = await Promise.all([
    store.findPerson(id, person),
    store.listTokensOf(id, [person], null),
    listTerms(store, id, person),
    store.listShipmentsOf(id, person),
    store.findSession(id, session.id as `ses_${string}`),
    ...[merchant, courier].flatMap((party) => [
      store.findParty(id, party.id as `mer_${string}`),
      store.findCredential(id, party.credentialId as `key_${string}`),
    ]),
  ])
  return JSON.stringify(state, (_, value: unknown) =>
    value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value,
  )
}
