import { randomBytes } from 'node:crypto'
import { fromHex } from '../../src/core/bytes.ts'
import { parseId, parseTenantId } from '../../src/core/id.ts'
import type { NoticeId } from '../../src/core/id.ts'
import { secret } from '../../src/core/secret.ts'
import { newKey } from '../../src/crypto/envelope.ts'
import type { SymmetricKey } from '../../src/crypto/envelope.ts'
import { localKek } from '../../src/crypto/kek.ts'
import type { Channel } from '../../src/vault/incidents/notices/channel.ts'
import { Channels } from '../../src/vault/incidents/notices/channel.ts'
import { messageId } from '../../src/vault/incidents/notices/notice.ts'
import type { Delivery } from '../../src/vault/incidents/notices/notice.ts'
import { issuePlatformCredential } from '../../src/vault/principals/tenants.ts'
import type { VaultStore } from '../../src/vault/store.ts'
import { openSqliteStore } from '../../src/runtime/node/sqlite.ts'
import { openHarness } from '../http/harness.ts'
import { PERSON, openWorld } from '../http/world.ts'

export const TENANT = parseTenantId('default')!

/** A vault on disk in which everybody of a shop leaked, and a notice over each channel is approved. */
export type Prepared = { folder: string; rootKey: string; notices: Readonly<Record<string, NoticeId>> }

const random = (length: number) => new Uint8Array(randomBytes(length))

/** As text, for another process. */
function shownKey({ id, material }: SymmetricKey): string {
  return `${id}:${Buffer.from(material.exposeSecret()).toString('hex')}`
}

export function readKey(text: string): SymmetricKey {
  const [id = '', material = ''] = text.split(':')
  return { id, material: secret(fromHex(material)!) }
}

export function openIn(folder: string): ReturnType<typeof openSqliteStore> {
  return openSqliteStore(folder, {
    onFatal(error) {
      throw error
    },
  })
}

const PERSONS_A_CALL = 1_000
const LOOKS_A_CALL = 100

/** It is there at the moment of drafting and approving; what sends is opened elsewhere. */
const SET_UP: Channel = {
  width: 1,
  send: () => Promise.reject(new Error('nothing is sent here')),
  close: () => Promise.resolve(),
}

/** @param addressOf each person's address, by its number. */
export async function prepare(
  folder: string,
  persons: number,
  channels: readonly ('email' | 'webhook')[],
  addressOf: (i: number) => string,
): Promise<Prepared> {
  const key = newKey(random)
  const openStore = () => openIn(folder)
  const setUp = new Channels(Object.fromEntries(channels.map((name) => [name, SET_UP])))
  const world = await openWorld(openHarness({ openStore, kek: localKek(key), channels: setUp }))
  const { platform, shop } = world
  for (let from = 0; from < persons; from += PERSONS_A_CALL) {
    const items = Array.from({ length: Math.min(PERSONS_A_CALL, persons - from) }, (_, i) => {
      const { name } = PERSON
      const person = { name, email: addressOf(from + i) }
      return { key: `k-${i}`, external_ref: `u-${from + i}`, locale: 'en', jurisdiction: 'KR', person }
    })
    const { body } = await world.ok(platform, '/v1/tokenize', { party: shop.id, items })
    const tokens = (body.items as { tokens: { name: string } }[]).map(({ tokens: { name } }) => name)
    for (let at = 0; at < tokens.length; at += LOOKS_A_CALL) {
      const looks = tokens.slice(at, at + LOOKS_A_CALL).map((token, i) => ({ key: `k-${i}`, token }))
      await world.ok(shop.credential, '/v1/mask', { items: looks })
    }
  }
  const aware = new Date(world.now()).toISOString()
  const opening = { title: 'x', kind: 'insider', aware_at: aware, suspects: { parties: [shop.id] } }
  const incident = (await world.ok(platform, '/v1/incidents', opening)).body.id
  const { secret: officer } = await issuePlatformCredential(world.vault, TENANT, 'second')
  const notices: Record<string, NoticeId> = {}
  const words = { en: { subject: 'Your data', text: 'Dear {name}, a key leaked.' } }
  for (const channel of channels) {
    const draft = { audience: 'persons', channel, words }
    const { id, version } = (await world.ok(platform, `/v1/incidents/${incident}/notices`, draft)).body
    await world.ok(officer.exposeSecret(), `/v1/notices/${id}/approve`, { version })
    notices[channel] = parseId('ntc', id)!
  }
  await world.close()
  return { folder, rootKey: shownKey(key), notices }
}

/** What the vault itself says of each message, by the id that it goes out under. */
export type Noted = ReadonlyMap<string, Delivery>

const ROWS_A_PAGE = 5_000

export async function readNoted(store: VaultStore, id: NoticeId): Promise<Noted> {
  const notice = await store.findNotice(TENANT, id)
  const noted = new Map<string, Delivery>()
  if (!notice) return noted
  for (let after = 0; ;) {
    const page = await store.listDeliveries(TENANT, id, after, ROWS_A_PAGE)
    for (const row of page) noted.set(messageId(notice, row.recipient), row)
    const last = page.at(-1)
    if (!last || page.length < ROWS_A_PAGE) return noted
    after = last.recipient
  }
}
