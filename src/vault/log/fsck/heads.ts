import { equalBytes } from '../../../core/bytes.ts'
import { openCheckpoint, parseCheckpoint } from '../../../tlog/checkpoint.ts'
import type { Checkpoint } from '../../../tlog/checkpoint.ts'
import { parseNote } from '../../../tlog/note.ts'
import type { Verifier } from '../../../tlog/note.ts'
import type { LogState } from '../log.ts'
import type { Fault } from './finding.ts'

/** The keys that a log's checkpoints may be signed with; undefined where none could be had: then signatures are not looked at. */
export type LogKeys = readonly Verifier[] | undefined

/** A size and root that the events have to give. */
export type Head = {
  /** `checkpoint`: the store's own; `cosigned`: kept by it with the witnesses' lines; `witnessed`: held elsewhere. */
  from: 'checkpoint' | 'cosigned' | 'witnessed'
  size: number
  root: Uint8Array
}

/** What the store's own row says, note by note. */
export function headsOf(log: LogState, keys: LogKeys): { heads: readonly Head[]; faults: readonly Fault[] } {
  const own = readHead('checkpoint', log.checkpoint, log.origin, keys)
  const beside = own.checkpoint && besideFaults(log, own.checkpoint)
  if (!log.cosigned) return { heads: own.heads, faults: [...own.faults, ...(beside ?? [])] }
  const cosigned = readHead('cosigned', log.cosigned.note, log.origin, keys)
  const sizes = cosigned.checkpoint && cosignedFaults(log, log.cosigned.size, cosigned.checkpoint)
  return {
    heads: [...own.heads, ...cosigned.heads],
    faults: [...own.faults, ...(beside ?? []), ...cosigned.faults, ...(sizes ?? [])],
  }
}

/** A checkpoint that somebody outside has kept, of the log with this origin. */
export function witnessedHead(note: string, origin: string, keys: LogKeys) {
  const { heads, faults } = readHead('witnessed', note, origin, keys)
  return { heads, faults }
}

type ReadHead = { heads: readonly Head[]; faults: readonly Fault[]; checkpoint?: Checkpoint }

function readHead(from: Head['from'], note: string, origin: string, keys: LogKeys): ReadHead {
  const parsed = parseNote(note)
  const checkpoint = parsed && parseCheckpoint(parsed.text)
  if (!checkpoint)
    return { heads: [], faults: [{ code: 'checkpoint_unreadable', id: from, seen: 'not a checkpoint' }] }
  if (checkpoint.origin !== origin) {
    const seen = `its origin is not ${origin}`
    return { heads: [], faults: [{ code: 'checkpoint_of_another_log', id: from, seen }] }
  }
  const { size, root } = checkpoint
  const signed = !keys || keys.some((key) => openCheckpoint(note, key))
  const seen = `no valid signature of the log over size ${size}`
  const faults: Fault[] = signed ? [] : [{ code: 'checkpoint_unsigned', id: from, seen }]
  // What was not signed by the log says nothing about it; of its own row the root is compared all the same.
  const heads = signed || from !== 'witnessed' ? [{ from, size, root }] : []
  return { heads, faults, checkpoint }
}

function besideFaults(log: LogState, { size, root }: Checkpoint): Fault[] {
  if (size === log.size && equalBytes(root, log.root)) return []
  const seen = `the row says size ${log.size}, the checkpoint ${size}${size === log.size ? ', and another root' : ''}`
  return [{ code: 'checkpoint_differs', id: 'checkpoint', seen }]
}

function cosignedFaults(log: LogState, said: number, { size }: Checkpoint): Fault[] {
  if (size === said && size <= log.size) return []
  const seen = `the row says size ${said}, the note ${size}, the newest checkpoint ${log.size}`
  return [{ code: 'checkpoint_differs', id: 'cosigned', seen }]
}

/** A head whose size the events have reached. */
export function rootFault(head: Head, root: Uint8Array): Fault[] {
  if (equalBytes(head.root, root)) return []
  const code = head.from === 'witnessed' ? 'log_forked' : 'root_differs'
  return [{ code, id: head.from, seen: `the first ${head.size} events give another root` }]
}

/** A head beyond what the events give without a gap. */
export function beyondFault({ from, size }: Head, events: number): Fault {
  const code = from === 'witnessed' ? 'log_rolled_back' : 'log_truncated'
  return { code, id: from, seen: `it covers ${size} events, and ${events} are there without a gap` }
}
