import type { Bytes } from '../core/bytes.ts'
import { formatDecimal, formatHash, isPlainText, linesOf, parseDecimal, parseHash } from './encoding.ts'
import { parseNote, signNote, verifyNote } from './note.ts'
import type { Signer, Verifier } from './note.ts'

/** The head of a log (c2sp.org/tlog-checkpoint). */
export type Checkpoint = {
  /** Names the log, as its key does: a URL without scheme. */
  origin: string
  /** How many leaves. */
  size: number
  /** RFC 6962 root over them, 32 bytes. */
  root: Bytes
  /** Further lines, opaque, each not empty. Witnesses do not vouch for them. */
  extensions: readonly string[]
}

/**
 * The text that is signed; it ends in a newline.
 *
 * @throws RangeError for a checkpoint that `parseCheckpoint` would not take.
 */
export function formatCheckpoint({ origin, size, root, extensions }: Checkpoint): string {
  const lines = [origin, formatDecimal(size), formatHash(root), ...extensions]
  if (!lines.every(isLine)) throw new RangeError('not a checkpoint: an empty line or a control character')
  return lines.map((line) => `${line}\n`).join('')
}

function isLine(line: string): boolean {
  return line !== '' && isPlainText(line) && !line.includes('\n')
}

/** @param text a note's text. @returns undefined for anything but a checkpoint's one spelling. */
export function parseCheckpoint(text: string): Checkpoint | undefined {
  const [origin, sizeText, rootText, ...extensions] = linesOf(text) ?? []
  if (origin === undefined || sizeText === undefined || rootText === undefined) return undefined
  if (![origin, ...extensions].every(isLine)) return undefined
  const [size, root] = [parseDecimal(sizeText), parseHash(rootText)]
  return size === undefined || !root ? undefined : { origin, size, root, extensions }
}

/**
 * The whole signed note.
 *
 * @param signers the log's own keys: algorithm 1, their name the origin. More than one while a new key is taken over, so that whoever
 *   knows only the old one goes on checking.
 * @throws RangeError if they are not, or for a checkpoint that cannot be; Error if a signature does not verify.
 */
export async function signCheckpoint(checkpoint: Checkpoint, ...signers: readonly Signer[]): Promise<string> {
  if (signers.some(({ verifier }) => verifier.name !== checkpoint.origin))
    throw new RangeError('not the key of this log')
  return signNote(formatCheckpoint(checkpoint), signers)
}

/** @returns undefined unless the note is a checkpoint of this log, and every signature under its key is right. */
export function openCheckpoint(note: string, log: Verifier): Checkpoint | undefined {
  const parsed = parseNote(note)
  const checkpoint = parsed && parseCheckpoint(parsed.text)
  if (!parsed || checkpoint?.origin !== log.name) return undefined
  return verifyNote(parsed, log) === 'signed' ? checkpoint : undefined
}
