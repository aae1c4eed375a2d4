// `npm run edge:measure`: what docs/edge.md says of start, speed and size, measured against `wrangler dev` on this machine.
import Database from 'better-sqlite3'
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fire } from './bench/load.ts'
import { addParcels, addPersons, makeWorld, tokenizeBody } from './bench/world.ts'
import type { World } from './bench/world.ts'
import { ADMIN_SECRET, URL, sealedFolder, startEdge } from './edge/dev-service.ts'
import type { DevService } from './edge/dev-service.ts'

const PERSONS = 10_000
const PARCELS = 2_000
const STARTS = 5
const PROOFS = 10

const folder = mkdtempSync(join(tmpdir(), 'cloakroom-edge-measure-'))

function headers(key: string): Record<string, string> {
  return { authorization: `Bearer ${key}`, 'content-type': 'application/json' }
}

async function makeTenant(): Promise<string> {
  const response = await fetch(`${URL}/admin/tenants/default`, {
    method: 'PUT',
    headers: headers(ADMIN_SECRET),
  })
  const { credential } = (await response.json()) as { credential: string }
  return credential
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now()
  await work()
  return performance.now() - started
}

/** The first request that an object gets after its process started, and the one after it. */
async function measureStarts(key: string): Promise<void> {
  const ask = async () => {
    const response = await fetch(`${URL}/v1/parties`, { headers: headers(key) })
    if (!response.ok) throw new Error(`${response.status} ${await response.text()}`)
    await response.text()
  }
  const taken: { first: number; second: number }[] = []
  for (let i = 0; i < STARTS; i++) {
    const service = await startEdge(folder)
    taken.push({ first: await timed(ask), second: await timed(ask) })
    await service.stop()
  }
  const shown = (of: 'first' | 'second') => taken.map((one) => one[of].toFixed(0)).join(', ')
  console.log(`first call of an object, root key sealed by argon2id (64 MiB, t=3, p=4): ${shown('first')} ms`)
  console.log(`the call after it: ${shown('second')} ms`)
}

type Shot = Parameters<typeof fire>[1]

async function shoot(
  service: DevService,
  what: string,
  shot: Shot,
  bodies: readonly string[],
  connections: number,
) {
  const before = service.cpuSeconds()
  const load = await fire(URL, shot, bodies, () => true, connections)
  const after = service.cpuSeconds()
  const cpuMs = (of: 'proxy' | 'worker') => (((after[of] - before[of]) * 1000) / bodies.length).toFixed(2)
  console.log(
    `${what.padEnd(30)} ${load.perSecond.toFixed(0).padStart(6)} calls/s  p50 ${load.p50} ms  p99 ${load.p99} ms` +
      `  CPU a call: ${cpuMs('worker')} ms, wrangler's proxy ${cpuMs('proxy')} ms  wrong ${load.wrong}`,
  )
}

function revealBodies(waybills: readonly string[], perCall: number): string[] {
  return Array.from({ length: Math.floor(waybills.length / perCall) }, (_, call) => {
    const items = waybills
      .slice(call * perCall, (call + 1) * perCall)
      .map((waybill) => ({ key: waybill, waybill }))
    return JSON.stringify({ purpose: 'delivery', operator: { id: 'emp-17' }, items })
  })
}

async function measureSpeed(service: DevService, world: World, waybills: readonly string[]): Promise<void> {
  const reveal = { method: 'POST', path: '/v1/reveal', headers: headers(world.courier.key) } as const
  const list = { method: 'GET', path: '/v1/parties', headers: headers(world.platform.key) } as const
  const empty = Array.from({ length: 3_000 }, () => '')
  const health = { method: 'GET', path: '/healthz' } as const
  const tokenize = { method: 'POST', path: '/v1/tokenize', headers: headers(world.merchant.key) } as const
  const batches = Array.from({ length: 30 }, (_, i) => tokenizeBody(50_000_000 + i * 100, 100))
  for (let round = 1; round <= 2; round++) {
    console.log(`round ${round}, load average ${loadavg()[0]?.toFixed(1)}`)
    await shoot(service, 'GET /healthz, the Worker alone', health, empty, 64)
    await shoot(service, 'GET /v1/parties', list, empty, 64)
    await shoot(service, 'reveal, 1 item a call', reveal, revealBodies(waybills, 1), 64)
    await shoot(service, 'reveal, 100 items a call', reveal, revealBodies(waybills, 100), 8)
  }
  await shoot(service, 'tokenize, 100 persons a call', tokenize, batches, 8)
}

/** From the answer of a reveal to the proof of its event, asked for every 20 ms. */
async function measureProofs({ courier, platform }: World, waybills: readonly string[]): Promise<void> {
  const taken: number[] = []
  for (const [body] of waybills.slice(0, PROOFS).map((waybill) => revealBodies([waybill], 1))) {
    const answer = await fetch(`${URL}/v1/reveal`, {
      method: 'POST',
      headers: headers(courier.key),
      body: body ?? '',
    })
    const { items } = (await answer.json()) as { items: { event: string }[] }
    const ready = async () => {
      const proof = await fetch(`${URL}/v1/events/${items[0]?.event}/proof`, {
        headers: headers(platform.key),
      })
      await proof.text()
      return proof.status === 200
    }
    taken.push(
      await timed(async () => {
        while (!(await ready())) await sleep(20)
      }),
    )
  }
  const sorted = taken.toSorted((a, b) => a - b)
  console.log(`from a reveal's answer to its proof: ${sorted.map((ms) => ms.toFixed(0)).join(', ')} ms`)
}

/** What the tenant's object has stored, in bytes: its pages, once nothing has it open. */
function storedBytes(): number {
  const objects = join(folder, 'edge', 'v3', 'do', 'cloakroom-VaultObject')
  const files = readdirSync(objects).filter((name) => /^[0-9a-f]{64}\.sqlite$/.test(name))
  const [largest] = files
    .map((name) => join(objects, name))
    .toSorted((a, b) => statSync(b).size - statSync(a).size)
  if (largest === undefined) throw new Error('no object has stored anything')
  const client = new Database(largest)
  const [pages, size] = [
    client.pragma('page_count', { simple: true }),
    client.pragma('page_size', { simple: true }),
  ]
  client.close()
  return Number(pages) * Number(size)
}

async function withEdge<T>(work: (service: DevService) => Promise<T>): Promise<T> {
  const service = await startEdge(folder)
  try {
    return await work(service)
  } finally {
    await service.stop()
  }
}

try {
  await sealedFolder(folder)
  const key = await withEdge(makeTenant)
  await measureStarts(key)
  const world = await withEdge(() => makeWorld(URL, key))
  const empty = storedBytes()
  const tokens = await withEdge(() => addPersons(world.merchant, 0, PERSONS, PERSONS / PARCELS))
  const withPersons = storedBytes()
  const waybills = await withEdge(() => addParcels(world, tokens))
  const withParcels = storedBytes()
  await withEdge((service) => measureSpeed(service, world, waybills))
  await withEdge(() => measureProofs(world, waybills))
  console.log(`a tenant without persons: ${(empty / 1024).toFixed(0)} KiB`)
  console.log(
    `a person with four fields and tokens, and the event: ${Math.round((withPersons - empty) / PERSONS)} bytes`,
  )
  const perParcel = Math.round((withParcels - withPersons) / PARCELS)
  console.log(`a parcel with two stages more and their events: ${perParcel} bytes`)
} finally {
  rmSync(folder, { recursive: true, force: true })
}
