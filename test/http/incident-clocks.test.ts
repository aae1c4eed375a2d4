import { expect, onTestFinished, test } from 'vitest'
import { parseId, parseTenantId } from '../../src/core/id.ts'
import { checkClocks } from '../../src/vault/incidents/check-clocks.ts'
import { expectProblem } from './expectations.ts'
import { PERSON, openWorld } from './world.ts'
import type { World } from './world.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

const AUTHORITY = 'eu-gdpr-33-1'
const PERSONS = 'eu-gdpr-34'

function iso(ms: number): string {
  return new Date(ms).toISOString()
}

type Incident = { world: World; id: string; path: string }

async function opened(more: object = {}): Promise<Incident> {
  const world = await openWorld()
  onTestFinished(() => world.close())
  return open(world, more)
}

async function open(world: World, more: object = {}): Promise<Incident> {
  const body = { title: 'A key got away', kind: 'insider', aware_at: iso(world.now()), ...more }
  const { id } = (await world.ok(world.platform, '/v1/incidents', body)).body
  return { world, id, path: `/v1/incidents/${id}` }
}

/** As the vault itself knows it. */
function stored({ id }: Incident) {
  return { tenant: parseTenantId('default')!, id: parseId('inc', id)! }
}

/** Of persons in Germany, established: the authority within 72 hours, the persons if the risk is high. */
async function inGermany(facts: object = {}, more: object = {}): Promise<Incident> {
  const incident = await opened(more)
  const known = { persons: { DE: 3 }, occurrence: 'established', ...facts }
  await assess(incident, known)
  return incident
}

function assess({ world, path }: Incident, facts: object) {
  return world.call(world.platform, `${path}/assess`, { body: { severity: 'high', facts } })
}

async function clocks({ world, path }: Incident, query = '') {
  return (await world.ok(world.platform, `${path}/clocks${query}`)).body
}

async function clock(incident: Incident, rule: string) {
  return (await clocks(incident)).items.find((one: { rule: string }) => one.rule === rule)
}

function say({ world, path }: Incident, what: string, body: object, headers: Record<string, string> = {}) {
  return world.call(world.platform, `${path}/clocks/${what}`, { body, headers })
}

async function said(incident: Incident, what: string, body: object) {
  const answer = await say(incident, what, body)
  expect(answer.status, answer.text).toBe(200)
  return answer.body.items
}

async function close({ world, path }: Incident) {
  return world.call(world.platform, `${path}/close`, { body: { reason: 'dealt with' } })
}

/** The events of the steps about clocks, as the log has them. */
async function leaves({ world, path, id }: Incident) {
  const { timeline } = (await world.ok(world.platform, path)).body
  const steps = timeline.filter(({ step }: { step: string }) => step.startsWith('clock_'))
  const found = []
  for (const { step, code, event } of steps) {
    const { body } = await world.ok(world.platform, `/v1/events/${event}`)
    expect(body).toMatchObject({ type: `incident.${step}`, incident: id, code })
    found.push(body)
  }
  return found
}

async function noted(incident: Incident) {
  return (await leaves(incident)).map(({ type, code }) => `${type.slice('incident.'.length)} ${code}`)
}

test('facts start a clock, its end is noted as late, a notice meets it, and only then it closes', async () => {
  const incident = await inGermany({ harm: 'risk' })
  const { world } = incident
  const awareAt = world.now()
  expect(await clock(incident, AUTHORITY)).toMatchObject({
    jurisdiction: 'EU',
    audience: 'authority',
    state: 'running',
    applies: 'yes',
    in_force: true,
    due_at: iso(awareAt + 72 * HOUR_MS),
    due_local: '2026-11-26T13:00:00.000+01:00',
    zone: 'Europe/Brussels',
    stage: 'initial',
    source: expect.any(String),
    verified: true,
    checked_days_ago: 22,
    warnings: [],
    late_s: 0,
  })
  expect(await clock(incident, PERSONS)).toMatchObject({ state: 'not_applicable', applies: 'no' })
  expectProblem(await close(incident), 'state_conflict')
  world.pass(72 * HOUR_MS)
  await checkClocks(world.vault)
  expect(await noted(incident)).toEqual([])
  world.pass(1)
  await checkClocks(world.vault)
  expect(await clock(incident, AUTHORITY)).toMatchObject({ state: 'late', late_s: 1 })
  expect(await noted(incident)).toEqual([`clock_late ${AUTHORITY}`])
  expectProblem(await close(incident), 'state_conflict')
  const [met] = await said(incident, 'met', { rules: [AUTHORITY], at: iso(world.now()), note: 'by its form' })
  expect(met).toMatchObject({ state: 'met', late_s: 1, met: { reason: 'by its form', at: iso(world.now()) } })
  expect(await noted(incident)).toEqual([`clock_late ${AUTHORITY}`, `clock_met ${AUTHORITY}`])
  expect((await close(incident)).body).toMatchObject({ state: 'closed', open_points: ['not_contained'] })
})

test('what is late is noted once, however often the job runs, and whoever else notes something', async () => {
  const incident = await inGermany({ harm: 'risk' })
  const { world } = incident
  world.pass(73 * HOUR_MS)
  await Promise.all([checkClocks(world.vault), checkClocks(world.vault)])
  for (let day = 0; day < 3; day++) {
    world.pass(DAY_MS)
    await checkClocks(world.vault)
  }
  await said(incident, 'reopened', { rules: [AUTHORITY], reason: 'nothing was said of it' })
  await assess(incident, { harm: 'high_risk' })
  await checkClocks(world.vault)
  await said(incident, 'waived', { rules: [AUTHORITY], reason: 'it knows' })
  expect(await noted(incident)).toEqual([`clock_late ${AUTHORITY}`, `clock_waived ${AUTHORITY}`])
})

test('a round that fails before its commit notes nothing, and the next one notes it once', async () => {
  const incident = await inGermany({ harm: 'risk' })
  const { vault, pass } = incident.world
  pass(73 * HOUR_MS)
  const failing = new Proxy(vault.store, {
    get: (store, name) =>
      name === 'commit' ? () => Promise.reject(new Error('killed')) : Reflect.get(store, name),
  })
  await expect(checkClocks({ ...vault, store: failing })).rejects.toThrow('killed')
  expect(await noted(incident)).toEqual([])
  await checkClocks(vault)
  await checkClocks(vault)
  expect(await noted(incident)).toEqual([`clock_late ${AUTHORITY}`])
})

test('control: without the mark that is committed with the event, the next round would note it again', async () => {
  const incident = await inGermany({ harm: 'risk' })
  const { vault, pass, now } = incident.world
  pass(73 * HOUR_MS)
  await checkClocks(vault)
  const { tenant, id } = stored(incident)
  const was = (await vault.store.findIncident(tenant, id))!
  const forgotten = { ...was, clocks: [], checkAt: now() }
  await vault.store.commit(tenant, [
    { type: 'incident.put', incident: forgotten, expectedVersion: was.version },
  ])
  await checkClocks(vault)
  expect(await noted(incident)).toEqual([`clock_late ${AUTHORITY}`, `clock_late ${AUTHORITY}`])
})

test('what was met late while nobody looked is noted as late with it', async () => {
  const incident = await inGermany({ harm: 'risk' })
  const { world } = incident
  world.pass(80 * HOUR_MS)
  await said(incident, 'met', { rules: [AUTHORITY], at: iso(world.now() - HOUR_MS) })
  expect(await noted(incident)).toEqual([`clock_late ${AUTHORITY}`, `clock_met ${AUTHORITY}`])
  const [late, met] = await leaves(incident)
  expect(late).toMatchObject({ actor: 'system', counts: { late_s: 7 * 3_600 } })
  const met_at_s = (world.now() - HOUR_MS) / 1_000
  expect(met).toMatchObject({ actor: 'platform', counts: { late_s: 7 * 3_600, met_at_s } })
})

test('a notice that was given in time is not late because it was entered afterwards', async () => {
  const incident = await inGermany({ harm: 'risk' })
  const { world } = incident
  world.pass(80 * HOUR_MS)
  await said(incident, 'met', { rules: [AUTHORITY], at: iso(world.now() - 10 * HOUR_MS) })
  await checkClocks(world.vault)
  expect(await noted(incident)).toEqual([`clock_met ${AUTHORITY}`])
})

test('a waiver gives its reason, which is sealed; what it rests on has to be so', async () => {
  const incident = await inGermany({ harm: 'high_risk', circumstances: { encrypted: false } })
  const reason = 'Anna, 138 1234 5678, was told by hand'
  const exemption = { rules: [PERSONS], reason, exemption: 'encrypted' }
  expectProblem(await say(incident, 'waived', exemption), 'invalid_request', [
    { pointer: '/exemption', code: 'not_available' },
  ])
  const other = { ...exemption, exemption: 'no_such_words' }
  expectProblem(await say(incident, 'waived', other), 'invalid_request', [
    { pointer: '/exemption', code: 'unknown' },
  ])
  await assess(incident, { circumstances: { encrypted: true } })
  const [waived] = await said(incident, 'waived', exemption)
  expect(waived).toMatchObject({ state: 'waived', waived: { reason, exemption: 'encrypted' }, met: null })
  const { world } = incident
  const leaf = await world.ok(world.platform, `/v1/events/${waived.waived.event}`)
  expect(leaf.text).not.toContain('138 1234 5678')
})

test('said twice or by two at once, it is said once; taken back, it runs again', async () => {
  const incident = await inGermany({ harm: 'risk' })
  const { world } = incident
  const at = iso(world.now())
  const officers = await Promise.all([
    say(incident, 'met', { rules: [AUTHORITY], at, note: 'by me' }),
    say(incident, 'met', { rules: [AUTHORITY], at, note: 'by me too' }),
  ])
  expect(officers.map(({ status }) => status)).toEqual([200, 200])
  expect(officers[0]?.body.items).toEqual(officers[1]?.body.items)
  await said(incident, 'met', { rules: [AUTHORITY], at: iso(world.now()) })
  const [stays] = await said(incident, 'waived', { rules: [AUTHORITY], reason: 'x' })
  expect(stays.state).toBe('met')
  const key = { 'idempotency-key': 'again' }
  const back = { rules: [AUTHORITY], reason: 'the wrong one' }
  expect((await say(incident, 'reopened', back, key)).body.items[0]).toMatchObject({
    state: 'running',
    met: null,
  })
  expect((await say(incident, 'reopened', back, key)).status).toBe(200)
  expect(await noted(incident)).toEqual([`clock_met ${AUTHORITY}`, `clock_reopened ${AUTHORITY}`])
})

test('rules are marked together or not at all', async () => {
  const incident = await inGermany()
  const rules = [AUTHORITY, 'au-ndb-assessment']
  const at = iso(incident.world.now())
  expectProblem(await say(incident, 'met', { rules, at }), 'invalid_request', [
    { pointer: '/rules/1', code: 'met_by_assessment' },
  ])
  expect((await say(incident, 'met', { rules: ['no-such-rule'], at })).body.errors).toMatchObject([
    { pointer: '/rules/0' },
  ])
  expect(await noted(incident)).toEqual([])
})

test.each([
  ['a notice before anybody knew', -1, 'before_awareness'],
  ['a notice that is to come', 1, 'in_the_future'],
])('%s is refused', async (_, ms, code) => {
  const incident = await inGermany()
  const at = iso(incident.world.now() + ms)
  const pointer = '/at'
  expectProblem(await say(incident, 'met', { rules: [AUTHORITY], at }), 'invalid_request', [
    { pointer, code },
  ])
})

test.each([
  ['determined before anybody knew', { determined_at: '2026-11-23T11:59:59Z' }, '/facts/determined_at', 'incident_before_aware'],
  ['dealt with in the future', { handled_at: '2026-11-23T12:00:01Z' }, '/facts/handled_at', 'in_the_future'],
  ['a zone that is none', { zones: { EU: 'Europe/Atlantis' } }, '/facts/zones/EU', 'incident_zone_unknown'],
  ['a place that is none', { persons: { Bavaria: 1 } }, '/facts/persons', 'invalid'],
  ['fewer than nobody', { persons: { DE: -1 } }, '/facts/persons/DE', 'too_small'],
  ['a law that nobody knows', { harm_in: { XX: 'risk' } }, '/facts/harm_in', 'unknown_field'],
])('of facts, %s is refused by name', async (_, facts, pointer, code) => {
  const incident = await opened()
  expectProblem(await assess(incident, facts), 'invalid_request', [{ pointer, code }])
  expect((await clocks(incident)).facts).toMatchObject({ occurrence: 'possible', zones: {} })
}) // prettier-ignore

test('a fact stays until it is taken back; what is not known runs, and is never no', async () => {
  const incident = await inGermany({ harm_in: { EU: 'unlikely' }, circumstances: { encrypted: true } })
  expect(await clock(incident, AUTHORITY)).toMatchObject({ applies: 'no', state: 'not_applicable' })
  await assess(incident, { harm_in: { EU: null }, circumstances: { mitigated: false } })
  expect(await clock(incident, AUTHORITY)).toMatchObject({ applies: 'unclear', state: 'running' })
  expect((await clocks(incident)).facts).toMatchObject({
    harm_in: {},
    circumstances: { encrypted: true, mitigated: false },
    persons: { DE: 3 },
  })
  await assess(incident, { persons: null })
  expect((await clocks(incident)).persons).toMatchObject({ from: 'nobody', by_jurisdiction: null })
  expect(await clock(incident, 'kr-pipa-34-authority')).toMatchObject({
    state: 'running',
    applies: 'unclear',
  })
})

test('persons are counted in the scope as of now, and what they show is proposed and no more', async () => {
  const world = await openWorld()
  onTestFinished(() => world.close())
  const { tokens, subject } = await world.addCustomer('u-1', PERSON)
  const suspects = { parties: [world.shop.id] }
  const window = { occurred_from: iso(world.now()), occurred_to: iso(world.now() + DAY_MS) }
  const incident = await open(world, { suspects, ...window })
  const none = await clocks(incident, '?all=false')
  expect(none).toMatchObject({ items: [], persons: { from: 'scope', by_jurisdiction: {} } })
  expect((await clocks(incident)).items.length).toBeGreaterThan(50)
  world.pass(1_000)
  await world.ok(world.shop.credential, '/v1/mask', { items: [{ key: 'a', token: tokens.name }] })
  const one = await clocks(incident, '?all=false')
  expect(one).toMatchObject({
    persons: { from: 'scope', as_of: iso(world.now()), by_jurisdiction: { CN: 1 } },
    facts: { data_classes: null },
    proposed_data_classes: ['name'],
  })
  expect(one.items[0]).toMatchObject({ rule: 'cn-ndsr-authority', state: 'due_soon', due_at: null })
  expect(new Set(one.items.map(({ jurisdiction }: { jurisdiction: string }) => jurisdiction))).toEqual(
    new Set(['CN']),
  )
  expectProblem(await close(incident), 'state_conflict')
  await world.ok(world.platform, `/v1/subjects/${subject}`, undefined, 'DELETE')
  expect((await clocks(incident)).persons.by_jurisdiction).toEqual({ unknown: 1 })
})

test('whoever comes into scope after the first count starts clocks, and the job notes it', async () => {
  const world = await openWorld()
  onTestFinished(() => world.close())
  const items = [{ key: 'r', external_ref: 'u-1', jurisdiction: 'DE', person: PERSON }]
  const { body } = await world.ok(world.platform, '/v1/tokenize', { party: world.shop.id, items })
  const suspects = { parties: [world.shop.id] }
  const window = { occurred_from: iso(world.now()), occurred_to: iso(world.now() + 5 * DAY_MS) }
  const incident = await open(world, { suspects, ...window })
  await assess(incident, { harm: 'risk', occurrence: 'established' })
  await checkClocks(world.vault)
  world.pass(71 * HOUR_MS)
  const mask = { items: [{ key: 'a', token: body.items[0].tokens.name }] }
  await world.ok(world.shop.credential, '/v1/mask', mask)
  world.pass(HOUR_MS + 1)
  await checkClocks(world.vault)
  expect(await noted(incident)).toEqual([`clock_late ${AUTHORITY}`])
})

test('a copied store touches everybody in it, whose keys are known or not', async () => {
  const world = await openWorld()
  onTestFinished(() => world.close())
  await world.addCustomer('u-1')
  await world.addCustomer('u-2')
  const window = { occurred_from: iso(world.now()), occurred_to: iso(world.now()) }
  const copied = await open(world, { kind: 'copied_store', ...window })
  expect((await clocks(copied)).persons).toMatchObject({ from: 'scope', by_jurisdiction: { CN: 2 } })
  const leaked = await open(world, { kind: 'key_compromise', ...window })
  expect((await clocks(leaked)).persons.from).toBe('nobody')
  const key_versions = [{ kind: 'wrap', version: 1 }]
  const known = await open(world, { kind: 'key_compromise', suspects: { key_versions }, ...window })
  expect((await clocks(known)).persons).toMatchObject({ from: 'scope', by_jurisdiction: { CN: 2 } })
})

test('law that came into force after the clock had started runs, and says that it is unclear', async () => {
  const KOREA = 'kr-pipa-34-authority'
  const facts = { persons: { KR: 2_000 }, occurrence: 'established' }
  const before = await inGermany(facts, { aware_at: '2026-09-10T14:59:59Z' })
  expect(await clock(before, KOREA)).toMatchObject({
    in_force: true,
    force: { holds: 'unclear', code: 'came_into_force_since' },
    state: 'late',
  })
  expectProblem(await close(before), 'state_conflict')
  await said(before, 'waived', { rules: [KOREA], reason: 'it does not reach back: counsel' })
  expect((await clock(before, KOREA)).state).toBe('waived')
  const since = await open(before.world, { aware_at: '2026-09-10T15:00:00Z' })
  await assess(since, facts)
  expect((await clock(since, KOREA)).force).toMatchObject({ holds: 'yes', code: 'in_force' })
})

test('a wrap-up that waits for the end of handling keeps an incident open', async () => {
  const facts = { persons: { CN: 1_000_000 }, occurrence: 'established', roles: ['network_operator'] }
  const incident = await inGermany(facts)
  const { world } = incident
  const WRAP_UP = 'cn-cac-wrap-up'
  const rest = (await clocks(incident, '?all=false')).items.flatMap(({ rule }: { rule: string }) =>
    rule === WRAP_UP ? [] : [rule],
  )
  await said(incident, 'met', { rules: rest, at: iso(world.now()) })
  expect(await clock(incident, WRAP_UP)).toMatchObject({ state: 'pending', due_at: null })
  expectProblem(await close(incident), 'state_conflict')
  await assess(incident, { handled_at: iso(world.now()) })
  expect(await clock(incident, WRAP_UP)).toMatchObject({ state: 'running' })
  await said(incident, 'met', { rules: [WRAP_UP], at: iso(world.now()) })
  expect((await close(incident)).status).toBe(200)
})

test('a closed incident is looked at no more, and a reopened one is again', async () => {
  const incident = await inGermany({ persons: {} })
  const { world, path } = incident
  expect((await close(incident)).status).toBe(200)
  expect(await world.store.listChecks(10)).toEqual([])
  expectProblem(await say(incident, 'met', { rules: [AUTHORITY], at: iso(world.now()) }), 'state_conflict')
  await world.ok(world.platform, `${path}/reopen`, { reason: 'there were some after all' })
  await assess(incident, { persons: { DE: 1 }, harm: 'risk' })
  world.pass(73 * HOUR_MS)
  await checkClocks(world.vault)
  expect(await noted(incident)).toEqual([`clock_late ${AUTHORITY}`])
})

test('open points say that clocks run, as of the last count', async () => {
  const incident = await inGermany({ harm: 'risk' })
  const { world, path } = incident
  const points = async () => (await world.ok(world.platform, path)).body.open_points
  expect(await points()).toEqual(['not_contained', 'clocks_running'])
  await said(incident, 'waived', { rules: [AUTHORITY], reason: 'x' })
  expect(await points()).toEqual(['not_contained'])
})
