import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { MAX_PAGE_BYTES, decodePage, encodePage } from '../../src/storage/move/page-bytes.ts'

const value = fc.oneof(
  fc.constant(null),
  fc.maxSafeInteger(),
  fc.string({ unit: 'grapheme' }),
  fc.uint8Array({ maxLength: 40 }),
)
const rows = fc.array(fc.tuple(value, value, value))

describe('a page of rows', () => {
  test('gives back the very rows that were put in', () => {
    fc.assert(
      fc.property(rows, (some) => {
        expect(decodePage(encodePage(some), 3)).toEqual(some)
      }),
    )
  })

  test('takes at least one row, and none that is not needed', () => {
    const large = new Uint8Array(2 * MAX_PAGE_BYTES)
    let asked = 0
    function* many() {
      for (;;) {
        asked += 1
        yield [large]
      }
    }
    expect(decodePage(encodePage(many()), 1)).toEqual([[large]])
    expect(asked).toBe(1)
    expect(decodePage(encodePage([]), 1)).toEqual([])
  })

  test.each([[0.5], [2 ** 53], [-(2 ** 53)], [NaN], [5n], [undefined]])('takes no %s', (wrong) => {
    expect(() => encodePage([[wrong]])).toThrow(TypeError)
  })

  test('that is cut short, longer, or changed in its length is refused at every place', () => {
    const whole = encodePage([
      [1, 'text', null],
      [2, 'more', Uint8Array.of(1, 2, 3)],
    ])
    for (let length = 0; length < whole.length; length++)
      expect(() => decodePage(whole.subarray(0, length), 3)).toThrow(TypeError)
    expect(() => decodePage(Uint8Array.of(...whole, 0), 3)).toThrow(TypeError)
    expect(() => decodePage(whole, 2)).toThrow(TypeError)
    expect(() => decodePage(whole, 4)).toThrow(TypeError)
    // Negative control.
    expect(decodePage(whole, 3)).toHaveLength(2)
  })

  test('of a kind that is none, of a text that is none, or of a number beyond 2^53 is refused', () => {
    const page = (kind: number, ...bytes: number[]) =>
      Uint8Array.of(0, 0, 0, 1, kind, 0, 0, 0, bytes.length, ...bytes)
    for (const wrong of [
      page(4, 1),
      page(9),
      page(0, 1),
      page(1, 1),
      page(2, 0xff),
      page(1, 0, 0x20, 0, 0, 0, 0, 0, 0),
    ])
      expect(() => decodePage(wrong, 1)).toThrow(TypeError)
    expect(decodePage(page(1, 0, 0, 0, 0, 0, 0, 0, 7), 1)).toEqual([[7]])
    expect(() => decodePage(Uint8Array.of(255, 255, 255, 255), 0)).toThrow(TypeError)
  })
})
