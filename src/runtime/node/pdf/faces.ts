import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { create } from 'fontkit'
import subsetFont from 'subset-font'

// Noto Sans, SIL Open Font License 1.1, which lets it be embedded. Its packages cut it into slices of some hundred characters, so what
// a report does not use is neither read nor kept.

/** In order of preference: what Latin has is not taken from a Chinese font. */
const FAMILIES = ['noto-sans', 'noto-sans-sc', 'noto-sans-kr'] as const

/** Weights of the `wght` axis. */
export const WEIGHTS = { normal: 400, bold: 700 } as const
export type Weight = keyof typeof WEIGHTS

/** Some characters of one family, in every weight. */
export type Slice = { name: string; file: string; ranges: readonly (readonly [from: number, to: number])[] }

const require = createRequire(import.meta.url)

let slices: readonly Slice[] | undefined

function allSlices(): readonly Slice[] {
  return (slices ??= FAMILIES.flatMap(slicesOf))
}

function slicesOf(family: (typeof FAMILIES)[number]): readonly Slice[] {
  const folder = `@fontsource-variable/${family}`
  const list = readFileSync(require.resolve(`${folder}/unicode.json`), 'utf8')
  return Object.entries(JSON.parse(list) as Record<string, string>).map(([key, ranges]) => {
    const name = `${family}-${key.replaceAll(/[[\]]/g, '')}`
    const file = require.resolve(`${folder}/files/${name}-wght-normal.woff2`)
    return { name, file, ranges: ranges.split(',').map(parseRange) }
  })
}

/** `U+4e00` or `U+4e00-4eff`. */
function parseRange(text: string): readonly [number, number] {
  const [from = '', to = from] = text.replace('U+', '').split('-')
  return [Number.parseInt(from, 16), Number.parseInt(to, 16)]
}

const characters = new Map<string, ReadonlySet<number>>()

/** What the slice has: its list names characters that the family lacks, too. */
function charactersOf({ name, file }: Slice): ReadonlySet<number> {
  const known = characters.get(name)
  if (known) return known
  const font = create(readFileSync(file))
  const has = new Set('characterSet' in font ? font.characterSet : [])
  characters.set(name, has)
  return has
}

/** Undefined where no family has it. */
export function sliceFor(codePoint: number): Slice | undefined {
  return allSlices().find(
    (slice) =>
      slice.ranges.some(([from, to]) => codePoint >= from && codePoint <= to) &&
      charactersOf(slice).has(codePoint),
  )
}

/** A TrueType font of one weight, which is what can be embedded. */
export function faceOf({ file }: Slice, weight: Weight): Promise<Buffer> {
  return subsetFont(readFileSync(file), undefined, {
    targetFormat: 'truetype',
    keepAllGlyphs: true,
    variationAxes: { wght: WEIGHTS[weight] },
  })
}
