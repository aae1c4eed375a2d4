import { expect, test } from 'vitest'
import { batched } from '../../src/storage/postgres/batch.ts'
import type { Kind, Step, Touches } from '../../src/storage/postgres/batch.ts'
import { events, grants, subjects } from '../../src/storage/postgres/schema/index.ts'

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
