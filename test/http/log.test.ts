import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openCheckpoint } from '../../src/tlog/checkpoint.ts'
import { leafHash, rootOf } from '../../src/tlog/merkle.ts'
import { parseVerifier } from '../../src/tlog/note.ts'
import { verifyProof } from '../../src/tlog/proof-file.ts'
import { integrateLogs } from '../../src/vault/log/integrate.ts'
import { expectProblem } from './expectations.ts'
import { openWorld } from './world.ts'
import type { Customer, World } from './world.ts'

let world: World
let customer: Customer
beforeAll(async () => {
  world = await openWorld()
  customer = await world.addCustomer('u-1')
  await integrateLogs(world.vault)
})
afterAll(() => world.close())

async function bytesOf(credential: string | undefined, path: string): Promise<Uint8Array> {
  const headers = credential === undefined ? {} : { authorization: `Bearer ${credential}` }
  const response = await world.app.request(`https://vault.test${path}`, { headers })
  expect(response.status).toBe(200)
  return new Uint8Array(await response.arrayBuffer())
}

async function verifier() {
  const { text } = await world.ok(undefined as never, '/log/default/vkey')
  return parseVerifier(text.trim())!
}

async function allEvents(): Promise<{ id: string; index: number }[]> {
  return (await world.ok(world.platform, '/v1/events?limit=100')).body.items
}

describe('the public log', () => {
  test('the checkpoint is signed by the key that is given out, and its root is that of all leaves', async () => {
    const { text, headers } = await world.call(undefined, '/log/default/checkpoint')
    expect(headers.get('cache-control')).toBe('no-cache')
    const checkpoint = openCheckpoint(text, await verifier())!
    const leaves = await Promise.all(
      (await allEvents()).map(({ id }) => bytesOf(world.platform, `/v1/events/${id}/leaf`)),
    )
    expect(checkpoint).toMatchObject({ origin: 'vault.test/log/default', size: leaves.length })
    expect(checkpoint.root).toEqual(rootOf(leaves.map(leafHash)))
  })

  test('a tile holds the leaf hashes, in any width that the log has reached, and is never revalidated', async () => {
    const events = await allEvents()
    const leaves = await Promise.all(events.map(({ id }) => bytesOf(world.platform, `/v1/events/${id}/leaf`)))
    const tile = await bytesOf(undefined, `/log/default/tile/0/000.p/${leaves.length}`)
    expect(Buffer.from(tile)).toEqual(Buffer.concat(leaves.map(leafHash)))
    const narrow = await world.call(undefined, '/log/default/tile/0/000.p/3')
    expect(narrow.status).toBe(200)
    expect(narrow.headers.get('cache-control')).toContain('immutable')
  })

  test.each([
    '/log/default/tile/0/000',
    '/log/default/tile/0/000.p/255',
    '/log/default/tile/0/0',
    '/log/default/tile/0/000.p/0',
    '/log/default/tile/0/000.p/3/',
    '/log/default/tile/9/000.p/1',
    '/log/default/tile/0/x001/000',
    '/log/default/tile/',
    '/log/nobody/checkpoint',
    '/log/nobody/vkey',
    '/log/nobody/tile/0/000.p/1',
    '/log/Nobody!/checkpoint',
  ])('%s is not there', async (path) => {
    expectProblem(await world.call(undefined, path), 'not_found')
  })
})

describe('an event’s proof', () => {
  test('verifies offline against leaf and key, for platform and party alike', async () => {
    const log = await verifier()
    for (const { id, index } of await allEvents()) {
      const hash = leafHash(await bytesOf(world.platform, `/v1/events/${id}/leaf`))
      const { text, headers } = await world.ok(world.platform, `/v1/events/${id}/proof`)
      expect(headers.get('content-type')).toMatch(/^text\/plain/)
      expect(verifyProof(text, hash, { log })).toMatchObject({ ok: true, index })
      const other = Uint8Array.from(hash)
      other[0]! ^= 1
      expect(verifyProof(text, other, { log })).toMatchObject({ ok: false })
    }
  })

  test('is 202 until a checkpoint covers the event, then there', async () => {
    await world.ok(world.shop.credential, '/v1/mask', { items: [{ key: 'k', token: customer.tokens.name }] })
    const shown = (await allEvents()).at(-1)!
    const early = await world.call(world.platform, `/v1/events/${shown.id}/proof`)
    expect(early.status).toBe(202)
    expect(early.headers.get('retry-after')).toBe('1')
    expect(early.text).toBe('')
    await integrateLogs(world.vault)
    expect((await world.call(world.shop.credential, `/v1/events/${shown.id}/proof`)).status).toBe(200)
  })

  test('of what is another’s is answered like what does not exist', async () => {
    const [first] = await allEvents()
    expectProblem(await world.call(world.shop.credential, `/v1/events/${first!.id}/proof`), 'not_found')
  })

  test('a log of thousands is integrated in steps that each stand alone, and stays one tree', async () => {
    const before = await world.call(undefined, '/log/default/checkpoint')
    const items = Array.from({ length: 100 }, (_, i) => ({ key: `k${i}`, token: customer.tokens.name }))
    for (let i = 0; i < 30; i++) await world.ok(world.shop.credential, '/v1/mask', { items })
    const many = Array.from({ length: 100 }, (_, i) => ({
      key: `k${i}`,
      external_ref: `many-${i}`,
      person: { name: '王小明' },
    }))
    for (let i = 0; i < 14; i++) {
      await world.ok(world.platform, '/v1/tokenize', { party: world.shop.id, items: many })
    }
    await integrateLogs(world.vault)
    const after = await world.call(undefined, '/log/default/checkpoint')
    const log = await verifier()
    const [old, grown] = [before, after].map(({ text }) => openCheckpoint(text, log)!)
    expect(grown!.size).toBeGreaterThan(old!.size + 1_400)
    const tiles: Uint8Array[] = []
    for (let at = 0; at < grown!.size; at += 256) {
      const width = Math.min(256, grown!.size - at)
      const index = String(at / 256).padStart(3, '0')
      tiles.push(await bytesOf(undefined, `/log/default/tile/0/${index}${width < 256 ? `.p/${width}` : ''}`))
    }
    const hashes = tiles.flatMap((tile) =>
      Array.from({ length: tile.length / 32 }, (_, i) => tile.subarray(i * 32, (i + 1) * 32)),
    )
    expect(grown!.root).toEqual(rootOf(hashes))
    expect(old!.root).toEqual(rootOf(hashes.slice(0, old!.size)))
  })
})
