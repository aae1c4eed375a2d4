import type { Checkpoint } from '../../tlog/checkpoint.ts'
import { verifyEvidence } from '../../tlog/evidence.ts'
import type { EvidenceBundle } from '../../tlog/evidence.ts'
import { leafHash } from '../../tlog/merkle.ts'
import { verifyProof } from '../../tlog/proof-file.ts'
import { evidenceFinding, proofFinding } from './findings.ts'
import type { BundleFault, Finding } from './findings.ts'
import type { Trusted } from './verify-log.ts'

export type FileVerdict = {
  findings: readonly Finding[]
  checkpoint?: Checkpoint
  cosignatures: number
  /** Place of the leaf, of a proof. */
  index?: number
  /** How many rows, of a bundle. */
  rows?: number
}

/** Whether the proof shows that this leaf is in the log. */
export function checkProof(text: string, leaf: Uint8Array, trusted: Trusted): FileVerdict {
  const verdict = verifyProof(text, leafHash(leaf), trusted)
  if (!verdict.ok) return { findings: [proofFinding(verdict.code)], cosignatures: 0 }
  const { checkpoint, index, cosignatures } = verdict
  return { findings: [], checkpoint, index, cosignatures }
}

/**
 * Whether every row is in the log and about this person, and none of those is missing that the log has signed for.
 *
 * @param earlier a bundle that was had before; it is held against the key itself, so that a made-up one proves nothing.
 */
export function checkEvidence(
  bundle: EvidenceBundle,
  trusted: Trusted,
  earlier?: EvidenceBundle,
): FileVerdict {
  const usable = earlier && isSound(earlier, trusted) && earlier.subject === bundle.subject
  const { faults, entries, checkpoint, cosignatures } = verifyEvidence(
    bundle,
    trusted,
    usable ? earlier : undefined,
  )
  const more = earlier ? earlierFaults(bundle, earlier, trusted, checkpoint) : []
  const findings = [...faults, ...more].map(evidenceFinding)
  return { findings, cosignatures, rows: entries, ...(checkpoint && { checkpoint }) }
}

/** Without witnesses: those that vouch today need not have been there then. */
function isSound(bundle: EvidenceBundle, { log }: Trusted): boolean {
  return verifyEvidence(bundle, { log }).faults.length === 0
}

function earlierFaults(
  bundle: EvidenceBundle,
  earlier: EvidenceBundle,
  trusted: Trusted,
  now: Checkpoint | undefined,
): BundleFault[] {
  if (!isSound(earlier, trusted)) return [{ code: 'earlier_invalid' }]
  if (earlier.subject !== bundle.subject) return [{ code: 'earlier_of_another' }]
  const before = verifyEvidence(earlier, { log: trusted.log }).checkpoint
  return now && before && before.size > now.size ? [{ code: 'rolled_back' }] : []
}
