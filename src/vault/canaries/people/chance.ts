import { utf8 } from '../../../core/bytes.ts'
import { sha256 } from '../../../core/sha256.ts'

/** Numbers that follow from a seed alone, the same on every engine: SHA-256 of the seed and a count, 4 bytes at a time. */
export class Chance {
  readonly #seed: string
  #block = new Uint8Array()
  #blocks = 0
  #at = 0

  constructor(seed: string) {
    this.#seed = seed
  }

  #next(): number {
    if (this.#at >= this.#block.length) {
      this.#block = sha256(utf8(`cloakroom/canary\n${this.#blocks++}\n${this.#seed}`))
      this.#at = 0
    }
    const value = new DataView(this.#block.buffer, this.#block.byteOffset).getUint32(this.#at)
    this.#at += 4
    return value
  }

  /** From 0 up to and without `end`. The bias of the remainder is below one in four million for what is chosen from here. */
  below(end: number): number {
    return this.#next() % end
  }

  between(first: number, last: number): number {
    return first + this.below(last - first + 1)
  }

  /** One of these; the first ones are more likely, as common names are. */
  common<T>(all: readonly T[]): T {
    return this.of(all.slice(0, 1 + this.below(all.length)))
  }

  of<T>(all: readonly T[]): T {
    const one = all[this.below(all.length)]
    if (one === undefined) throw new RangeError('nothing to choose from')
    return one
  }

  digits(count: number): string {
    return Array.from({ length: count }, () => this.below(10)).join('')
  }
}
