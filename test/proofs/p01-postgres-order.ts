import { basename } from 'node:path'
import { AnswerStreams, ID } from './p01-answers.ts'
import type { WrittenAnswer } from './p01-answers.ts'
import type { OrderReport } from './p01-order.ts'
import { readSyscalls } from './p01-syscalls.ts'
import type { Syscall } from './p01-syscalls.ts'
import { WalReader, segmentOf } from './p01-wal.ts'
import type { WalRecord } from './p01-wal.ts'

// P1 (a) on PostgreSQL: services and server are seen by one tracer, whose lines are in one order: a call that has ended on one line
// has ended before one that begins on a later line has begun, whosever they are.

/** Where the log's pages are that hold it, and when the last of them had been written. */
type Written = { segments: number[]; at: number }
type Met = Written & { transaction: number }
type Sync = { segment: number; from: number; to: number }

export type PostgresRecording = {
  calls: number
  answers: WrittenAnswer[]
  /** The transactions that an id is met in, and the first record of each: one that was undone may have had it before the one that stands. */
  met: Map<string, Map<number, Met>>
  /** By transaction, those within another one too. */
  commits: Map<number, Written>
  /** When each segment was written last. */
  written: Map<number, number>
  syncs: Sync[]
  faults: string[]
}

const SOCKET_WRITES = ['write', 'writev', 'sendto', 'sendmsg']
const SYNCS = ['fsync', 'fdatasync']
/** By these pages could be written without a line that says which. */
const UNREADABLE = ['write', 'writev', 'pwritev', 'pwritev2', 'sync_file_range']
const OFFSET = /, (\d+)$/
const ANSWER = Buffer.from('HTTP/1.1 ')

export async function readPostgresRecording(file: string): Promise<PostgresRecording> {
  const recording: PostgresRecording = {
    calls: 0,
    answers: [],
    met: new Map(),
    commits: new Map(),
    written: new Map(),
    syncs: [],
    faults: [],
  }
  const streams = new AnswerStreams(recording.answers, recording.faults)
  const reader = new WalReader()
  const answering = new Map<string, number>()
  for await (const call of readSyscalls(file)) {
    recording.calls += 1
    const segment = call.path.includes('/pg_wal/') ? segmentOf(basename(call.path)) : undefined
    if (segment !== undefined && call.result >= 0) noteLog(recording, reader, segment, call)
    if (!SOCKET_WRITES.includes(call.name) || call.result <= 0) continue
    if (call.bytes.subarray(0, ANSWER.length).equals(ANSWER)) answering.set(call.path, call.thread)
    // Within one thread alone the order of lines is the order of what was written to a socket.
    const thread = answering.get(call.path)
    if (thread !== undefined && thread !== call.thread)
      recording.faults.push(`${call.path}: two threads answer`)
    if (thread !== undefined) streams.take(call)
  }
  streams.end()
  return recording
}

function noteLog(recording: PostgresRecording, reader: WalReader, segment: number, call: Syscall): void {
  const { name, args, bytes, from, to } = call
  if (SYNCS.includes(name)) recording.syncs.push({ segment, from, to })
  if (UNREADABLE.includes(name)) recording.faults.push(`${name} to the log`)
  if (name !== 'pwrite64') return
  recording.written.set(segment, to)
  for (const record of reader.write(segment, Number(OFFSET.exec(args)?.[1]), bytes))
    noteRecord(recording, record, to)
}

function noteRecord({ met, commits }: PostgresRecording, record: WalRecord, at: number): void {
  const { transaction, committed, bytes, segments } = record
  const written = { segments, at }
  for (const one of committed) commits.set(one, written)
  for (const id of bytes.toString('latin1').match(ID) ?? []) {
    const transactions = met.get(id) ?? new Map<number, Met>()
    met.set(id, transactions)
    if (!transactions.has(transaction)) transactions.set(transaction, { transaction, segments, at })
  }
}

/** @param names what callers know to have been answered: each has to be found in an answer, and in a commit. */
export function checkPostgresOrder(recording: PostgresRecording, names: readonly string[]): OrderReport {
  const { commits, syncs, faults } = recording
  const answers = recording.answers.filter(({ status }) => status < 300)
  const answered = new Set(answers.flatMap(({ text }) => text.match(ID) ?? []))
  const unseen = names.filter((name) => !answered.has(name) || !committed(recording, name))
  return {
    answers: answers.length,
    commits: new Set(commits.values()).size,
    syncs: syncs.length,
    early: answers.flatMap((answer) => isEarly(recording, answer)),
    failures: [...faults, ...unseen.map((name) => `${name} was answered, and is not in the recording`)],
  }
}

/** Where an id was written first by a transaction that stands. */
function committed({ met, commits }: PostgresRecording, id: string): Met | undefined {
  return [...(met.get(id)?.values() ?? [])].find(({ transaction }) => commits.has(transaction))
}

function isEarly(recording: PostgresRecording, { from, text }: WrittenAnswer): string[] {
  for (const id of text.match(ID) ?? []) {
    // Of another run: it was there before.
    if (!recording.met.has(id)) continue
    const record = committed(recording, id)
    const commit = record && recording.commits.get(record.transaction)
    const isOnDisk = commit && [record, commit].every((one) => isSynced(recording, one, from))
    if (!isOnDisk) return [`${id} was answered before its transaction was on disk`]
  }
  return []
}

/** A sync counts if it began behind the last byte and had ended before the answer's first. */
function isSynced({ syncs, written }: PostgresRecording, { segments, at }: Written, before: number): boolean {
  return segments.every((segment, i) => {
    // Of a record that goes on in the next segment, the first part was there before it was whole.
    const since = i === segments.length - 1 ? at : Math.min(at, written.get(segment) ?? at)
    return syncs.some((sync) => sync.segment === segment && sync.from > since && sync.to < before)
  })
}
