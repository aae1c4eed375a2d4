import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseTilePath, tileHolding, tilePath, tilesOf } from '../../src/tlog/tile.ts'

const anyTile = fc.record({
  level: fc.integer({ min: 0, max: 63 }),
  index: fc.oneof(fc.integer({ min: 0, max: 5_000 }), fc.maxSafeNat()),
  width: fc.integer({ min: 1, max: 256 }),
})

describe('paths', () => {
  test.each([
    [{ level: 0, index: 0, width: 256 }, '0/000'],
    [{ level: 0, index: 1_234_067, width: 256 }, '0/x001/x234/067'],
    [{ level: 0, index: 1_234, width: 5 }, '0/x001/234.p/5'],
    [{ level: 1, index: 999, width: 255 }, '1/999.p/255'],
    [{ level: 63, index: 1_000, width: 1 }, '63/x001/000.p/1'],
    [{ level: 0, index: Number.MAX_SAFE_INTEGER, width: 256 }, '0/x009/x007/x199/x254/x740/991'],
  ])('%o is %s', (tile, path) => {
    expect(tilePath(tile)).toBe(path)
    expect(parseTilePath(path)).toEqual(tile)
  })

  test('every tile comes back from its path', () => {
    fc.assert(
      fc.property(anyTile, (tile) => {
        expect(parseTilePath(tilePath(tile))).toEqual(tile)
      }),
    )
  })

  test.each([
    '',
    '0',
    '0/',
    '/0/000',
    '0/000/',
    '00/000',
    '01/000',
    '64/000',
    '-1/000',
    '0/0',
    '0/00',
    '0/0000',
    '0/x000/000',
    '0/x000/001',
    '0/x001',
    '0/001/x234',
    '0/001/234',
    '0/X001/234',
    '0/xx01/234',
    '0/000.p/0',
    '0/000.p/256',
    '0/000.p/005',
    '0/000.p/',
    '0/000.p',
    '0/000.p/1/',
    '0/000.p/1 ',
    '0/000\n',
    '0/٠٠٠',
    '0/x009/x007/x199/x254/x740/992',
    '0/x001/x000/x000/x000/x000/x000/000',
    'entries/000',
    'tile/0/000',
    '0/../000',
  ])('%j is no path', (path) => {
    expect(parseTilePath(path)).toBeUndefined()
  })

  test('of all texts of these letters, those that parse are the ones that tilePath gives', () => {
    const letters = fc.string({
      unit: fc.constantFrom('0', '1', '2', '3', 'x', '/', '.', 'p', '5'),
      maxLength: 16,
    })
    fc.assert(
      fc.property(letters, (path) => {
        const tile = parseTilePath(path)
        if (tile) expect(tilePath(tile)).toBe(path)
      }),
      { numRuns: 20_000 },
    )
  })

  test.each([
    { level: -1, index: 0, width: 1 },
    { level: 64, index: 0, width: 1 },
    { level: 0.5, index: 0, width: 1 },
    { level: 0, index: -1, width: 1 },
    { level: 0, index: 2 ** 53, width: 1 },
    { level: 0, index: 0, width: 0 },
    { level: 0, index: 0, width: 257 },
    { level: 0, index: 0, width: Number.NaN },
  ])('%o has no path', (tile) => {
    expect(() => tilePath(tile)).toThrow(RangeError)
  })
})

describe('the tiles of a tree', () => {
  test('70,000 leaves: the example of c2sp.org/tlog-tiles', () => {
    const rows = Map.groupBy(tilesOf(70_000), ({ level }) => level)
    const shape = [...rows].map(([level, tiles]) => ({
      level,
      full: tiles.filter(({ width }) => width === 256).length,
      partial: tiles.filter(({ width }) => width < 256).map(({ width }) => width),
    }))
    expect(shape).toEqual([
      { level: 0, full: 273, partial: [112] },
      { level: 1, full: 1, partial: [17] },
      { level: 2, full: 0, partial: [1] },
    ])
  })

  test.each([
    [0, []],
    [1, ['0/000.p/1']],
    [255, ['0/000.p/255']],
    [256, ['0/000', '1/000.p/1']],
    [257, ['0/000', '0/001.p/1', '1/000.p/1']],
  ])('%i leaves', (size, paths) => {
    expect(tilesOf(size).map(tilePath)).toEqual(paths)
  })

  test('a size of any power of 256 begins a level, one less does not', () => {
    for (const power of [1, 2]) {
      expect(tilesOf(256 ** power).some(({ level }) => level === power)).toBe(true)
      expect(tilesOf(256 ** power - 1).some(({ level }) => level === power)).toBe(false)
    }
  })

  test('the tile that holds a hash is one of them', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100_000 }), fc.nat(), (size, at) => {
        const leaf = at % size
        expect(tilesOf(size)).toContainEqual(tileHolding(0, leaf, size))
      }),
      { numRuns: 100 },
    )
  })
})
