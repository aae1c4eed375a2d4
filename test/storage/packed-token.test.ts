import { assert, constantFrom, property, string } from 'fast-check'
import { expect, test } from 'vitest'
import type { Token } from '../../src/core/id.ts'
import { packToken, unpackToken } from '../../src/storage/packed-token.ts'
import { newId } from './sample.ts'

const digit = constantFrom(...'0123456789abcdefghjkmnpqrstvwxyz'.split(''))
const tokens = string({ unit: digit, minLength: 26, maxLength: 26 }).map((text): Token => `tok_${text}`)

test('every spelling has bytes of its own, and comes back from them', () => {
  assert(property(tokens, (token) => unpackToken(packToken(token)) === token))
  assert(property(tokens, tokens, (a, b) => Buffer.from(packToken(a)).equals(packToken(b)) === (a === b)))
  expect(packToken(newId.token())).toHaveLength(17)
})

test.each(['tok_', 'tok_short', `tok_${'u'.repeat(26)}`, `tok_${'é'.repeat(26)}`, `tok_${'0'.repeat(27)}`])(
  '%s is no token',
  (text) => {
    expect(() => packToken(text as Token)).toThrow('not a token')
  },
)
