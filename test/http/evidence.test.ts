import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { toBase64, utf8 } from '../../src/core/bytes.ts'
import { verifyEvidence } from '../../src/tlog/evidence.ts'
import type { EvidenceBundle } from '../../src/tlog/evidence.ts'
import { parseVerifier } from '../../src/tlog/note.ts'
import { expectProblem } from './expectations.ts'
import { TO_THE_DOOR, openWorld } from './world.ts'
import type { Customer, World } from './world.ts'

let world: World
let customer: Customer
let session: string
beforeAll(async () => {
  world = await openWorld()
  customer = await world.addCustomer('u-1')
  await world.addCustomer('u-2')
  const parcel = await world.ship(customer.tokens, 'SO-1')
  await world.move(parcel.id, ...TO_THE_DOOR)
  const items = [{ key: 'a', waybill: parcel.waybill }]
  await world.ok(world.courier.credential, '/v1/reveal', {
    purpose: 'delivery',
    operator: { id: 'emp-1' },
    items,
  })
  session = await world.signIn(customer.subject)
})
afterAll(() => world.close())

async function bundleOf(credential = session, path = '/v1/me/evidence'): Promise<EvidenceBundle> {
  return (await world.ok(credential, path)).body
}

async function trusted() {
  const { text } = await world.ok(undefined as never, '/log/default/vkey')
  return { log: parseVerifier(text.trim())! }
}

describe('a person’s evidence', () => {
  test('holds each event about the person, the handing out included, and verifies offline', async () => {
    const bundle = await bundleOf()
    const verdict = verifyEvidence(bundle, await trusted())
    expect(verdict.faults).toEqual([])
    const { items } = (await world.ok(world.platform, `/v1/events?subject=${customer.subject}&limit=100`))
      .body
    expect(bundle.entries.map(({ event }) => event)).toEqual(items.map((event: { id: string }) => event.id))
    expect(items.at(-1).type).toBe('evidence.given')
    const asked = await bundleOf(world.platform, `/v1/subjects/${customer.subject}/evidence`)
    expect(verifyEvidence(asked, await trusted(), bundle).faults).toEqual([])
  })

  test('shows every single row that was left out, also to whoever holds an older bundle', async () => {
    const bundle = await bundleOf()
    const keys = await trusted()
    for (let i = 0; i < bundle.entries.length; i++) {
      const entries = bundle.entries.toSpliced(i, 1)
      expect(verifyEvidence({ ...bundle, entries }, keys).faults).toEqual([{ code: 'rows_missing' }])
      expect(verifyEvidence({ ...bundle, entries }, keys, bundle).faults).toContainEqual({
        code: 'earlier_row_missing',
        index: bundle.entries[i]!.index,
      })
    }
  })

  test.each<[string, string, (bundle: EvidenceBundle, other: EvidenceBundle) => EvidenceBundle]>([
    ['rows_differ', 'a row twice, another not', (b) => ({ ...b, entries: b.entries.with(1, b.entries[0]!) })],
    ['order', 'rows in another order', (b) => ({ ...b, entries: b.entries.toReversed() })],
    ['entry_malformed', 'a row under another name', (b) => withFirst(b, { event: b.entries[1]!.event })],
    [
      'entry_malformed',
      'a leaf that is none',
      (b) => withFirst(b, { leaf: toBase64(utf8('cloakroom-event/1\nnull')) }),
    ],
    ['entry_malformed', 'a proof that is none', (b) => withFirst(b, { proof: ['AA=='] })],
    [
      'subject_not_committed',
      'another salt',
      (b) => withFirst(b, { subject_salt: b.entries[1]!.subject_salt }),
    ],
    ['not_included', 'another place', (b) => withFirst(b, { index: b.entries[0]!.index + 1 })],
    ['statement_of_another', 'a statement about somebody else', (b, o) => ({ ...b, statement: o.statement })],
    [
      'statement_invalid',
      'a statement changed by one digit',
      (b) => ({ ...b, statement: b.statement.replace(/\n\d+\n/, '\n1\n') }),
    ],
    [
      'checkpoint_invalid',
      'a checkpoint changed by one digit',
      (b) => ({ ...b, checkpoint: b.checkpoint.replace(/\n\d+\n/, '\n1\n') }),
    ],
    ['statement_of_another', 'another’s rows under the own name', (b, o) => ({ ...o, subject: b.subject })],
  ])('%s: %s', async (code, _what, spoil) => {
    const other = (await world.addCustomer(`other-${code}`)).subject
    const spoilt = spoil(await bundleOf(), await bundleOf(world.platform, `/v1/subjects/${other}/evidence`))
    expect(verifyEvidence(spoilt, await trusted()).faults.map((fault) => fault.code)).toContain(code)
  })

  test('needs the cosignatures that are asked for', async () => {
    const keys = await trusted()
    const verdict = verifyEvidence(await bundleOf(), { ...keys, witnesses: [keys.log], quorum: 1 })
    expect(verdict.faults).toEqual([{ code: 'cosignatures_missing' }])
  })

  test('of another tenant’s person, or of nobody, does not exist', async () => {
    const stranger = await world.addTenant('elsewhere')
    expectProblem(await world.call(stranger, `/v1/subjects/${customer.subject}/evidence`), 'not_found')
    expectProblem(
      await world.call(world.shop.credential, `/v1/subjects/${customer.subject}/evidence`),
      'forbidden',
    )
  })
})

function withFirst(bundle: EvidenceBundle, change: object): EvidenceBundle {
  return { ...bundle, entries: bundle.entries.with(0, { ...bundle.entries[0]!, ...change }) }
}
