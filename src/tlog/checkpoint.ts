import { concat, utf8 } from '../core/bytes.ts'
import type { Bytes } from '../core/bytes.ts'
import { formatDecimal, formatHash, isPlainText, linesOf, parseDecimal, parseHash } from './encoding.ts'
import { formatNote, parseNote, verifyNote } from './note.ts'
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
 * @param signer the log's own key: algorithm 1, its name the origin.
 * @throws RangeError if it is not, or for a checkpoint that cannot be; Error if the signature does not verify.
 */
export async function signCheckpoint(checkpoint: Checkpoint, signer: Signer): Promise<string> {
  const { name, keyId, algorithm } = signer.verifier
  if (algorithm !== 1 || name !== checkpoint.origin) throw new RangeError('not the key of this log')
  const text = formatCheckpoint(checkpoint)
  const signature = concat(await signer.sign(utf8(text)))
  const note = formatNote({ text, signatures: [{ name, keyId, signature }] })
  // A signer may be a device elsewhere: what it gets wrong must not be published.
  if (!openCheckpoint(note, signer.verifier))
    throw new Error('the signer gave a signature that does not verify')
  return note
}

/** @returns undefined unless the note is a checkpoint of this log, and every signature under its key is right. */
export function openCheckpoint(note: string, log: Verifier): Checkpoint | undefined {
  const parsed = parseNote(note)
  const checkpoint = parsed && parseCheckpoint(parsed.text)
  if (!parsed || checkpoint?.origin !== log.name) return undefined
  return verifyNote(parsed, log) === 'signed' ? checkpoint : undefined
}
