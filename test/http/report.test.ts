import { expect, onTestFinished, test, vi } from 'vitest'
import { fromBase64, toBase64 } from '../../src/core/bytes.ts'
import { integrateLog } from '../../src/vault/log/integrate.ts'
import { parseTenantId } from '../../src/core/id.ts'
import type { TenantId } from '../../src/core/id.ts'
import { openCheckpoint } from '../../src/tlog/checkpoint.ts'
import { leafHash } from '../../src/tlog/merkle.ts'
import { parseVerifier } from '../../src/tlog/note.ts'
import { verifyInclusion } from '../../src/tlog/verify.ts'
import { expectProblem } from './expectations.ts'
import { Channels } from '../../src/vault/incidents/notices/channel.ts'
import type { Channel } from '../../src/vault/incidents/notices/channel.ts'
import { openHarness } from './harness.ts'
import { openStore } from './open-store.ts'
import { PERSON, openWorld } from './world.ts'
import type { World } from './world.ts'

const DEFAULT = parseTenantId('default') as TenantId
const DAY_MS = 86_400_000

const NOWHERE: Channel = {
  width: 1,
  send: () => Promise.resolve({ result: 'sent' }),
  close: () => Promise.resolve(),
}

async function opened(): Promise<World> {
  const world = await openWorld()
  onTestFinished(() => world.close())
  return world
}

function iso(ms: number): string {
  return new Date(ms).toISOString()
}

/** A shop whose two customers were looked at once each, and an incident about it that was assessed and contained. */
async function leaked(world: World): Promise<string> {
  const { platform, shop } = world
  for (const ref of ['u-1', 'u-2']) {
    const { subject, tokens } = await world.addCustomer(ref)
    await world.ok(platform, '/v1/grants', {
      subject,
      party: shop.id,
      purpose: 'customer_service',
      fields: { phone: 'full' },
      basis: 'contract',
      until: iso(world.now() + 30 * DAY_MS),
    })
    const items = [{ key: 'a', token: tokens.phone, order_ref: 'SO-1' }]
    const operator = { id: 'zhang-san', device: 'pc-1' }
    await world.ok(shop.credential, '/v1/reveal', { purpose: 'customer_service', operator, items })
  }
  const incident = {
    title: 'Key of 王小明的店 <b>leaked</b>',
    kind: 'credential_leak',
    aware_at: iso(world.now()),
    occurred_from: iso(world.now() - DAY_MS),
    occurred_to: iso(world.now()),
    suspects: { parties: [shop.id] },
  }
  const { id } = (await world.ok(platform, '/v1/incidents', incident)).body
  await world.ok(platform, `/v1/incidents/${id}/assess`, { severity: 'high', reason: '臺灣 too' })
  await world.ok(platform, `/v1/incidents/${id}/contain`, { actions: ['suspend_parties'] })
  return id
}

function ask(world: World, path: string, accept?: string) {
  return world.call(world.platform, path, accept === undefined ? {} : { headers: { accept } })
}

test('the report has the figures of the incident and of its scope, in JSON and HTML alike', async () => {
  const world = await opened()
  const id = await leaked(world)
  await integrateLog(world.vault, DEFAULT)
  const path = `/v1/incidents/${id}`
  const incident = (await world.ok(world.platform, path)).body
  const scope = (await world.ok(world.platform, `${path}/scope`)).body
  const { body: report, headers } = await ask(world, `${path}/report`)
  expect(headers.get('content-type')).toBe('application/json')
  expect(report.incident).toMatchObject({ id, title: incident.title, kind: incident.kind, severity: 'high' })
  expect(report.timeline.map(({ event }: { event: string }) => event)).toEqual(
    incident.timeline.map(({ event }: { event: string }) => event),
  )
  expect(report.scope).toMatchObject({
    events: 2,
    subjects: scope.subjects,
    by_jurisdiction: { CN: 2 },
    by_field: [{ field: 'phone', view: 'full', events: 2, subjects: 2 }],
    operators: 1,
  })
  expect(report.measures).toMatchObject([
    { action: 'suspend_parties', state: 'done', counts: { parties: 1 } },
  ])
  expect(report).toMatchObject({ notices: [], form: null })
  const { items } = (await world.ok(world.platform, `${path.replace('/report', '')}/clocks`)).body
  expect(report.clocks).toEqual(items)
  const { text: html, headers: htmlHeaders } = await ask(world, `${path}/report`, 'text/html')
  expect(htmlHeaders.get('content-type')).toBe('text/html; charset=utf-8')
  expect(htmlHeaders.get('content-security-policy')).toMatch(/^default-src 'none'; style-src 'sha256-[^']+';/)
  expect(htmlHeaders.get('cache-control')).toBe('no-store')
  expect(html).toContain('<td>Key of 王小明的店 &lt;b&gt;leaked&lt;/b&gt;</td>')
  const row = (label: string, value: number) =>
    expect(html.replaceAll(/\s+/g, ' ')).toContain(`<th scope="row">${label}</th> <td>${value}</td>`)
  row('Persons', report.scope.subjects)
  row('Disclosures in the log', report.scope.events)
  row('Leaves covered', report.log.checkpoint.size)
})

test('it shows nothing of those whom it is about, and no name of who looked', async () => {
  const world = await opened()
  const id = await leaked(world)
  for (const accept of ['application/json', 'text/html']) {
    const { text } = await ask(world, `/v1/incidents/${id}/report?form=cac`, accept)
    for (const value of [PERSON.phone, PERSON.email, PERSON.address.line1, 'zhang-san', 'pc-1']) {
      expect(text).not.toContain(value)
    }
  }
})

test('each step can be checked against the checkpoint, by the report alone', async () => {
  const world = await opened()
  const id = await leaked(world)
  await integrateLog(world.vault, DEFAULT)
  const { body: report } = await ask(world, `/v1/incidents/${id}/report`)
  const verifier = parseVerifier(report.log.vkey)!
  const checkpoint = openCheckpoint(report.log.checkpoint.note, verifier)!
  expect(checkpoint.size).toBe(report.log.checkpoint.size)
  expect(report.open_points.map(({ code }: { code: string }) => code)).not.toContain('proof_pending')
  const checks = (hash: Uint8Array, { index, path }: { index: number; path: string[] }) => {
    const proof = path.map((one) => fromBase64(one)!)
    return verifyInclusion({ leafHash: hash, index, size: checkpoint.size, root: checkpoint.root, proof })
  }
  for (const { event, proof } of report.timeline) {
    const leaf = await world.call(world.platform, `/v1/events/${event}/leaf`)
    expect(toBase64(leafHash(new TextEncoder().encode(leaf.text)))).toBe(proof.leaf_hash)
    const hash = fromBase64(proof.leaf_hash)!
    expect(checks(hash, proof)).toBe(true)
    // The control: another leaf in its place is found.
    expect(checks(leafHash(hash), proof)).toBe(false)
  }
})

test('before a checkpoint covers a step the report says so, and is there all the same', async () => {
  const world = await opened()
  const id = await leaked(world)
  const { body } = await ask(world, `/v1/incidents/${id}/report`)
  expect(body.timeline[0].proof).toMatchObject({ covered: false, path: [] })
  expect(body.open_points).toContainEqual({ code: 'proof_pending', about: null })
})

test('without suspects or a window the report is there, and its scope is an open point', async () => {
  const world = await opened()
  const body = { title: 'x', kind: 'insider', aware_at: iso(world.now()) }
  const { id } = (await world.ok(world.platform, '/v1/incidents', body)).body
  expectProblem(await ask(world, `/v1/incidents/${id}/scope`), 'state_conflict')
  const report = (await ask(world, `/v1/incidents/${id}/report?form=gdpr-33`)).body
  expect(report.scope).toBeNull()
  const codes = report.open_points.map(({ code }: { code: string }) => code)
  expect(codes).toContain('scope_without_bounds')
  expect(report.form.items.every(({ open }: { open: boolean }) => open)).toBe(true)
})

test('each form is answered; what is no form or no format has a code of its own', async () => {
  const world = await opened()
  const path = `/v1/incidents/${await leaked(world)}/report`
  for (const form of ['gdpr-33', 'cac', 'pipc']) {
    expect((await ask(world, `${path}?form=${form}`)).body.form.code).toBe(form)
  }
  expectProblem(await ask(world, `${path}?form=hipaa`), 'invalid_request', [
    { pointer: '/form', code: 'invalid' },
  ])
  for (const accept of ['image/png', 'application/xml, text/plain', 'text/html;q=0', '*/*;q=0']) {
    expectProblem(await ask(world, path, accept), 'not_acceptable')
  }
  const typeFor = async (accept: string) => (await ask(world, path, accept)).headers.get('content-type')
  for (const accept of ['*/*', 'application/*', 'text/html;q=0.5, application/json', '']) {
    expect(await typeFor(accept), accept).toBe('application/json')
  }
  for (const accept of ['text/*', 'TEXT/HTML', 'application/json;q=0.1, text/html', 'text/html, */*;q=0.8']) {
    expect(await typeFor(accept), accept).toBe('text/html; charset=utf-8')
  }
})

test('where nothing makes a PDF, whoever wants nothing else is told so, and a browser gets HTML', async () => {
  const world = await opened()
  const path = `/v1/incidents/${await leaked(world)}/report`
  expectProblem(await ask(world, path, 'application/pdf'), 'not_acceptable')
  const { headers } = await ask(world, path, 'application/pdf, text/html;q=0.5')
  expect(headers.get('content-type')).toBe('text/html; charset=utf-8')
})

test('for a report the log is read once: its scope and its clocks are of one moment', async () => {
  const world = await opened()
  const id = await leaked(world)
  const scans = vi.spyOn(world.vault.store, 'scanEvents')
  const readFor = async (path: string) => {
    scans.mockClear()
    await world.ok(world.platform, `/v1/incidents/${id}/${path}`)
    return scans.mock.calls.length
  }
  const once = await readFor('scope')
  expect(once).toBeGreaterThan(0)
  expect(await readFor('report')).toBe(once)
  // The control: asked for one after the other, they read it twice.
  expect(once + (await readFor('clocks'))).toBe(2 * once)
})

test('a form takes what was written to its own authority, whichever was written to last', async () => {
  const world = await openWorld(openHarness({ openStore, channels: new Channels({ email: NOWHERE }) }))
  onTestFinished(() => world.close())
  const id = await leaked(world)
  const write = (jurisdiction: string, contact: string) =>
    world.ok(world.platform, `/v1/incidents/${id}/notices`, {
      audience: 'authority',
      jurisdiction,
      to: ['authority@example.com'],
      template: { values: { en: { sender: 'Shop Ltd', nature: 'A key leaked.', contact } } },
    })
  await write('EU', 'Office in Leipzig')
  world.pass(1_000)
  await write('KR', 'Office in Seoul')
  const filledIn = async (form: string) => {
    const { body } = await ask(world, `/v1/incidents/${id}/report?form=${form}`)
    return JSON.stringify(body.form.items)
  }
  const [eu, kr, cn] = [await filledIn('gdpr-33'), await filledIn('pipc'), await filledIn('cac')]
  expect([eu.includes('Leipzig'), eu.includes('Seoul')]).toEqual([true, false])
  expect([kr.includes('Leipzig'), kr.includes('Seoul')]).toEqual([false, true])
  // Nothing was written to China: the newest there is has to do.
  expect(cn).toContain('Shop Ltd')
})

test('on a narrow screen each cell of a table stands behind the name of its column', async () => {
  const world = await opened()
  const id = await leaked(world)
  const { text } = await ask(world, `/v1/incidents/${id}/report`, 'text/html')
  const labels = [...text.matchAll(/<td data-label="([^"]*)">/g)].map(([, label]) => label)
  for (const column of ['Rule', 'Due', 'Leaf hash (base64)']) expect(labels).toContain(column)
  expect(labels).not.toContain('')
})
