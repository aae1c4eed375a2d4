import { evictDurableObject } from 'cloudflare:test'
import { expect, test, vi } from 'vitest'
import { AFTER_WRITE_MS } from '../../src/runtime/cloudflare/jobs.ts'
import { openCheckpoint } from '../../src/tlog/checkpoint.ts'
import { leafHash } from '../../src/tlog/merkle.ts'
import { parseVerifier } from '../../src/tlog/note.ts'
import { verifyProof } from '../../src/tlog/proof-file.ts'
import { exports } from 'cloudflare:workers'
import {
  PERSON,
  addParty,
  call,
  inStorage,
  makeTenant,
  objectOf,
  ok,
  requestOf,
  tokenizeBody,
} from './service.ts'

const TO_THE_DOOR = ['picked_up', 'in_transit', 'at_station', 'out_for_delivery']

/** A tenant with a parcel at its recipient's door. */
async function parcelAtTheDoor(tenant: string) {
  const platform = await makeTenant(tenant)
  const [shop, courier] = [await addParty(platform, 'merchant'), await addParty(platform, 'courier')]
  const { tokens, subject } = (await ok(platform, '/v1/tokenize', tokenizeBody(shop.id, 'u-1'))).body.items[0]
  const { name, phone, address } = tokens
  const recipient = { name, phone, address }
  const order = { order_ref: 'SO-1', courier: courier.id, recipient }
  const shipment = (await ok(shop.credential, '/v1/shipments', order)).body
  for (const stage of TO_THE_DOOR) {
    await ok(courier.credential, `/v1/shipments/${shipment.id}/stage`, { stage })
  }
  const reveal = async () => {
    const items = [{ key: 'a', waybill: shipment.waybill }]
    const body = { purpose: 'delivery', operator: { id: 'emp-17' }, items }
    return (await ok(courier.credential, '/v1/reveal', body)).body.items[0]
  }
  return { platform, shop, courier, subject, shipment, reveal }
}

/** How many events the object's log has, and how many its newest checkpoint covers, as they are stored. */
function logOf(tenant: string): Promise<{ events: number; covered: number }> {
  return inStorage(tenant, ({ sql }) => {
    const { events } = sql.exec<{ events: number }>('select count(*) as events from events').one()
    const [log] = sql.exec<{ size: number }>('select size from logs').toArray()
    return { events, covered: log?.size ?? 0 }
  })
}

/** Looks at storage alone: a call to the vault would open it, and do what the alarm is to do. */
async function coveredByItself(tenant: string): Promise<void> {
  await vi.waitFor(
    async () => {
      const { events, covered } = await logOf(tenant)
      expect(covered).toBe(events)
    },
    { timeout: 30_000, interval: 50 },
  )
}

async function proofOf(platform: string, event: string) {
  const leaf = await exports.default.fetch(requestOf(platform, `/v1/events/${event}/leaf`))
  const proof = await ok(platform, `/v1/events/${event}/proof`)
  return { hash: leafHash(new Uint8Array(await leaf.arrayBuffer())), text: proof.text }
}

test('a parcel is revealed at the door, its event is in the log, and an alarm signs the checkpoint over it', async () => {
  const { platform, reveal } = await parcelAtTheDoor('parcels')
  const shown = await reveal()
  expect(shown).toMatchObject({
    status: 'ok',
    fields: { phone: { value: PERSON.phone }, address: { value: { line1: PERSON.address.line1 } } },
  })
  const asked = await inStorage('parcels', (storage) => storage.getAlarm())
  if (asked !== null) expect(asked).toBeLessThanOrEqual(Date.now() + AFTER_WRITE_MS)
  await coveredByItself('parcels')
  const log = parseVerifier((await call(undefined, '/log/parcels/vkey')).text.trim())!
  expect(openCheckpoint((await call(undefined, '/log/parcels/checkpoint')).text, log)).toMatchObject({
    origin: 'vault.test/log/parcels',
  })
  const { hash, text } = await proofOf(platform, shown.event)
  expect(verifyProof(text, hash, { log })).toMatchObject({ ok: true })
  // Negative control: another leaf has no such proof.
  hash[0]! ^= 1
  expect(verifyProof(text, hash, { log })).toMatchObject({ ok: false, code: 'not_included' })
})

test('an object that is put out of memory in between loses nothing', async () => {
  const { platform, subject, reveal } = await parcelAtTheDoor('evicted')
  const before = await logOf('evicted')
  await evictDurableObject(objectOf('evicted'))
  expect(await logOf('evicted')).toMatchObject({ events: before.events })
  const shown = await reveal()
  expect(shown.fields.phone.value).toBe(PERSON.phone)
  await evictDurableObject(objectOf('evicted'))
  const { items } = (await ok(platform, `/v1/events?subject=${subject}&limit=100`)).body
  expect(items.map(({ id }: { id: string }) => id)).toContain(shown.event)
})

test('the alarm alone brings the log up to date after an object went out of memory', async () => {
  const { reveal } = await parcelAtTheDoor('asleep')
  await coveredByItself('asleep')
  await reveal()
  await evictDurableObject(objectOf('asleep'))
  await coveredByItself('asleep')
})

test('negative control: without its alarm the log stays behind', async () => {
  const { reveal } = await parcelAtTheDoor('without-alarm')
  await coveredByItself('without-alarm')
  await reveal()
  await inStorage('without-alarm', (storage) => storage.deleteAlarm())
  await evictDurableObject(objectOf('without-alarm'))
  await new Promise((resolve) => setTimeout(resolve, 3 * AFTER_WRITE_MS))
  const { events, covered } = await logOf('without-alarm')
  expect(covered).toBeLessThan(events)
})
