import { inspect, isDeepStrictEqual, stripVTControlCharacters, styleText } from 'node:util'
import type { Answer } from './client.ts'

/** Thrown where the service does not do what the story says. */
export class Differs extends Error {
  override readonly name = 'Differs'

  constructor(step: string, claim: string, expected: unknown, got: unknown) {
    super(`step ${step}\n  says      ${claim}\n  expected  ${spell(expected)}\n  got       ${spell(got)}`)
  }
}

type Output = { write(text: string): unknown }

const WIDTH = 110

/** Tells the story. What it says is checked first: a claim that does not hold is never printed, it ends the story. */
export class Teller {
  readonly #out: Output
  #step = 'before the first'
  #steps = 0
  #claims = 0

  constructor(out: Output) {
    this.#out = out
  }

  /** Where the story is, for what goes wrong outside of a check. */
  get where(): string {
    return `step ${this.#step}`
  }

  get counts(): { steps: number; claims: number } {
    return { steps: this.#steps, claims: this.#claims }
  }

  /** Begins a step: a heading, and in a sentence what is done. */
  step(title: string, sentence: string): void {
    this.#steps++
    this.#step = `${this.#steps}, “${title}”`
    this.#line('')
    this.#line(styleText('bold', `${this.#steps}. ${title}`))
    this.does(sentence)
  }

  does(sentence: string): void {
    this.#line(`   ${sentence}`)
  }

  /** What came back, cut to one line. */
  shows(text: string): void {
    this.#line(styleText('dim', `     ${cut(shorten(text.trim().replaceAll(/\s+/g, ' ')), WIDTH)}`))
  }

  /** A request and its answer, cut to one line each. */
  exchange(answer: Answer): void {
    this.shows(`${answer.request} → ${answer.status}`)
    if (answer.text !== '') this.shows(`  ${answer.text}`)
  }

  table(rows: readonly (readonly string[])[]): void {
    rows = rows.map((row) => row.map(shorten))
    const columns =
      rows[0]?.map((_, column) => Math.max(...rows.map((row) => widthOf(row[column] ?? '')))) ?? []
    rows.forEach((row, place) => {
      const cells = row.map((cell, column) => cell + ' '.repeat((columns[column] ?? 0) - widthOf(cell)))
      const line = `     ${cells.join('  ').trimEnd()}`
      this.#line(place === 0 ? styleText('dim', line) : line)
    })
  }

  /** @throws Differs unless the two are equal through and through. */
  holds(claim: string, got: unknown, expected: unknown): void {
    if (!isDeepStrictEqual(got, expected)) throw new Differs(this.#step, claim, expected, got)
    this.#claims++
    this.#line(`   ${styleText('green', '✓')} ${claim}`)
  }

  /** As `holds`, for an answer's status; its body is what explains a difference. */
  answered(claim: string, answer: Answer, status: number): void {
    const got = answer.status === status ? status : `${answer.status} to ${answer.request}: ${answer.text}`
    this.holds(claim, got, status)
  }

  /** A condition for the story to go on at all; says nothing when it is met. */
  needs(claim: string, got: unknown, expected: unknown): void {
    if (!isDeepStrictEqual(got, expected)) throw new Differs(this.#step, claim, expected, got)
  }

  /** `needs` an answer of this status, and hands it on. */
  good(answer: Answer, status = 200): Answer {
    const got = answer.status === status ? status : `${answer.status}: ${answer.text}`
    this.needs(`${answer.request} is answered with ${status}`, got, status)
    return answer
  }

  /** A sentence outside of the steps: the first or the last. */
  says(sentence: string): void {
    this.#line(sentence)
  }

  #line(text: string): void {
    this.#out.write(`${text}\n`)
  }
}

function spell(value: unknown): string {
  return typeof value === 'string'
    ? value
    : inspect(value, { depth: 8, breakLength: Infinity, maxArrayLength: 20 })
}

/** East Asian wide and full-width characters take two columns of a terminal. */
const WIDE = /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/u

function widthOf(text: string): number {
  return Array.from(stripVTControlCharacters(text)).reduce((sum, char) => sum + (WIDE.test(char) ? 2 : 1), 0)
}

/** Ids and credentials by their ends: that is where they differ. */
function shorten(text: string): string {
  return text
    .replaceAll(/\b(mer|cou|sub|key|tok|shp|wb|grt|evt|ses|req)_[0-9a-z]{22}([0-9a-z]{4})\b/g, '$1_…$2')
    .replaceAll(/\bck_(\w{1,40}?)_\w{28,}(\w{4})\b/g, 'ck_$1_…$2')
}

function cut(text: string, width: number): string {
  let used = 0
  let kept = ''
  for (const char of text) {
    used += widthOf(char)
    if (used > width - 1) return `${kept}…`
    kept += char
  }
  return kept
}
