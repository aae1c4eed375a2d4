import * as fc from 'fast-check'
import type { Arbitrary } from 'fast-check'
import type { Mutation, Node } from './p13-json.ts'

/**
 * Stands for something that is known only when a call is sent: `mark` for the call's own canary, an id's prefix for one of
 * the ids at hand, `long` for so many letters. Two characters of the private use area hold it together.
 */
export function later(what: string, number: number): string {
  return `\uE000${what}:${number}\uE001`
}

export const MARK = later('mark', 0)
const LATER = /\uE000([a-z]+):(\d+)\uE001/g

export function fill(text: string, given: (what: string, number: number) => string): string {
  return text.replace(LATER, (_, what: string, number: string) => given(what, Number(number)))
}

/** One more than the most that the contract takes, here and there, and what no list of limits thinks of. */
const LENGTHS = [63, 64, 65, 100, 101, 200, 201, 320, 321, 1_000, 1_001, 5_000, 70_000]
const TEXTS = [
  '',
  ' ',
  '\t\n\r',
  '\0',
  'a\0b',
  '\u{d800}',
  'x\u{dfff}y',
  '\u{feff}',
  '\u202emoc.elpmaxe',
  '\u0645\u062d\u0645\u062f',
  '\u{1f468}\u200d\u{1f469}\u200d\u{1f467}\u200d\u{1f466}',
  `e${'\u0301'.repeat(500)}`,
  '\uff11\uff13\uff18',
  'İ',
  'ﬃ',
  '__proto__',
  'constructor',
  'toString',
  '0',
  '-1',
  '1e999',
  'NaN',
  'null',
  'undefined',
  "' or 1=1 --",
  '"; drop table events; --',
  '../../../../etc/passwd',
  '%00%ff%2e%2e%2f',
  '${7*7}{{7*7}}<%= 7*7 %>',
  '<script>alert(1)</script>',
  '\r\nset-cookie: a=b',
  `${'a'.repeat(40)}!`,
  `${'0'.repeat(60)}x`,
  `+${'1'.repeat(62)}`,
  `${'a.'.repeat(120)}@${'a.'.repeat(120)}com`,
  `@${'-'.repeat(200)}`,
]

const marked: Arbitrary<string> = fc
  .tuple(fc.string({ maxLength: 8 }), fc.string({ unit: 'grapheme', maxLength: 8 }))
  .map(([before, after]) => `${before}${MARK}${after}`)

/** More than a body may hold: dear, so seldom. */
const TOO_LONG = 9_000_000

export const nastyText: Arbitrary<string> = fc.oneof(
  { weight: 400, arbitrary: marked },
  { weight: 300, arbitrary: fc.constantFrom(...TEXTS).map((text) => text) },
  { weight: 200, arbitrary: fc.constantFrom(...TEXTS).map((text) => `${MARK}${text}`) },
  { weight: 100, arbitrary: fc.string({ unit: 'binary', maxLength: 40 }) },
  { weight: 60, arbitrary: fc.constantFrom(...LENGTHS).map((length) => later('long', length)) },
  { weight: 1, arbitrary: fc.constant(later('long', TOO_LONG)) },
)

const NUMBERS = [
  '0',
  '-0',
  '-1',
  '1',
  '1.5',
  '0.1e-400',
  '1e999',
  '-1e999',
  '1e21',
  '1e308',
  '100',
  '101',
  '1001',
  '2147483647',
  '2147483648',
  '4294967296',
  '9007199254740993',
  '9223372036854775808',
  '1E+2',
]
const LITERALS = ['null', 'true', 'false', '[]', '{}', '[[]]', '[null]', '{"":""}']
/** Written as they stand: what `JSON.parse` makes of them is the service's affair. */
const OBJECTS = [
  '{"__proto__":{"polluted":true}}',
  '{"constructor":{"prototype":{"polluted":true}}}',
  '{"toString":null,"valueOf":null}',
  '{"toJSON":"x"}',
  '{"then":{}}',
  '{"length":1000000000}',
  '{"0":"a","length":1}',
  '{"a":1,"a":2}',
]
const BROKEN = [
  '',
  'NaN',
  'Infinity',
  'undefined',
  "'a'",
  '01',
  '.5',
  '+1',
  '0x10',
  '[,]',
  '{,}',
  '[1,]',
  '"\\x"',
  '"\n"',
]
/** Around the limit of 32, and where a recursive parser runs out of stack. */
const DEPTHS = [8, 31, 32, 33, 100, 20_000]

const raw: Arbitrary<string> = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...NUMBERS) },
  { weight: 2, arbitrary: fc.double().map(String) },
  { weight: 5, arbitrary: fc.constantFrom(...LITERALS) },
  { weight: 4, arbitrary: fc.constantFrom(...OBJECTS) },
  { weight: 1, arbitrary: fc.constantFrom(...BROKEN) },
  { weight: 1, arbitrary: fc.constantFrom(...DEPTHS).map((depth) => '['.repeat(depth) + ']'.repeat(depth)) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(...DEPTHS).map((depth) => '{"a":'.repeat(depth) + '1' + '}'.repeat(depth)),
  },
)

export const nasty: Arbitrary<Node> = fc.oneof(
  { weight: 5, arbitrary: nastyText.map((text) => ({ text })) },
  { weight: 4, arbitrary: raw.map((text) => ({ raw: text })) },
)

const KEYS = [
  '__proto__',
  'constructor',
  'prototype',
  'hasOwnProperty',
  'toString',
  'then',
  'toJSON',
  'length',
  '',
  '0',
  '\0',
  '\u{d800}',
  'id',
  'key',
  'person',
  'items',
  'tenant',
  '/items/0',
  '~1',
]

const key: Arbitrary<string> = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...KEYS) },
  { weight: 2, arbitrary: nastyText },
)

export const mutation: Arbitrary<Mutation> = fc.record({
  kind: fc.constantFrom('replace', 'replace', 'replace', 'drop', 'double', 'wrap', 'add', 'rename', 'many'),
  at: fc.nat(60),
  key,
  value: nasty,
  times: fc.constantFrom(0, 2, 5, 20, 100, 101, 1_001),
})

/** What may stand in a header in a `Request`: Latin-1 without controls. */
export const headerText: Arbitrary<string> = fc.oneof(
  nastyText.map((text) => text.replaceAll(/[^\x20-\x7e\xa0-\xff\uE000\uE001]/g, '?').trim()),
  fc.constantFrom('', 'a', 'é', 'same-key', 'k'.repeat(255), 'k'.repeat(256), later('long', 60_000), MARK),
)
