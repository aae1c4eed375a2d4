import { drizzle } from 'drizzle-orm/pg-proxy'
import { expect, test } from 'vitest'
import { instant } from '../../src/core/time.ts'
import { changeApplier } from '../../src/storage/postgres/apply/index.ts'
import { batched } from '../../src/storage/postgres/batch.ts'
import type { Kind, Step, Touches } from '../../src/storage/postgres/batch.ts'
import { events, grants, holds, subjects } from '../../src/storage/postgres/schema/index.ts'
import type { Change } from '../../src/vault/changes.ts'
import { AT, append, newId } from './sample.ts'

function kind(text: string, touches: Touches, once?: (args: Record<string, unknown>) => string): Kind {
  return { text, params: [], touches, rows: { names: ['id'], ...(once && { once }) } }
}

const EXPECT = kind('expect', { reads: [grants] })
const LOG = kind('log', { reads: [subjects], changes: [events] })
const REVOKE: Kind = { text: 'revoke', params: [], touches: { changes: [grants] } }
const PAY = kind('pay', { changes: [grants] }, ({ id }) => String(id))
const UNKNOWN: Kind = { text: 'unknown', params: [] }

function texts(...steps: readonly (readonly [Kind, string])[]): string[] {
  return batched(steps.map(([of, id]): Step => ({ kind: of, args: { id } }))).map(({ text }) => text)
}

test('lists that do not touch each other’s rows share their statements', () => {
  expect(texts([EXPECT, 'a'], [LOG, '1'], [EXPECT, 'b'], [LOG, '2'])).toEqual(['expect', 'log'])
})

test('what is expected after a change is looked up after it', () => {
  const steps = [
    [EXPECT, 'a'],
    [REVOKE, 'b'],
    [LOG, '1'],
    [EXPECT, 'b'],
  ] as const
  expect(texts(...steps)).toEqual(['expect', 'revoke', 'log', 'expect'])
})

test('nothing goes past a statement that does not say what it touches', () => {
  expect(texts([EXPECT, 'a'], [UNKNOWN, ''], [EXPECT, 'b'])).toEqual(['expect', 'unknown', 'expect'])
})

test('the same row is not changed twice in a statement', () => {
  expect(texts([PAY, 'a'], [PAY, 'b'], [PAY, 'a'])).toEqual(['pay', 'pay'])
})

test('a hold that comes between two looks is seen by the second', () => {
  const UNHELD = kind('unheld', { reads: [holds] })
  const HOLD: Kind = { text: 'hold', params: [], touches: { changes: [holds] } }
  expect(texts([UNHELD, 'a'], [LOG, '1'], [HOLD, 'b'], [UNHELD, 'b'])).toEqual([
    'unheld',
    'log',
    'hold',
    'unheld',
  ])
})

const apply = changeApplier(drizzle(() => Promise.resolve({ rows: [] })))

function statementsOf(...lists: readonly (readonly Change[])[]): string[] {
  const steps = lists.flat().flatMap((change) => apply(change, { tenant: 1 }))
  return batched(steps).map(({ text }) => text)
}

/** What a courier's scan commits. */
function look(): Change[] {
  const [party, credential] = [newId.courier(), newId.credential()]
  const [subject, grant] = [newId.subject(), newId.grant()]
  const [at, paidBefore] = [AT, instant(AT - 1)]
  return [
    { type: 'expect.caller', credential, party: { id: party, version: 1 } },
    { type: 'expect.unheld', suspects: [party, credential, subject], at: AT },
    { type: 'expect.shipment', id: newId.shipment(), version: 1 },
    { type: 'expect.subject', id: subject, version: 1 },
    { type: 'expect.grant', id: grant, version: 1 },
    { type: 'quota.charge', party, day: '2026-11-25', limit: 10, cost: 1 },
    { type: 'grant.paid', id: grant, at, paidBefore },
    append({ type: 'reveal.allowed', subject, party }),
  ]
}

/** What two stages of a parcel's way commit. */
function move(): Change[] {
  const [party, credential, id] = [newId.courier(), newId.credential(), newId.shipment()]
  return [
    { type: 'expect.caller', credential, party: { id: party, version: 1 } },
    { type: 'shipment.move', id, expectedVersion: 1, stage: 'picked_up', at: AT },
    append({ type: 'shipment.moved', party }),
  ]
}

test.each([
  ['looks', look],
  ['moves', move],
])('fifty lists of %s are as few statements as one', (_what, list) => {
  expect(statementsOf(...Array.from({ length: 50 }, list))).toEqual(statementsOf(list()))
})
