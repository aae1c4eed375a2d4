import { ID } from './p01-answers.ts'
import type { WrittenAnswer } from './p01-answers.ts'
import { looseEntries } from './p01-recording.ts'
import type { FileOp, Recording } from './p01-recording.ts'

// P1 (a): was what an answer speaks of on disk before the answer's first byte was handed to the kernel?

/** SQLite's file format, §4: a header of 32 bytes, then frames, each a header of 24 bytes and a page. */
const WAL_HEADER_BYTES = 32
const FRAME_HEADER_BYTES = 24
/** In a frame's header: how many pages the database has after the commit that ends here; 0 if none ends here. */
const COMMIT_SIZE_AT = 4

const LOG = 'cloakroom.sqlite-wal'

type Commit = { no: number; endedAt: number }

/** The commits of a recording, and in which of them each id is met first. */
export class Commits {
  readonly faults: string[] = []
  readonly #first = new Map<string, Commit>()
  readonly #pageBytes: number
  /** Frames that no commit has ended yet, by their place. */
  #open = new Map<number, string[]>()
  #ending: number | undefined
  #count = 0

  constructor(ops: readonly FileOp[]) {
    const log = ops.filter(({ file }) => file === LOG)
    this.#pageBytes = pageBytesOf(log)
    for (const op of log) if (op.kind === 'write') this.#read(op)
  }

  get count(): number {
    return this.#count
  }

  firstOf(id: string): Commit | undefined {
    return this.#first.get(id)
  }

  #read({ at, offset, bytes }: FileOp & { kind: 'write' }): void {
    if (offset < WAL_HEADER_BYTES) return
    const inFrame = (offset - WAL_HEADER_BYTES) % (FRAME_HEADER_BYTES + this.#pageBytes)
    const frame = offset - inFrame
    if (inFrame === 0 && bytes.length === FRAME_HEADER_BYTES) {
      if (bytes.readUInt32BE(COMMIT_SIZE_AT) > 0) this.#ending = frame
    } else if (inFrame === FRAME_HEADER_BYTES && bytes.length === this.#pageBytes) {
      this.#open.set(frame, bytes.toString('latin1').match(ID) ?? [])
      if (this.#ending === frame) this.#commit(frame, at)
    } else this.faults.push(`the log: ${bytes.length} bytes at ${offset} are no frame's`)
  }

  /** Frames behind the last of the commit are left from one that was undone. */
  #commit(last: number, endedAt: number): void {
    const commit = { no: this.#count++, endedAt }
    for (const [frame, ids] of this.#open) {
      if (frame > last) continue
      for (const id of ids) if (!this.#first.has(id)) this.#first.set(id, commit)
    }
    this.#open = new Map()
    this.#ending = undefined
  }
}

function pageBytesOf(log: readonly FileOp[]): number {
  const header = log.find((op) => op.kind === 'write' && op.offset === 0 && op.bytes.length >= 12)
  return header?.kind === 'write' ? header.bytes.readUInt32BE(8) : 0
}

export type OrderReport = {
  answers: number
  commits: number
  /** Syncs of the log's file. */
  syncs: number
  /** Answers that left before what they speak of was on disk. */
  early: string[]
  failures: string[]
}

/** @param names what callers know to have been answered: each has to be found in an answer, and in a commit. */
export function checkOrder(recording: Recording, names: readonly string[]): OrderReport {
  const commits = new Commits(recording.ops)
  const syncs = recording.ops.filter(({ file, kind }) => file === LOG && kind === 'sync').map(({ at }) => at)
  const answers = recording.answers.filter(({ status }) => status < 300)
  const early = answers.flatMap((answer) => isEarly(answer, commits, syncs))
  const first = Math.min(...answers.filter(({ text }) => text.match(ID)).map(({ from }) => from))
  const answered = new Set(answers.flatMap(({ text }) => text.match(ID) ?? []))
  const unseen = names.filter((name) => !answered.has(name) || !commits.firstOf(name))
  return {
    answers: answers.length,
    commits: commits.count,
    syncs: syncs.length,
    early,
    failures: [
      ...recording.faults,
      ...commits.faults,
      ...unseen.map((name) => `${name} was answered, and is not in the recording`),
      ...looseEntries(recording, first),
    ],
  }
}

/** A sync counts if it began behind the commit's last byte and had ended before the answer's first. */
function isEarly({ from, text }: WrittenAnswer, commits: Commits, syncs: readonly number[]): string[] {
  const its = (text.match(ID) ?? []).flatMap((id) => {
    const commit = commits.firstOf(id)
    return commit ? [{ id, commit }] : []
  })
  const loose = its.find(({ commit }) => !syncs.some((at) => at > commit.endedAt && at < from))
  return loose ? [`${loose.id} was answered before commit ${loose.commit.no} was on disk`] : []
}
