import { concat, toHex, utf8 } from '../core/bytes.ts'
import { parseCheckpoint } from './checkpoint.ts'
import { formatDecimal } from './encoding.ts'
import {
  ED25519_SIGNATURE_BYTES,
  formatNote,
  formatSignatureLine,
  isBy,
  parseNote,
  parseSignatureLines,
  signaturesOf,
  verifyEd25519,
} from './note.ts'
import type { Note, NoteSignature, Signer, Verifier } from './note.ts'

/** Who has to have seen a checkpoint: `quorum` of these witnesses. */
export type WitnessPolicy = { witnesses: readonly Verifier[]; quorum: number }

const TIMESTAMP_BYTES = 8

/**
 * Says, as of that time, that this is the largest consistent tree that the witness has seen of the log
 * (c2sp.org/tlog-cosignature, Ed25519). Whoever calls has checked that: `judgeCheckpoint`.
 *
 * @param note a signed checkpoint.
 * @returns one signature line that ends in a newline.
 * @throws RangeError if the note is no checkpoint, or the key not one for cosignatures (algorithm 4).
 */
export async function cosign(note: string, signer: Signer, unixSeconds: number): Promise<string> {
  const { name, keyId, algorithm } = signer.verifier
  const checkpoint = parseCheckpointNote(note)
  if (algorithm !== 4) throw new RangeError('not a key for cosignatures')
  if (!checkpoint) throw new RangeError('not a checkpoint')
  const signature = await signer.sign(cosignedMessage(checkpoint.text, unixSeconds))
  return formatSignatureLine({ name, keyId, signature: concat(timestamp(unixSeconds), signature) })
}

function parseCheckpointNote(note: string): Note | undefined {
  const parsed = parseNote(note)
  return parsed && parseCheckpoint(parsed.text) ? parsed : undefined
}

function cosignedMessage(text: string, unixSeconds: number): Uint8Array {
  return utf8(`cosignature/v1\ntime ${formatDecimal(unixSeconds)}\n${text}`)
}

function timestamp(unixSeconds: number): Uint8Array {
  const bytes = new Uint8Array(TIMESTAMP_BYTES)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(unixSeconds))
  return bytes
}

/**
 * Whether this witness cosigned the checkpoint. Not whether the log signed it: `openCheckpoint`.
 *
 * @returns when it did, in Unix seconds, the latest if there are several; undefined if it did not, or if a signature
 *   under its key is wrong.
 */
export function verifyCosignature(note: string, witness: Verifier): number | undefined {
  const checkpoint = parseCheckpointNote(note)
  return checkpoint && cosignedAt(checkpoint, witness)
}

function cosignedAt(checkpoint: Note, witness: Verifier): number | undefined {
  if (witness.algorithm !== 4) return undefined
  const times = signaturesOf(checkpoint, witness).map((line) => timeOf(checkpoint.text, line, witness))
  return times.every((time) => time !== undefined) && times.length > 0 ? Math.max(...times) : undefined
}

function timeOf(text: string, { signature }: NoteSignature, witness: Verifier): number | undefined {
  if (signature.length !== TIMESTAMP_BYTES + ED25519_SIGNATURE_BYTES) return undefined
  const time = Number(new DataView(signature.buffer, signature.byteOffset).getBigUint64(0))
  if (!Number.isSafeInteger(time)) return undefined
  const ed25519 = signature.subarray(TIMESTAMP_BYTES)
  return verifyEd25519(witness.publicKey, cosignedMessage(text, time), ed25519) ? time : undefined
}

/**
 * Puts signature lines at the end of a note; a line takes the place of one of the same key. Nothing is verified: for the
 * answer of a witness there is `takeCosignatures`.
 *
 * @throws RangeError if note or lines are malformed, or there would be more than 100 signatures.
 */
export function addSignatureLines(note: string, lines: string): string {
  const [parsed, added] = [parseNote(note), parseSignatureLines(lines)]
  if (!parsed || !added) throw new RangeError('not a note and signature lines')
  const isReplaced = ({ name, keyId }: NoteSignature) =>
    added.some((line) => line.name === name && line.keyId === keyId)
  const kept = parsed.signatures.filter((signature) => !isReplaced(signature))
  return formatNote({ text: parsed.text, signatures: [...kept, ...added] })
}

/**
 * Of what a witness answered, adds to the checkpoint what is a valid cosignature by one of `witnesses`, the latest of
 * each, and drops the rest: an answer must not displace the log's own signature. Does not throw on any answer.
 *
 * @returns the checkpoint with them, and which witnesses they are by; as it was if the answer is malformed.
 */
export function takeCosignatures(
  note: string,
  answer: string,
  witnesses: readonly Verifier[],
): { note: string; by: readonly Verifier[] } {
  const [parsed, lines] = [parseCheckpointNote(note), parseSignatureLines(answer)]
  if (!parsed || !lines) return { note, by: [] }
  const latest = witnesses.flatMap((witness) => {
    const time = cosignedAt({ ...parsed, signatures: lines }, witness)
    if (time === undefined) return []
    const line = lines.find((line) => isBy(line, witness) && timeOf(parsed.text, line, witness) === time)
    return line ? [{ witness, line: formatSignatureLine(line) }] : []
  })
  return {
    note: addSignatureLines(note, latest.map(({ line }) => line).join('')),
    by: latest.map(({ witness }) => witness),
  }
}

/**
 * How many of the witnesses cosigned. One key counts once, whatever names it has: the message that a cosigner signs
 * does not hold the name (c2sp.org/tlog-cosignature).
 */
export function countCosignatures(note: string, policy: WitnessPolicy): number {
  const checkpoint = parseCheckpointNote(note)
  if (!checkpoint) return 0
  const cosigned = policy.witnesses.filter((witness) => cosignedAt(checkpoint, witness) !== undefined)
  return new Set(cosigned.map(({ publicKey }) => toHex(publicKey))).size
}
