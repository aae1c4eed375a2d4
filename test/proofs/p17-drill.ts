import { seeded } from '../../scripts/seeded.ts'
import { openWorld, PERSON } from '../http/world.ts'
import type { Customer, World } from '../http/world.ts'

/** What one drill saw: how many persons scopes named, how many of those rightly, and how many leaks touched. */
export type Drill = {
  traffic: number
  incidents: number
  touched: number
  named: number
  right: number
  failures: string[]
}

/** Whoever looks: one credential of a shop, one of its operators at one device. */
type Desk = { party: string; credential: string; credentialId: string; operator: string; device: string }

/** The truth, as the one who did it knows it, and not the log. */
type Look = Desk & {
  at: number
  subject: string
  jurisdiction: string
  language: string
  field: 'name' | 'phone'
  view: string
}

const DAY_MS = 86_400_000
const JURISDICTIONS = ['CN', 'HK', 'DE', 'KR']
const LANGUAGES = ['zh-Hans', 'zh-Hant', 'en', 'ko']
const PEOPLE = 24
/** Of the same length, one behind the other, so that a window's ends are met to the millisecond. */
const STEP_MS = 1

type Person = Customer & { jurisdiction: string; language: string }
type Estate = { desks: readonly Desk[]; people: ReadonlyMap<string, readonly Person[]> }

export async function runDrill(seed: number, lookups: number): Promise<Drill> {
  const world = await openWorld()
  try {
    const estate = await settle(world)
    const looks = await traffic(world, estate, seeded(seed), lookups)
    await world.ok(world.platform, `/v1/subjects/${looks[0]!.subject}`, undefined, 'DELETE')
    return await judgeScopes(world, looks, looks[0]!.subject)
  } finally {
    await world.close()
  }
}

/** Two shops with two credentials each; at both an operator and a device have the same names. */
async function settle(world: World): Promise<Estate> {
  const desks: Desk[] = []
  const people = new Map<string, readonly Person[]>()
  for (const { id: party } of [world.shop, world.otherShop]) {
    for (const label of ['a', 'b']) {
      const { id, secret } = (await world.ok(world.platform, `/v1/parties/${party}/credentials`, { label }))
        .body
      for (const [operator, device] of [
        ['emp-1', 'pc-1'],
        ['emp-2', 'pc-1'],
      ] as const) {
        desks.push({ party, credential: secret, credentialId: id, operator, device })
      }
    }
    people.set(party, await bringIn(world, party))
  }
  return { desks, people }
}

async function bringIn(world: World, party: string): Promise<readonly Person[]> {
  const about = Array.from({ length: PEOPLE }, (_, i) => ({
    jurisdiction: JURISDICTIONS[i % JURISDICTIONS.length]!,
    language: LANGUAGES[i % LANGUAGES.length]!,
  }))
  const items = about.map(({ jurisdiction, language: locale }, i) => {
    return { key: `k-${i}`, external_ref: `u-${i}`, locale, jurisdiction, person: PERSON }
  })
  const { body } = await world.ok(world.platform, '/v1/tokenize', { party, items })
  const people = (body.items as Customer[]).map((customer, i) => ({ ...customer, ...about[i]! }))
  for (const { subject } of people) {
    const until = new Date(world.now() + 30 * DAY_MS).toISOString()
    const terms = { purpose: 'customer_service', fields: { phone: 'full', name: 'full' }, basis: 'contract' }
    await world.ok(world.platform, '/v1/grants', { subject, party, until, ...terms })
  }
  return people
}

/** One look a millisecond: reveals, some of them asked again under their key, and masked ones. */
async function traffic(world: World, estate: Estate, next: () => number, lookups: number): Promise<Look[]> {
  const looks: Look[] = []
  const pick = <T>(of: readonly T[]): T => of[Math.floor(next() * of.length)]!
  for (let n = 0; n < lookups; n++) {
    world.pass(STEP_MS)
    const desk = pick(estate.desks)
    const { subject, jurisdiction, language, tokens } = pick(estate.people.get(desk.party)!)
    const field = pick(['name', 'phone'] as const)
    const about = { ...desk, subject, jurisdiction, language, field }
    const kind = next()
    if (kind < 0.2) {
      await world.ok(desk.credential, '/v1/mask', { items: [{ key: 'a', token: tokens[field] }] })
      looks.push({ ...about, operator: '', device: '', at: world.now(), view: 'masked' })
      continue
    }
    const ask = () => reveal(world, desk, tokens[field], `look-${n}`)
    await ask()
    looks.push({ ...about, at: world.now(), view: 'full' })
    if (kind > 0.6) continue
    world.pass(STEP_MS)
    await ask()
    looks.push({ ...about, at: world.now(), view: 'full' })
  }
  return looks
}

async function reveal(world: World, desk: Desk, token: string, key: string): Promise<void> {
  const { operator: id, device, credential } = desk
  const items = [{ key: 'a', token, order_ref: 'SO-1' }]
  const body = { purpose: 'customer_service', operator: { id, device }, items }
  const answer = await world.call(credential, '/v1/reveal', { body, headers: { 'idempotency-key': key } })
  if (answer.body.items?.[0]?.status !== 'ok') throw new Error(`not revealed: ${answer.text}`)
}

type Case = { name: string; suspects: object; touches: (look: Look) => boolean }

/** Every kind of suspect by itself, and some together. */
function casesOf(looks: readonly Look[]): readonly Case[] {
  const [a, b] = [looks[0]!, looks[looks.length >> 1]!]
  const operator = looks.find((look) => look.operator === 'emp-1')!
  return [
    { name: 'nobody', suspects: {}, touches: () => true },
    { name: 'party', suspects: { parties: [a.party] }, touches: ({ party }) => party === a.party },
    {
      name: 'credential',
      suspects: { credentials: [a.credentialId] },
      touches: ({ credentialId }) => credentialId === a.credentialId,
    },
    {
      name: "one party's operator",
      suspects: { operators: [{ party: operator.party, id: 'emp-1' }] },
      touches: (look) => look.operator === 'emp-1' && look.party === operator.party,
    },
    {
      name: 'an operator of any party',
      suspects: { operators: ['emp-2'] },
      touches: (look) => look.operator === 'emp-2',
    },
    {
      name: "one party's device",
      suspects: { devices: [{ party: operator.party, id: 'pc-1' }] },
      touches: (look) => look.device === 'pc-1' && look.party === operator.party,
    },
    { name: 'subject', suspects: { subjects: [a.subject] }, touches: ({ subject }) => subject === a.subject },
    {
      name: 'a party and a subject of it and a credential of another',
      suspects: { parties: [a.party], subjects: [a.subject, b.subject], credentials: [b.credentialId] },
      touches: (look) =>
        look.party === a.party ||
        look.credentialId === b.credentialId ||
        [a.subject, b.subject].includes(look.subject),
    },
  ]
}

async function judgeScopes(world: World, looks: readonly Look[], erased: string): Promise<Drill> {
  const drill: Drill = { traffic: looks.length, incidents: 0, touched: 0, named: 0, right: 0, failures: [] }
  for (const { name, suspects, touches } of casesOf(looks)) {
    const theirs = looks.filter(touches)
    for (const [from, to] of windowsOf(theirs)) {
      const truth = theirs.filter(({ at }) => at >= from && at <= to)
      await judge(world, drill, { name: `${name} ${from}–${to}`, suspects, from, to, truth, erased })
    }
  }
  return drill
}

/** Whole, and cut at an event to the millisecond: before it, at it and behind it, at either end. */
function windowsOf(theirs: readonly Look[]): readonly (readonly [number, number])[] {
  const [first, last] = [theirs[0]!.at, theirs.at(-1)!.at]
  const [third, half] = [theirs[Math.floor(theirs.length / 3)]!.at, theirs[theirs.length >> 1]!.at]
  const edges = [-1, 0, 1].flatMap((d) => [[third + d, last] as const, [first, half + d] as const])
  return [[first, last], ...edges.filter(([from, to]) => from <= to)]
}

type Judged = {
  name: string
  suspects: object
  from: number
  to: number
  truth: readonly Look[]
  erased: string
}

async function judge(world: World, drill: Drill, asked: Judged): Promise<void> {
  const { name, suspects, from, to, truth, erased } = asked
  const window = { occurred_from: new Date(from).toISOString(), occurred_to: new Date(to).toISOString() }
  const aware_at = new Date(world.now()).toISOString()
  const incident = { title: 'A drill', kind: 'insider', aware_at, ...window, suspects }
  const { id } = (await world.ok(world.platform, '/v1/incidents', incident)).body
  const { body } = await world.ok(world.platform, `/v1/incidents/${id}/scope`)
  const named = await listed(world, id)
  const touched = new Set(truth.map(({ subject }) => subject))
  drill.incidents += 1
  drill.touched += touched.size
  drill.named += named.size
  drill.right += [...named].filter((subject) => touched.has(subject)).length
  const missed = [...touched].filter((subject) => !named.has(subject))
  const innocent = [...named].filter((subject) => !touched.has(subject))
  for (const subject of missed) drill.failures.push(`${name}: missed ${subject}`)
  for (const subject of innocent) drill.failures.push(`${name}: named ${subject}`)
  const [is, has] = [JSON.stringify(figures(body)), JSON.stringify(truthOf(truth, erased))]
  if (is !== has) drill.failures.push(`${name}: ${is}, has to be ${has}`)
}

async function listed(world: World, id: string): Promise<Set<string>> {
  const named = new Set<string>()
  for (let cursor = ''; ;) {
    const query = `limit=7${cursor && `&cursor=${cursor}`}`
    const { body } = await world.ok(world.platform, `/v1/incidents/${id}/scope/subjects?${query}`)
    for (const { subject } of body.items) {
      if (named.has(subject)) throw new Error(`listed twice: ${subject}`)
      named.add(subject)
    }
    if (body.next_cursor === null) return named
    cursor = body.next_cursor
  }
}

type Figures = Record<string, unknown>

function figures(body: Figures): Figures {
  const sorted = (counts: unknown) => Object.entries(counts as Record<string, number>).toSorted(byName)
  const shown = Object.entries(body['by_field'] as Record<string, Record<string, { events: number }>>)
  const fields = shown.flatMap(([field, views]) =>
    Object.entries(views).map(([view, { events }]): [string, number] => [`${field} ${view}`, events]),
  )
  return {
    events: body['events'],
    subjects: body['subjects'],
    erased: body['erased'],
    jurisdictions: sorted(body['by_jurisdiction']),
    languages: sorted(body['by_language']),
    fields: fields.toSorted(byName),
    parties: sorted(body['by_party']),
    credentials: sorted(body['by_credential']),
  }
}

function truthOf(truth: readonly Look[], erased: string): Figures {
  const persons = [...new Map(truth.map((look) => [look.subject, look])).values()]
  const known = (word: (look: Look) => string) =>
    count(persons, (look) => (look.subject === erased ? 'unknown' : word(look)))
  return {
    events: truth.length,
    subjects: persons.length,
    erased: persons.filter(({ subject }) => subject === erased).length,
    jurisdictions: known(({ jurisdiction }) => jurisdiction),
    languages: known(({ language }) => language),
    fields: count(truth, ({ field, view }) => `${field} ${view}`),
    parties: count(truth, ({ party }) => party),
    credentials: count(truth, ({ credentialId }) => credentialId),
  }
}

function count(looks: readonly Look[], word: (look: Look) => string): [string, number][] {
  const groups = Map.groupBy(looks, word)
  return [...groups].map(([name, all]): [string, number] => [name, all.length]).toSorted(byName)
}

function byName([a]: readonly [string, number], [b]: readonly [string, number]): number {
  return a < b ? -1 : 1
}
