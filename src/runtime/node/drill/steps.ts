import type { Tell, Told } from './order.ts'

/** Tells each step with the time that it took. */
export class Steps {
  readonly #tell: Tell
  #totalMs = 0

  constructor(tell: Tell) {
    this.#tell = tell
  }

  /** All steps so far, without what lay between them. */
  get totalMs(): number {
    return this.#totalMs
  }

  async take<Result>(
    title: string,
    work: () => Promise<Omit<Told, 'title' | 'ms'> & { result: Result }>,
  ): Promise<Result> {
    const started = performance.now()
    const { says, table, result } = await work()
    const ms = performance.now() - started
    this.#totalMs += ms
    this.#tell({ title, ms, says, ...(table && { table }) })
    return result
  }
}
