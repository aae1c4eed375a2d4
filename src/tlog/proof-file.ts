import { fromBase64, toBase64 } from '../core/bytes.ts'
import type { Bytes } from '../core/bytes.ts'
import { openCheckpoint, parseCheckpoint } from './checkpoint.ts'
import type { Checkpoint } from './checkpoint.ts'
import { countCosignatures } from './cosignature.ts'
import type { WitnessPolicy } from './cosignature.ts'
import { formatDecimal, formatHash, linesOf, parseDecimal, parseHashes } from './encoding.ts'
import { parseNote } from './note.ts'
import type { Verifier } from './note.ts'
import { MAX_PROOF_HASHES, verifyInclusion } from './verify.ts'

/** What shows offline that a leaf is in a log (c2sp.org/tlog-proof@v1). */
export type ProofFile = {
  /** Of the leaf, from 0. */
  index: number
  /** RFC 6962 audit path, from the leaf's sibling up; 32 bytes each, at most 63. */
  hashes: readonly Bytes[]
  /** A whole signed note, verbatim. */
  checkpoint: string
  /** Anything; nobody signed it. Empty is none. */
  extra?: Bytes
}

const HEADER = 'c2sp.org/tlog-proof@v1'

/** @throws RangeError for a proof that `parseProof` would not take. */
export function formatProof({ index, hashes, checkpoint, extra }: ProofFile): string {
  if (hashes.length > MAX_PROOF_HASHES || !isCheckpointNote(checkpoint)) throw new RangeError('not a proof')
  const lines = [
    HEADER,
    ...(extra && extra.length > 0 ? [`extra ${toBase64(extra)}`] : []),
    `index ${formatDecimal(index)}`,
    ...hashes.map(formatHash),
  ]
  return `${lines.join('\n')}\n\n${checkpoint}`
}

function isCheckpointNote(text: string): boolean {
  const note = parseNote(text)
  return note !== undefined && parseCheckpoint(note.text) !== undefined
}

/** @returns undefined for anything but a proof's one spelling, with a well-formed checkpoint. Nothing is verified. */
export function parseProof(text: string): ProofFile | undefined {
  const split = text.indexOf('\n\n')
  if (split < 0) return undefined
  const checkpoint = text.slice(split + 2)
  const [header, ...lines] = linesOf(text.slice(0, split + 1)) ?? []
  const extra = parseExtra(lines[0])
  if (header !== HEADER || !isCheckpointNote(checkpoint) || extra === 'malformed') return undefined
  const [indexLine = '', ...hashLines] = extra ? lines.slice(1) : lines
  const index = indexLine.startsWith('index ') ? parseDecimal(indexLine.slice('index '.length)) : undefined
  const hashes = hashLines.length > MAX_PROOF_HASHES ? undefined : parseHashes(hashLines)
  if (index === undefined || !hashes) return undefined
  return { index, hashes, checkpoint, ...(extra && { extra }) }
}

function parseExtra(line: string | undefined): Bytes | 'malformed' | undefined {
  if (!line?.startsWith('extra ')) return undefined
  const bytes = fromBase64(line.slice('extra '.length))
  return bytes && bytes.length > 0 ? bytes : 'malformed'
}

/** Why a proof is refused, in the order in which it is looked at. */
export type ProofFault = 'proof_malformed' | 'checkpoint_untrusted' | 'not_included' | 'quorum_not_met'

export type ProofVerdict =
  { ok: true; checkpoint: Checkpoint; index: number; cosignatures: number } | { ok: false; code: ProofFault }

/**
 * Whether a proof file shows that this leaf is in the log. Never throws, whatever the text.
 *
 * @param leafHash `leafHash(leaf)`, computed by whoever asks from the leaf as it should be.
 * @param trusted the log's key; and, if witnesses are to vouch for it, theirs. Without `quorum` all of them have to.
 */
export function verifyProof(
  text: string,
  leafHash: Uint8Array,
  trusted: { log: Verifier } & Partial<WitnessPolicy>,
): ProofVerdict {
  const proof = parseProof(text)
  if (!proof) return { ok: false, code: 'proof_malformed' }
  const checkpoint = openCheckpoint(proof.checkpoint, trusted.log)
  if (!checkpoint) return { ok: false, code: 'checkpoint_untrusted' }
  const { index, hashes } = proof
  const { size, root } = checkpoint
  if (!verifyInclusion({ leafHash, index, size, root, proof: hashes }))
    return { ok: false, code: 'not_included' }
  const { witnesses = [], quorum = witnesses.length } = trusted
  const cosignatures = countCosignatures(proof.checkpoint, { witnesses, quorum })
  if (!(cosignatures >= quorum)) return { ok: false, code: 'quorum_not_met' }
  return { ok: true, checkpoint, index, cosignatures }
}
