import { basename, dirname } from 'node:path'
import { AnswerStreams } from './p01-answers.ts'
import type { WrittenAnswer } from './p01-answers.ts'
import { readSyscalls } from './p01-syscalls.ts'
import type { Syscall } from './p01-syscalls.ts'

// What one run of the service did to its files and told its callers, in order.

/** One change of a file, or the moment at which all changes before it are on disk. `at` counts the calls of the run. */
export type FileOp = { at: number; file: string } & (
  { kind: 'write'; offset: number; bytes: Buffer } | { kind: 'cut'; size: number } | { kind: 'sync' }
)

/** A file or folder came to be, or went; that is on disk once its folder has been synced. */
export type EntryOp = { at: number; path: string; what: 'made' | 'gone' }

export type Recording = {
  /** Of the database, its write-ahead log and its rollback journal, by their names. */
  ops: FileOp[]
  entries: EntryOp[]
  folderSyncs: { at: number; folder: string }[]
  answers: WrittenAnswer[]
  /** What could not be understood: then nothing that follows from the recording is sound. */
  faults: string[]
  calls: number
}

const DATABASE = 'cloakroom.sqlite'
/** By these a database file could change without a line that says how. */
const UNREADABLE = [
  'writev',
  'pwritev',
  'pwritev2',
  'fallocate',
  'copy_file_range',
  'sendfile',
  'splice',
  'sync_file_range',
]
const SOCKET_WRITES = ['write', 'writev', 'sendto', 'sendmsg']
const OFFSET = /, (\d+)$/

/** @param home the folder that everything was made in. */
export async function readRecording(file: string, home: string): Promise<Recording> {
  const recording: Recording = { ops: [], entries: [], folderSyncs: [], answers: [], faults: [], calls: 0 }
  const streams = new AnswerStreams(recording.answers, recording.faults)
  const known = new Set<string>()
  const threads = new Set<number>()
  for await (const call of readSyscalls(file)) {
    recording.calls += 1
    if (call.name === 'io_uring_setup' && call.result >= 0)
      recording.faults.push('io_uring is in use: its writes are not seen')
    if (call.path === home || call.path.startsWith(`${home}/`)) noteFile(recording, known, call)
    if (isDatabase(call.path) && call.result >= 0 && call.bytes.length > 0) threads.add(call.thread)
    if (call.path.startsWith('socket:') && SOCKET_WRITES.includes(call.name) && call.result > 0) {
      threads.add(call.thread)
      streams.take(call)
    }
  }
  streams.end()
  // Within one thread a call has ended before the next begins: only then is the order of lines the order of events.
  if (threads.size !== 1) recording.faults.push(`${threads.size} threads write to files and sockets`)
  return recording
}

function isDatabase(path: string): boolean {
  const name = basename(path)
  return name === DATABASE || (name.startsWith(`${DATABASE}-`) && !name.endsWith('-shm'))
}

function noteFile(recording: Recording, known: Set<string>, call: Syscall): void {
  if (call.result < 0) return
  noteEntry(recording, known, call)
  const { name, path, to: at } = call
  if (name === 'fsync' && !isDatabase(path)) recording.folderSyncs.push({ at, folder: path })
  if (!isDatabase(path)) return
  const op = opOf(call)
  if (op) recording.ops.push(op)
  if (UNREADABLE.includes(name) || name === 'write') recording.faults.push(`${name} to ${basename(path)}`)
  if (name === 'mmap' && isSharedMapping(call))
    recording.faults.push(`${basename(path)} is mapped for writing`)
}

function isSharedMapping({ args }: Syscall): boolean {
  return args.includes('MAP_SHARED') && args.includes('PROT_WRITE')
}

function opOf({ name, path, args, bytes, to: at }: Syscall): FileOp | undefined {
  const file = basename(path)
  if (name === 'pwrite64') return { at, file, kind: 'write', offset: Number(OFFSET.exec(args)?.[1]), bytes }
  if (name === 'ftruncate') return { at, file, kind: 'cut', size: Number(OFFSET.exec(args)?.[1]) }
  return name === 'fsync' || name === 'fdatasync' ? { at, file, kind: 'sync' } : undefined
}

const MAKES_FOLDER = ['mkdir', 'mkdirat']
const OPENS = ['open', 'openat', 'creat']
const REMOVES = ['unlink', 'unlinkat']

function noteEntry({ entries, faults }: Recording, known: Set<string>, call: Syscall): void {
  const { name, path, args, to: at } = call
  if (name.startsWith('rename')) faults.push(`${name} of ${basename(path)}`)
  const makes = MAKES_FOLDER.includes(name) || (OPENS.includes(name) && args.includes('O_CREAT'))
  if (makes && !known.has(path)) {
    known.add(path)
    entries.push({ at, path, what: 'made' })
  }
  if (REMOVES.includes(name) && known.delete(path)) entries.push({ at, path, what: 'gone' })
}

/** Whoever finds no lock file makes one: it is no loss. */
const NO_LOSS = /^lock\.sqlite/

/** Entries of which nothing says that they were on disk when the first answer went out. */
export function looseEntries({ entries, folderSyncs }: Recording, firstAnswerAt: number): string[] {
  return entries
    .filter(({ at, path }) => {
      const synced = folderSyncs.some(
        (sync) => sync.folder === dirname(path) && sync.at > at && sync.at < firstAnswerAt,
      )
      return at < firstAnswerAt && !synced && !NO_LOSS.test(basename(path))
    })
    .map(
      ({ path, what }) => `${basename(dirname(path))}/${basename(path)}: ${what}, and its folder not synced`,
    )
}
