import type { Syscall } from './p01-syscalls.ts'

// The answers of a service as they went into its sockets, put together from the pieces in which they were written.

export type WrittenAnswer = {
  /** When its first byte was handed to the kernel. */
  from: number
  status: number
  text: string
}

/** Ids as they are written, in pages and in answers. */
export const ID = /\b(?:evt|sub|shp|grt|key|mer|cou|ses)_[0-9a-hjkmnp-tv-z]{26}/g

type Piece = { from: number; bytes: Buffer }

const HEAD_END = Buffer.from('\r\n\r\n')
const STATUS = /^HTTP\/1\.1 (\d{3}) /
const LENGTH = /^content-length: *(\d+) *$/im
const CHUNKED = /^transfer-encoding:/im

export class AnswerStreams {
  readonly #answers: WrittenAnswer[]
  readonly #faults: string[]
  readonly #pieces = new Map<string, Piece[]>()

  constructor(answers: WrittenAnswer[], faults: string[]) {
    this.#answers = answers
    this.#faults = faults
  }

  take({ path, bytes, from }: Syscall): void {
    const pieces = this.#pieces.get(path) ?? []
    this.#pieces.set(path, pieces)
    pieces.push({ from, bytes })
    this.#cut(path, pieces)
  }

  /** What was begun and never ended is an answer that nobody got. */
  end(): void {
    this.#pieces.clear()
  }

  #cut(path: string, pieces: Piece[]): void {
    for (let all = joined(pieces); all.length > 0; all = joined(pieces)) {
      const length = lengthOf(all)
      if (length === undefined) return
      if (Number.isNaN(length)) {
        this.#faults.push(`${path}: an answer is not understood`)
        this.#pieces.delete(path)
        return
      }
      if (all.length < length) return
      this.#keep(pieces, all.subarray(0, length))
    }
  }

  #keep(pieces: Piece[], answer: Buffer): void {
    const [first] = pieces
    const body = answer.indexOf(HEAD_END) + HEAD_END.length
    const status = Number(STATUS.exec(answer.toString('latin1', 0, body))?.[1])
    this.#answers.push({ from: first?.from ?? 0, status, text: answer.toString('utf8', body) })
    for (let left = answer.length; left > 0;) {
      const piece = pieces[0]!
      const taken = Math.min(left, piece.bytes.length)
      left -= taken
      if (taken === piece.bytes.length) pieces.shift()
      else piece.bytes = piece.bytes.subarray(taken)
    }
  }
}

function joined(pieces: readonly Piece[]): Buffer {
  return pieces.length === 1 ? pieces[0]!.bytes : Buffer.concat(pieces.map(({ bytes }) => bytes))
}

/** @returns undefined while the head is not whole; not a number if it is none that this reads. */
function lengthOf(bytes: Buffer): number | undefined {
  const end = bytes.indexOf(HEAD_END)
  if (end < 0) return undefined
  const head = bytes.toString('latin1', 0, end)
  const status = Number(STATUS.exec(head)?.[1])
  if (CHUNKED.test(head)) return Number.NaN
  const length = LENGTH.exec(head)?.[1]
  const body = length === undefined && (status === 204 || status === 304) ? 0 : Number(length)
  return status > 0 ? end + HEAD_END.length + body : Number.NaN
}
