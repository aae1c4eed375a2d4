import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { expect } from 'vitest'
import { newKey } from '../../../src/crypto/envelope.ts'
import { localKek } from '../../../src/crypto/kek.ts'
import type { Kek } from '../../../src/crypto/kek.ts'
import { readConfig } from '../../../src/runtime/node/config.ts'
import { move } from '../../../src/runtime/node/move/move.ts'
import type { MoveOrder, MoveReport, Proof } from '../../../src/runtime/node/move/move.ts'
import { DATABASE_FILE, openDatabase, openSqliteStore } from '../../../src/runtime/node/sqlite.ts'
import { openCheckpoint } from '../../../src/tlog/checkpoint.ts'
import { leafHash } from '../../../src/tlog/merkle.ts'
import { parseVerifier } from '../../../src/tlog/note.ts'
import { verifyProof } from '../../../src/tlog/proof-file.ts'
import { integrateLogs } from '../../../src/vault/log/integrate.ts'
import { openHarness } from '../../http/harness.ts'
import type { Harness } from '../../http/harness.ts'
import type { OpenStore } from '../../http/open-store.ts'
import { PERSON, TO_THE_DOOR, openWorld } from '../../http/world.ts'
import type { World } from '../../http/world.ts'
import { dumpTables } from '../../storage/opened.ts'

export function newRootKey(): Kek {
  return localKek(newKey((length) => new Uint8Array(randomBytes(length))))
}

export function storeIn(folder: string): OpenStore {
  return () =>
    openSqliteStore(folder, {
      onFatal(error) {
        throw error
      },
    })
}

/** What somebody outside knows of a vault before it is moved. */
export type Known = {
  platform: string
  courier: string
  waybill: string
  erased: string
  /** Each event's leaf, and its proof from before. */
  events: readonly { id: string; leaf: Uint8Array; proof: string }[]
  checkpoint: string
  vkey: string
}

const SQL_FOR_EMPTY = [
  `insert into rotations values (1, 'tenant', 'wrap', 'finished', 3, 7, 1, 7, 7, 5, 9)`,
  `insert into key_destructions values (1, 'req_00000000000000000000000000', 'wrap', 1, 'key_00000000000000000000000000', 5, 9, null, null)`,
  `insert into retention_walks values (1, 'disclosure_events', 3)`,
  `insert into paid_items values (1, 'cou_00000000000000000000000000', 'grt_00000000000000000000000000', 5)`,
  `insert into notices values (1, 'ntc_00000000000000000000000000', 'inc_00000000000000000000000000', 'persons', null, 'email', 'sent',
    'key_00000000000000000000000000', 5, 'key_00000000000000000000000000', null, null, '00', 3, 0, 4)`,
  `insert into notice_deliveries values (1, 'ntc_00000000000000000000000000', 2, 'sent', 1, null, '250', 5, 6)`,
  `insert into risk_holds values (1, 'hld_00000000000000000000000000', 'key_00000000000000000000000000', 'stop', null,
    'key_00000000000000000000000000', 5, 9, 'evt_00000000000000000000000000', null, null, null, 1)`,
  `insert into signals values (1, 'sig_00000000000000000000000000', 'pace', 'key_00000000000000000000000000', 'pace_credential', 'high',
    'open', '{"persons":90}', '{}', '[]', '[]', '[]', null, 1, 5, 5, null, null, 'evt_00000000000000000000000000', null, 1)`,
  `insert into canaries values (1, 1, (select id from subjects where no = 1), 'mer_00000000000000000000000000', 5, null, 2, 6)`,
  `insert into canary_touches values (1, 'evt_00000000000000000000000000', 'sub_00000000000000000000000000', 'compare')`,
  `insert into canary_walks values (1, 3)`,
  `insert into watches values (1, 3, 1, null, 0)`,
  `insert into watch_cells values (1, 'pace1|key_00000000000000000000000000', '{"hour":1}', 5)`,
  `insert into notes select max(no) + 5, 1, about, null, x'0001ff00', 7 from notes`,
]

/** A vault in which every table has rows: two tenants, an erased person, looks, a parcel at the door. */
export async function fillVault(folder: string, kek: Kek, persons = 3): Promise<Known> {
  const world = await openWorld(openHarness({ openStore: storeIn(folder), kek }))
  await world.addTenant('second')
  const { tokens } = await world.addCustomer('u-0')
  const parcel = await world.ship(tokens, 'SO-1')
  await world.move(parcel.id, ...TO_THE_DOOR)
  for (let i = 1; i < persons; i++)
    await world.addCustomer(`u-${i}`, { ...PERSON, email: `p${i}@example.com` })
  const leaving = await world.addCustomer('u-leaving', { ...PERSON, email: 'leaving@example.com' })
  await world.signIn(leaving.subject)
  await world.ok(world.platform, `/v1/subjects/${leaving.subject}`, { reason: 'asked to' }, 'DELETE')
  expect((await look(world, world.courier.credential, parcel.waybill)).body.items[0].status).toBe('ok')
  await holdPerson(world, leaving.subject)
  const headers = { 'idempotency-key': 'k-1' }
  await world.call(world.platform, '/v1/parties', { body: { kind: 'merchant', name: 'Once' }, headers })
  await integrateLogs(world.vault)
  const { body } = await world.ok(world.platform, '/v1/events?limit=100')
  const ids = (body.items as { id: string }[]).map(({ id }) => id)
  const known = {
    platform: world.platform,
    courier: world.courier.credential,
    waybill: parcel.waybill,
    erased: leaving.subject,
    events: await Promise.all(ids.map((id) => evidenceOf(world, world.platform, id))),
    checkpoint: (await world.call(undefined, '/log/default/checkpoint')).text,
    vkey: (await world.call(undefined, '/log/default/vkey')).text,
  }
  await world.close()
  const client = openDatabase(join(folder, DATABASE_FILE))
  for (const text of SQL_FOR_EMPTY) client.exec(text)
  client.close()
  return known
}

async function holdPerson({ ok, platform }: World, subject: string): Promise<void> {
  const aware = { title: 'Looked up', kind: 'insider', aware_at: '2026-01-01T00:00:00Z' }
  const { body } = await ok(platform, '/v1/incidents', { ...aware, suspects: { subjects: [subject] } })
  await ok(platform, `/v1/incidents/${body.id}/contain`, { actions: ['revoke_grants'] })
}

async function evidenceOf({ app, call }: Harness, platform: string, id: string) {
  const url = `https://vault.test/v1/events/${id}/leaf`
  const response = await app.request(url, { headers: { authorization: `Bearer ${platform}` } })
  const proof = await call(platform, `/v1/events/${id}/proof`)
  return { id, leaf: new Uint8Array(await response.arrayBuffer()), proof: proof.text }
}

function look({ call }: Harness, credential: string, waybill: string) {
  const operator = { id: 'emp-1', device: 'hh-1' }
  return call(credential, '/v1/reveal', {
    body: { purpose: 'delivery', operator, items: [{ key: 'a', waybill }] },
  })
}

/** All that was known before holds, and the vault goes on: it shows, takes in, covers its log, and erased stays erased. */
export async function expectToLive(openStore: OpenStore, kek: Kek, known: Known): Promise<void> {
  const vault = await openHarness({ openStore, kek })
  try {
    expect((await vault.call(undefined, '/log/default/checkpoint')).text).toBe(known.checkpoint)
    const log = parseVerifier(known.vkey.trim())!
    const old = openCheckpoint(known.checkpoint, log)!
    for (const { id, leaf, proof } of known.events) {
      const now = await evidenceOf(vault, known.platform, id)
      expect(now.leaf).toEqual(leaf)
      for (const text of [proof, now.proof]) {
        expect(verifyProof(text, leafHash(leaf), { log })).toMatchObject({ ok: true })
      }
    }
    const shown = await look(vault, known.courier, known.waybill)
    expect(shown.body.items[0]).toMatchObject({ status: 'ok', fields: { phone: { value: PERSON.phone } } })
    const sessions = await vault.call(known.platform, `/v1/subjects/${known.erased}/sessions`, {
      method: 'POST',
    })
    expect(sessions.status).toBeGreaterThanOrEqual(400)
    const { body: listed } = await vault.call(known.platform, '/v1/parties')
    const items = [{ key: 'k', external_ref: 'u-new', person: PERSON }]
    const party = (listed.items as { id: string; kind: string }[]).find(({ kind }) => kind === 'merchant')?.id
    const taken = await vault.call(known.platform, '/v1/tokenize', { body: { party, items } })
    expect(taken.body).toMatchObject({ items: [{ status: 'created' }] })
    await integrateLogs(vault.vault)
    const grown = openCheckpoint((await vault.call(undefined, '/log/default/checkpoint')).text, log)
    expect(grown?.size).toBeGreaterThan(old.size)
  } finally {
    await vault.close()
  }
}

export const NO_REPORT: MoveReport = {
  stage: () => undefined,
  advanced: () => undefined,
  restored: () => undefined,
  atRest: () => undefined,
  proven: () => undefined,
}

/** @returns the proof that was made, even of a move that it stopped, and its code. */
export async function tryMove(
  order: MoveOrder,
  report: Partial<MoveReport> = {},
  env: NodeJS.ProcessEnv = {},
): Promise<{ code: string; proof: Proof | undefined; message: string }> {
  let proof: Proof | undefined
  const reporting = { ...NO_REPORT, proven: (made: Proof) => void (proof = made), ...report }
  try {
    await move(readConfig(env), order, reporting)
    return { code: 'moved', proof, message: '' }
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error)) throw error
    return { code: String(error.code), proof, message: error.message }
  }
}

/** Every row of every table, in an order of its own: a table's rows lie as they were inserted. */
export function rowsIn(folder: string): Record<string, string[]> {
  const client = openDatabase(join(folder, DATABASE_FILE))
  try {
    const tables = Object.entries(dumpTables(client)).filter(([name]) => name !== 'probe')
    return Object.fromEntries(
      tables.map(([name, rows]) => [name, rows.map((row) => JSON.stringify(row)).toSorted()]),
    )
  } finally {
    client.close()
  }
}
