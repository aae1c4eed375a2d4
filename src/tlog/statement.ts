import { formatHash, parseDecimal, parseHash } from './encoding.ts'
import { rootOf } from './merkle.ts'
import { parseNote, signNote, verifyNote } from './note.ts'
import type { Signer, Verifier } from './note.ts'

/**
 * A log's signed word on which of its first `size` leaves concern one person: how many, and the Merkle root over their hashes in
 * the log's order. As a note (c2sp.org/signed-note) of five lines:
 *
 *     cloakroom-evidence/1
 *     <subject>
 *     <size>
 *     <count>
 *     <base64 of the root>
 *
 * No reader takes it for a checkpoint: there the second line is a number.
 */
const KIND = 'cloakroom-evidence/1'
const SUBJECT = /^sub_[0-9a-hjkmnp-tv-z]{26}$/

export type Statement = { subject: string; size: number; count: number; root: Uint8Array }

/** @returns the whole signed note. @throws as `signNote`. */
export async function signStatement(
  { subject, size, leafHashes }: { subject: string; size: number; leafHashes: readonly Uint8Array[] },
  ...signers: readonly Signer[]
): Promise<string> {
  const root = formatHash(rootOf(leafHashes))
  const text = `${[KIND, subject, String(size), String(leafHashes.length), root].join('\n')}\n`
  return signNote(text, signers)
}

/** @returns undefined unless it is a statement that this log's key has signed. */
export function openStatement(note: string, log: Verifier): Statement | undefined {
  const parsed = parseNote(note)
  if (!parsed || verifyNote(parsed, log) !== 'signed') return undefined
  const [kind, subject = '', size = '', count = '', root = '', end, ...more] = parsed.text.split('\n')
  if (kind !== KIND || end !== '' || more.length > 0 || !SUBJECT.test(subject)) return undefined
  const numbers = [parseDecimal(size), parseDecimal(count)] as const
  const hash = parseHash(root)
  if (numbers[0] === undefined || numbers[1] === undefined || !hash) return undefined
  return { subject, size: numbers[0], count: numbers[1], root: hash }
}
