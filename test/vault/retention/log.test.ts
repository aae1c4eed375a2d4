import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openCheckpoint } from '../../../src/tlog/checkpoint.ts'
import { leafHash, rootOf } from '../../../src/tlog/merkle.ts'
import { parseVerifier } from '../../../src/tlog/note.ts'
import { verifyProof } from '../../../src/tlog/proof-file.ts'
import { readLeaf } from '../../../src/vault/audit/event.ts'
import { integrateLogs } from '../../../src/vault/log/integrate.ts'
import { cleanUp } from '../../../src/vault/retention/clean.ts'
import { ruleOf } from '../../../src/vault/retention/policy.ts'
import { DEFAULT, openEstate } from './estate.ts'
import type { Estate } from './estate.ts'

let world: Estate
beforeEach(async () => {
  world = await openEstate()
})
afterEach(() => world.close())

/** Looks, so that the log has something to lose. */
async function look(times: number): Promise<void> {
  const items = [{ key: 'k', token: world.customer.tokens.name }]
  for (let i = 0; i < times; i++) await world.ok(world.shop.credential, '/v1/mask', { items })
}

describe('the log', () => {
  const kept = ruleOf('disclosure_events')

  test('before its time, and while it waits for more, nothing goes; then disclosures do, and an event says how many', async () => {
    await look(3)
    const before = await world.events()
    for (const ms of [kept.keepMs - 1, 1, kept.waitMs - 1]) {
      world.pass(ms)
      await world.round()
      expect((await world.events()).slice(0, before.length)).toEqual(before)
    }
    world.pass(1)
    await world.round()
    const after = await world.events()
    const gone = before.filter(({ id }) => !after.some((row) => row.id === id))
    const types = new Set(gone.map(({ type }) => type))
    expect(types).toEqual(new Set(['subject.stored', 'mask.shown']))
    const [said, ...more] = await world.cleanings('disclosure_events')
    expect(more).toEqual([])
    expect(said!.counts).toEqual({ rows: gone.length, from_index: 0, up_to_index: before.length - 1 })
    for (const { id } of gone) {
      for (const part of ['', '/leaf', '/proof']) {
        expect((await world.call(world.platform, `/v1/events/${id}${part}`)).status).toBe(404)
      }
    }
    expect(
      (await world.ok(world.platform, `/v1/events?subject=${world.customer.subject}`)).body.items,
    ).toEqual([])
    expect((await world.events(world.shop.credential)).map(({ type }) => type)).not.toContain('mask.shown')
  })

  test('every event that is left is proved by the same tree: root, tiles and checkpoint are as they were', async () => {
    await world.bringIn(300)
    await integrateLogs(world.vault)
    const log = parseVerifier((await world.ok(world.platform, '/log/default/vkey')).text.trim())!
    const { text: note } = await world.ok(world.platform, '/log/default/checkpoint')
    const old = openCheckpoint(note, log)!
    const tile = async () => {
      const response = await world.app.request('https://vault.test/log/default/tile/0/000')
      return Buffer.from(await response.arrayBuffer()).toString('hex')
    }
    const full = await tile()
    world.pass(kept.keepMs + kept.waitMs + 1)
    await world.round()
    expect(await tile()).toBe(full)
    const hashes = await world.store.listLeafHashes(DEFAULT, 0, 10_000)
    expect(rootOf(hashes.slice(0, old.size))).toEqual(old.root)
    const left = await world.events()
    expect(left.length).toBeLessThan(50)
    expect(left.some(({ index }) => index < old.size)).toBe(true)
    for (const { id, index } of left) {
      const leaf = (await world.store.findEvent(DEFAULT, id as never))!.bytes
      const { text } = await world.ok(world.platform, `/v1/events/${id}/proof`)
      expect(verifyProof(text, leafHash(leaf), { log })).toMatchObject({ ok: true, index })
    }
    // Negative control: were a row gone with its hash, the tree would be another.
    expect(rootOf(hashes.slice(0, old.size).toSpliced(20, 1))).not.toEqual(old.root)
  })

  test('nothing goes while no checkpoint covers it', async () => {
    await look(3)
    world.pass(kept.keepMs + kept.waitMs + 1)
    const before = await world.events()
    await cleanUp(world.vault)
    expect((await world.events()).slice(0, before.length)).toEqual(before)
    expect(await world.cleanings('disclosure_events')).toEqual([])
    await world.round()
    expect(await world.cleanings('disclosure_events')).toHaveLength(1)
  })

  test('what later duties rest on stays, and what a person may ask for stays provable', async () => {
    await world.ok(world.platform, `/v1/subjects/${world.customer.subject}`, undefined, 'DELETE')
    world.pass(20 * kept.keepMs)
    await world.round()
    await world.round()
    const types = new Set((await world.events()).map(({ type }) => type))
    expect(types).toContain('subject.erased')
    expect(types).toContain('tenant.created')
    expect(types).toContain('retention.cleaned')
    expect(types).not.toContain('subject.stored')
    const evidence = (await world.ok(world.platform, `/v1/subjects/${world.customer.subject}/evidence`)).body
    const said = evidence.entries.map(
      ({ leaf }: { leaf: string }) => readLeaf(Buffer.from(leaf, 'base64'))['type'],
    )
    expect(said).toEqual(['subject.erased', 'evidence.given'])
  })

  test('a log of thousands goes in bites, each with its event, and nothing is counted twice', async () => {
    await world.bringIn(1_300)
    const before = await world.events()
    world.pass(kept.keepMs + kept.waitMs + 1)
    await world.round()
    const said = await world.cleanings('disclosure_events')
    expect(said.length).toBeGreaterThan(2)
    const after = new Set((await world.events()).map(({ id }) => id))
    const total = said.reduce((sum, { counts }) => sum + counts!['rows']!, 0)
    expect(total).toBe(before.filter(({ id }) => !after.has(id)).length)
  })
})
