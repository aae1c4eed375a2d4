import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { secret } from '../../../src/core/secret.ts'
import { openVault } from '../../../src/runtime/node/compose.ts'
import { readConfig } from '../../../src/runtime/node/config.ts'
import { MOVED_TABLES } from '../../../src/storage/move/tables.ts'
import { leafHash } from '../../../src/tlog/merkle.ts'
import { openCheckpoint } from '../../../src/tlog/checkpoint.ts'
import { parseVerifier } from '../../../src/tlog/note.ts'
import { verifyProof } from '../../../src/tlog/proof-file.ts'
import { read } from '../../http/harness.ts'
import type { Answered, Harness, Request } from '../../http/harness.ts'
import { PERSON, TO_THE_DOOR, openWorld } from '../../http/world.ts'
import type { Customer, World } from '../../http/world.ts'
import { SharedNode } from '../../postgres/shared-node.ts'
import { EdgeWorker } from '../edge-worker.ts'
import { moveAndKill } from './killed.ts'
import { rowsIn, tryMove } from './stores.ts'

// A tenant at the edge, as it is served there, and moved to Node by its operator.

const MAIN = join(import.meta.dirname, '../../../src/cli/main.ts')

let root: string
let worker: EdgeWorker
let world: World
let from: string
const at = (name: string) => join(root, name)

async function callAt(url: string, credential: string | undefined, path: string, asked: Request = {}) {
  const { body, method = body === undefined ? 'GET' : 'POST', headers = {} } = asked
  const response = await fetch(`${url}${path}`, {
    method,
    headers: {
      ...(credential !== undefined && { authorization: `Bearer ${credential}` }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  return read(response)
}

const admin = (path: string, method: string) =>
  callAt(worker.url, worker.adminSecret, `/admin/tenants/default${path}`, { method })

function worldAtEdge(): Promise<World> {
  const harness: Pick<Harness, 'addTenant' | 'call'> = {
    addTenant: async () => (await admin('', 'PUT')).body.credential,
    call: (credential, path, asked) => callAt(worker.url, credential, path, asked),
  }
  return openWorld(Promise.resolve(harness as Harness))
}

function look(url: string, waybill: string): Promise<Answered> {
  const body = { purpose: 'delivery', operator: { id: 'emp-1' }, items: [{ key: 'a', waybill }] }
  return callAt(url, world.courier.credential, '/v1/reveal', { body })
}

async function leafAt(url: string, id: string): Promise<Uint8Array> {
  const headers = { authorization: `Bearer ${world.platform}` }
  return new Uint8Array(await (await fetch(`${url}/v1/events/${id}/leaf`, { headers })).arrayBuffer())
}

type Known = {
  waybill: string
  staying: Customer
  erased: Customer
  event: string
  leaf: Uint8Array
  proof: string
  checkpoint: string
  vkey: string
}
let known: Known

async function fillEdge(): Promise<Known> {
  const staying = await world.addCustomer('u-0')
  const { id, waybill } = await world.ship(staying.tokens, 'SO-1')
  await world.move(id, ...TO_THE_DOOR)
  const looked = (await look(worker.url, waybill)).body.items[0]
  expect(looked.fields.phone.value).toBe(PERSON.phone)
  const erased = await world.addCustomer('u-1', { ...PERSON, email: 'leaving@example.com' })
  await world.ok(world.platform, `/v1/subjects/${erased.subject}`, { reason: 'asked to' }, 'DELETE')
  const proofOf = () => world.call(world.platform, `/v1/events/${looked.event}/proof`)
  const proven = async () => expect((await proofOf()).status).toBe(200)
  await vi.waitFor(proven, { timeout: 30_000, interval: 100 })
  const text = async (path: string) => (await world.call(undefined, path)).text
  return {
    waybill,
    staying,
    erased,
    event: looked.event,
    leaf: await leafAt(worker.url, looked.event),
    proof: (await proofOf()).text,
    checkpoint: await text('/log/default/checkpoint'),
    vkey: await text('/log/default/vkey'),
  }
}

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'cloakroom-move-'))
  worker = await EdgeWorker.start()
  from = `${worker.url}/admin/tenants/default`
  world = await worldAtEdge()
  known = await fillEdge()
})
afterAll(async () => {
  await worker.stop()
  rmSync(root, { recursive: true })
})

const isServed = async () => (await callAt(worker.url, world.platform, '/v1/parties')).status === 200

function order(to: string, adminSecret = worker.adminSecret) {
  return { from, to: at(to), adminSecret: secret(adminSecret) }
}

describe('a move of a tenant at the edge that cannot be made leaves it served', () => {
  test('without the admin secret, or with another', async () => {
    expect((await tryMove({ from, to: at('new') })).code).toBe('config_invalid')
    expect((await tryMove(order('new', `${worker.adminSecret}0`))).code).toBe('unauthenticated')
    expect(await isServed()).toBe(true)
  })

  test('of a tenant that is not there, and from a place where nothing is', async () => {
    const other = { ...order('new'), from: from.replace('default', 'nobody') }
    expect((await tryMove(other)).code).toBe('not_found')
    const away = { ...order('new'), from: 'http://localhost:1/admin/tenants/default' }
    expect((await tryMove(away)).code).toBe('unavailable')
  })

  test.each([
    'http://vault.example/admin/tenants/acme',
    'https://vault.example/admin/tenants/Acme',
    'https://vault.example/admin/tenants/acme/rest',
    'https://u:secret@vault.example/admin/tenants/acme',
    'https://vault.example/admin/tenants/acme?secret=1',
    'https://vault.example/',
  ])('of %s, to which no secret goes', async (wrong) => {
    const { code, message } = await tryMove({ ...order('new'), from: wrong })
    expect(code).toBe('invalid_request')
    expect(message).not.toContain('secret')
  })

  test('into a folder that holds a vault, into a file, and into another object', async () => {
    const env = { CLOAKROOM_DATA: at('mine'), CLOAKROOM_KEYS: at('mine-keys') }
    await (await openVault(readConfig(env))).close()
    const before = rowsIn(at('mine'))
    expect((await tryMove(order('mine'))).code).toBe('store_not_empty')
    writeFileSync(at('file'), 'x')
    expect((await tryMove(order('file'))).code).toBe('invalid_request')
    const into = { ...order('x'), from: at('mine'), to: from }
    expect((await tryMove(into)).code).toBe('invalid_request')
    expect(rowsIn(at('mine'))).toEqual(before)
    expect(await isServed()).toBe(true)
  })

  test('when only a comparison was asked for', async () => {
    expect((await tryMove({ ...order('mine'), checkOnly: true })).code).toBe('state_conflict')
    expect(await isServed()).toBe(true)
  })
})

describe('a tenant at the edge', () => {
  const env = () => ({ CLOAKROOM_ADMIN_SECRET: worker.adminSecret })

  test('that was woken and written to is not gone on with', async () => {
    expect((await moveAndKill(from, at('half'), 6, env())).moved).toBe(false)
    expect(await isServed()).toBe(false)
    await admin('/rest', 'DELETE')
    expect(await isServed()).toBe(true)
    await world.addCustomer('u-2', { ...PERSON, email: 'late@example.com' })
    expect((await tryMove(order('half'))).code).toBe('move_source_changed')
  })

  test('woken in the middle is not copied any further', async () => {
    let woken: Promise<Answered> | undefined
    const stage = (name: string) => {
      if (name === 'copying') woken = admin('/rest', 'DELETE')
    }
    expect((await tryMove({ ...order('woken'), maxRows: 1 }, { stage })).code).toBe('state_conflict')
    expect((await woken)?.status).toBe(200)
  })

  test('is moved by the command, killed twice on the way, and proven', async () => {
    expect((await moveAndKill(from, at('new'), 8, env())).moved).toBe(false)
    expect((await moveAndKill(from, at('new'), 'comparing', env())).moved).toBe(false)
    const done = await run(['move', '--from', from, '--to', at('new')], { ...process.env, ...env() })
    expect(done.code, done.said).toBe(0)
    expect(done.said.match(/^same .* rows/gm)).toHaveLength(MOVED_TABLES.length)
    expect(done.said).toMatch(/^same +log of default: \d+ events/m)
    expect(done.said).toContain(`DELETE ${from}/rest wakes it`)
    expect(done.said).not.toContain(worker.adminSecret)
    const rows = rowsIn(at('new'))
    expect([rows['subjects']?.length, rows['tenants']?.length]).toEqual([3, 1])
    // It stays at rest: nobody goes on with the other half of its log by accident.
    expect((await callAt(worker.url, world.platform, '/v1/parties')).body.code).toBe('tenant_moving')
    expect((await tryMove({ ...order('new'), checkOnly: true })).code).toBe('moved')
  })

  test('goes on at Node under the same root key: tokens, looks, the log and its proofs, and who was erased', async () => {
    const keys = at('keys')
    mkdirSync(keys, { mode: 0o700 })
    writeFileSync(join(keys, 'root.key'), worker.rootKey, { mode: 0o600 })
    const node = new SharedNode({ CLOAKROOM_DATA: at('new'), CLOAKROOM_KEYS: keys })
    try {
      const checked = await run(['fsck'], node.env)
      expect(checked.code, checked.said).toBe(0)
      expect(checked.said).toMatch(/^Nothing found in 1 tenants/m)
      await node.start()
      const { url } = node
      const shown = await look(url, known.waybill)
      expect(shown.body.items[0]).toMatchObject({ status: 'ok', fields: { phone: { value: PERSON.phone } } })
      const masked = await callAt(url, world.shop.credential, '/v1/mask', {
        body: { items: Object.values(known.erased.tokens).map((token, i) => ({ key: `k${i}`, token })) },
      })
      for (const item of masked.body.items) expect(item.status).not.toBe('ok')
      const log = parseVerifier(known.vkey.trim())!
      expect((await callAt(url, undefined, '/log/default/vkey')).text).toBe(known.vkey)
      const old = openCheckpoint(known.checkpoint, log)!
      expect(await leafAt(url, known.event)).toEqual(known.leaf)
      await expect
        .poll(
          async () => {
            const { text } = await callAt(url, undefined, '/log/default/checkpoint')
            return openCheckpoint(text, log)?.size ?? 0
          },
          { timeout: 30_000 },
        )
        .toBeGreaterThan(old.size)
      const now = (await callAt(url, world.platform, `/v1/events/${known.event}/proof`)).text
      for (const proof of [known.proof, now])
        expect(verifyProof(proof, leafHash(known.leaf), { log })).toMatchObject({ ok: true })
      await node.stop()
      writeFileSync(at('checkpoint'), known.checkpoint)
      const again = await run(['fsck', '--checkpoint', at('checkpoint')], node.env)
      expect(again.code, again.said).toBe(0)
    } finally {
      node.discard()
    }
  })
})

function run(args: readonly string[], env: NodeJS.ProcessEnv): Promise<{ code: number; said: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [MAIN, ...args], { env }, (error, stdout, stderr) =>
      resolve({ code: Number(error?.code ?? 0), said: `${stdout}${stderr}` }),
    )
  })
}
