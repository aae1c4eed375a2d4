import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'

// Reads what strace has written down (p01-p03-strace.ts): one call after another, with its bytes.

export type Syscall = {
  name: string
  /** The thread. */
  thread: number
  /** What the first file descriptor, or else the path among the arguments, stands for. */
  path: string
  args: string
  /** What was handed over and taken: what a short write left out is not in it. */
  bytes: Buffer
  result: number
  /** Where it began and ended among all calls of the process. */
  from: number
  to: number
}

type Part = { text: string; at: number }

/** Calls that were begun when another thread's came in between, by thread. */
type Begun = Map<string, Part>

const CALL = /^(\d+) +(.*)$/s
const RESUMED = /^<\.\.\. \w+ resumed>(.*)$/s
const UNFINISHED = '<unfinished ...>'
const RESULT = /^ = (-?\d+)/
const ON_FD = /^\d+<([^>]*)>/
const STRING = /"((?:\\x[0-9a-f]{2})*)"(\.\.\.)?/g

/** @throws Error on a line that is not understood, or bytes that were cut: what is not seen cannot be judged. */
export async function* readSyscalls(file: string): AsyncGenerator<Syscall> {
  const lines = createInterface({ input: createReadStream(file, 'latin1'), crlfDelay: Infinity })
  const begun: Begun = new Map()
  let at = 0
  for await (const line of lines) {
    at += 1
    const [, thread = '', text = ''] = CALL.exec(line) ?? []
    const whole = joined(begun, thread, text, at)
    if (whole) yield parse(Number(thread), whole.text, whole.at, at)
  }
}

/** @returns a call that has ended, from its name to its result; undefined for anything else. */
function joined(begun: Begun, thread: string, text: string, at: number): Part | undefined {
  const rest = RESUMED.exec(text)?.[1]
  const before = begun.get(thread)
  if (rest !== undefined) {
    begun.delete(thread)
    return before && { text: before.text + rest, at: before.at }
  }
  if (text.endsWith(UNFINISHED)) {
    begun.set(thread, { text: text.slice(0, -UNFINISHED.length), at })
    return undefined
  }
  // Signals and ends of threads.
  return /^\w+\(/.test(text) ? { text, at } : undefined
}

function parse(thread: number, text: string, from: number, to: number): Syscall {
  const opening = text.indexOf('(')
  const equals = text.lastIndexOf(' = ')
  const closing = text.lastIndexOf(')', equals)
  const name = text.slice(0, opening)
  const args = text.slice(opening + 1, closing).trimEnd()
  const result = Number(RESULT.exec(text.slice(equals))?.[1] ?? Number.NaN)
  const strings = [...args.matchAll(STRING)].map(([, hex = '', cut]) => {
    if (cut !== undefined) throw new Error(`line ${to}: the bytes of a ${name} were cut`)
    return unescaped(hex)
  })
  const onFd = ON_FD.exec(args)?.[1]
  const all = Buffer.concat(strings)
  return {
    name,
    thread,
    path: onFd === undefined ? all.toString() : pathOf(onFd),
    args,
    bytes: all.subarray(0, Math.max(0, result)),
    result,
    from,
    to,
  }
}

function unescaped(hex: string): Buffer {
  return Buffer.from(hex.replaceAll('\\x', ''), 'hex')
}

function pathOf(shown: string): string {
  return shown.startsWith('\\x') ? unescaped(shown).toString() : shown
}
