/** How many different ones there were, in 256 bits. */
export type Sketch = readonly number[]

const WORDS = 8
const BITS = WORDS * 32
export const EMPTY_SKETCH: Sketch = Array.from({ length: WORDS }, () => 0)

/** 32 bits, well mixed (the finalizer of MurmurHash3). */
export function mix(value: number): number {
  let h = value | 0
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}

/** 32 bits of a text (FNV-1a, mixed). For telling apart, not for secrets. */
export function hash(text: string): number {
  let h = 0x811c9dc5
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193)
  return mix(h)
}

/** @returns the same sketch where the value may have been in it. */
export function addTo(sketch: Sketch, value: number): Sketch {
  const bit = mix(value) & (BITS - 1)
  const word = bit >>> 5
  const mask = 1 << (bit & 31)
  const was = sketch[word] ?? 0
  return (was & mask) === 0 ? sketch.with(word, was | mask) : sketch
}

/** Linear counting (Whang et al. 1990): within some 15 % up to 300, and never more than 1,400. */
export function countOf(sketch: Sketch): number {
  let set = 0
  for (const word of sketch) set += bitsOf(word)
  return set >= BITS ? 1_400 : Math.round(-BITS * Math.log(1 - set / BITS))
}

function bitsOf(word: number): number {
  let w = word - ((word >>> 1) & 0x55555555)
  w = (w & 0x33333333) + ((w >>> 2) & 0x33333333)
  return Math.imul((w + (w >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24
}
