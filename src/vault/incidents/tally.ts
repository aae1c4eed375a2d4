const FIRST_BYTES = 1_024

/** A set of persons by the numbers of their rows, at a bit each: a million take 125 kB. */
export class PersonSet {
  #bits = new Uint8Array(FIRST_BYTES)
  size = 0

  add(person: number): void {
    const byte = person >>> 3
    if (byte >= this.#bits.length) this.#grow(byte)
    const bit = 1 << (person & 7)
    const old = this.#bits[byte] ?? 0
    if (old & bit) return
    this.#bits[byte] = old | bit
    this.size += 1
  }

  has(person: number): boolean {
    return ((this.#bits[person >>> 3] ?? 0) & (1 << (person & 7))) !== 0
  }

  copy(): PersonSet {
    const copy = new PersonSet()
    copy.#bits = this.#bits.slice()
    copy.size = this.size
    return copy
  }

  #grow(byte: number): void {
    const bits = new Uint8Array(2 ** Math.ceil(Math.log2(byte + 1)))
    bits.set(this.#bits)
    this.#bits = bits
  }

  /** Stretches of numbers that hold all of the set and little else, in order. */
  *stretches(maxGap = 64, maxLength = 4_096): Generator<{ first: number; last: number }> {
    let first = -1
    let last = -1
    for (let byte = 0; byte < this.#bits.length; byte++) {
      const eight = this.#bits[byte] ?? 0
      if (eight === 0) continue
      for (let bit = 0; bit < 8; bit++) {
        if (!(eight & (1 << bit))) continue
        const person = byte * 8 + bit
        if (first >= 0 && (person - last > maxGap || person - first >= maxLength)) {
          yield { first, last }
          first = -1
        }
        if (first < 0) first = person
        last = person
      }
    }
    if (first >= 0) yield { first, last }
  }
}

/** How often each word was met. */
export class Counter<Word extends string = string> {
  readonly #counts = new Map<Word, number>()

  add(word: Word | undefined): void {
    if (word !== undefined) this.#counts.set(word, (this.#counts.get(word) ?? 0) + 1)
  }

  get words(): readonly Word[] {
    return [...this.#counts.keys()]
  }

  /** By word; the vault's own words and ids, and names whose keys are set as such. */
  entries(): readonly (readonly [Word, number])[] {
    return [...this.#counts].toSorted(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
  }
}
