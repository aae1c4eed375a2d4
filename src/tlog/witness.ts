import { equalBytes } from '../core/bytes.ts'
import type { Bytes } from '../core/bytes.ts'
import { parseCheckpoint } from './checkpoint.ts'
import type { Checkpoint } from './checkpoint.ts'
import { formatDecimal, formatHash, linesOf, parseDecimal, parseHashes } from './encoding.ts'
import { emptyRoot } from './merkle.ts'
import { parseNote, verifyNote } from './note.ts'
import type { Note, Verifier } from './note.ts'
import { MAX_PROOF_HASHES, verifyConsistency } from './verify.ts'

/** What a log sends to a witness: POST add-checkpoint of c2sp.org/tlog-witness. */
export type AddCheckpoint = {
  /** The size that the log believes the witness has cosigned last; 0 if none. */
  oldSize: number
  /** From that size to the checkpoint's; 32 bytes each, at most 63. */
  proof: readonly Bytes[]
  /** The signed checkpoint, verbatim. */
  note: string
}

/** @throws RangeError for a request that `parseAddCheckpoint` would not take. */
export function formatAddCheckpoint({ oldSize, proof, note }: AddCheckpoint): string {
  if (proof.length > MAX_PROOF_HASHES || !parseNote(note)) throw new RangeError('not a request to a witness')
  const lines = [`old ${formatDecimal(oldSize)}`, ...proof.map(formatHash)]
  return `${lines.join('\n')}\n\n${note}`
}

/** @returns undefined for anything but the one spelling (the answer is then 400). Nothing is verified. */
export function parseAddCheckpoint(text: string): AddCheckpoint | undefined {
  const split = text.indexOf('\n\n')
  if (split < 0) return undefined
  const note = text.slice(split + 2)
  const [oldLine = '', ...hashLines] = linesOf(text.slice(0, split + 1)) ?? []
  const oldSize = oldLine.startsWith('old ') ? parseDecimal(oldLine.slice('old '.length)) : undefined
  const proof = hashLines.length > MAX_PROOF_HASHES ? undefined : parseHashes(hashLines)
  if (oldSize === undefined || !proof || !parseNote(note)) return undefined
  return { oldSize, proof, note }
}

/** The latest checkpoint that the witness cosigned for an origin. */
export type Seen = { size: number; root: Bytes }

/** The HTTP status of the answer. 409 carries the size that the witness has: the body is that number and a newline. */
export type WitnessVerdict =
  | { status: 200; checkpoint: Checkpoint }
  | { status: 400 | 403 | 404 | 422; reason: string }
  | { status: 409; size: number; reason: string }

/**
 * What a witness answers, by the rules of c2sp.org/tlog-witness in their order. Pure: on 200 the caller stores the
 * checkpoint as `Seen`, in one step with the comparison against what is stored, before it cosigns and answers.
 *
 * @param logs the keys that are trusted for each origin.
 * @param seen of the checkpoint's origin; undefined if none was ever cosigned.
 */
export function judgeCheckpoint(
  request: AddCheckpoint,
  logs: ReadonlyMap<string, readonly Verifier[]>,
  seen: Seen | undefined,
): WitnessVerdict {
  const note = parseNote(request.note)
  const checkpoint = note && parseCheckpoint(note.text)
  if (!note || !checkpoint) return { status: 400, reason: 'not a checkpoint' }
  const keys = logs.get(checkpoint.origin)
  if (!keys) return { status: 404, reason: 'unknown log' }
  if (!isSignedBy(note, keys)) return { status: 403, reason: 'no valid signature by a trusted key' }
  return judgeGrowth(request, checkpoint, seen ?? { size: 0, root: emptyRoot() })
}

/** One key of the log suffices while it rolls over to another, but none may have signed wrongly. */
function isSignedBy(note: Note, keys: readonly Verifier[]): boolean {
  const verdicts = keys.map((key) => verifyNote(note, key))
  return verdicts.includes('signed') && !verdicts.includes('invalid')
}

function judgeGrowth(request: AddCheckpoint, checkpoint: Checkpoint, seen: Seen): WitnessVerdict {
  const { oldSize, proof } = request
  if (oldSize > checkpoint.size) return { status: 400, reason: 'old size above the size of the checkpoint' }
  if (oldSize !== seen.size) return { status: 409, size: seen.size, reason: 'another size was cosigned last' }
  if (oldSize === checkpoint.size && !equalBytes(seen.root, checkpoint.root))
    return { status: 409, size: seen.size, reason: 'another root was cosigned at this size' }
  const grown = verifyConsistency({
    oldSize,
    oldRoot: seen.root,
    newSize: checkpoint.size,
    newRoot: checkpoint.root,
    proof,
  })
  return grown
    ? { status: 200, checkpoint }
    : { status: 422, reason: 'the consistency proof does not verify' }
}
