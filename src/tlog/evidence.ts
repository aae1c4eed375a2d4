import { concat, equalBytes, fromBase64, fromHex, fromUtf8, toHex, utf8 } from '../core/bytes.ts'
import { sha256 } from '../core/sha256.ts'
import { openCheckpoint } from './checkpoint.ts'
import type { Checkpoint } from './checkpoint.ts'
import { countCosignatures } from './cosignature.ts'
import type { WitnessPolicy } from './cosignature.ts'
import { parseHashes } from './encoding.ts'
import { leafHash, rootOf } from './merkle.ts'
import type { Verifier } from './note.ts'
import { openStatement } from './statement.ts'
import { verifyInclusion } from './verify.ts'

/** An evidence bundle as it comes from whoever handed it over: nothing in it is believed. */
export type EvidenceBundle = {
  subject: string
  checkpoint: string
  statement: string
  entries: readonly EvidenceEntry[]
}

export type EvidenceEntry = {
  event: string
  index: number
  leaf: string
  subject_salt: string
  proof: readonly string[]
}

/** What was found wrong with one entry, or with the whole where there is no index. */
export type EvidenceFault = { code: EvidenceFaultCode; index?: number }

export type EvidenceFaultCode =
  | 'checkpoint_invalid'
  | 'cosignatures_missing'
  | 'statement_invalid'
  | 'statement_of_another'
  | 'rows_missing'
  | 'rows_differ'
  | 'order'
  | 'entry_malformed'
  | 'subject_not_committed'
  | 'not_included'
  | 'earlier_row_missing'

export type EvidenceVerdict = {
  faults: readonly EvidenceFault[]
  entries: number
  checkpoint?: Checkpoint
  cosignatures: number
}

type Trusted = { log: Verifier } & Partial<WitnessPolicy>

/**
 * Checks a bundle offline: every row is in the log and about this person, and no row of those that the log counts is missing.
 * @param earlier a bundle of the same person that was verified before: whatever it held has to be here too.
 */
export function verifyEvidence(
  bundle: EvidenceBundle,
  trusted: Trusted,
  earlier?: EvidenceBundle,
): EvidenceVerdict {
  const checkpoint = openCheckpoint(bundle.checkpoint, trusted.log)
  const witnesses = trusted.witnesses ?? []
  const policy = { witnesses, quorum: trusted.quorum ?? witnesses.length }
  const cosignatures = countCosignatures(bundle.checkpoint, policy)
  const entries = bundle.entries.length
  if (!checkpoint) return { faults: [{ code: 'checkpoint_invalid' }], entries, cosignatures }
  const read = bundle.entries.map((entry) => readEntry(entry))
  const faults: EvidenceFault[] = [
    ...(cosignatures < policy.quorum ? [{ code: 'cosignatures_missing' } as const] : []),
    ...checkStatement(bundle, read, checkpoint, trusted.log),
    ...read.flatMap((entry, i) => checkEntry(bundle, entry, bundle.entries[i], checkpoint)),
    ...checkOrder(bundle.entries),
    ...checkEarlier(bundle.entries, earlier?.entries ?? []),
  ]
  return { faults, entries, checkpoint, cosignatures }
}

type ReadEntry = { index: number; hash: Uint8Array; leaf: LeafWords; salt: Uint8Array; proof: Uint8Array[] }

/** What the check reads of a leaf. */
type LeafWords = { id?: unknown; subject?: unknown }

/** @returns undefined for what cannot be an entry. */
function readEntry({ index, leaf, subject_salt: saltText, proof }: EvidenceEntry): ReadEntry | undefined {
  const bytes = fromBase64(leaf)
  const salt = fromHex(saltText)
  const hashes = parseHashes(proof)
  if (!bytes || !salt || !hashes || !Number.isSafeInteger(index) || index < 0) return undefined
  return { index, hash: leafHash(bytes), leaf: wordsOf(bytes), salt, proof: hashes }
}

/** Nothing if it is no leaf of a known form. */
function wordsOf(leaf: Uint8Array): LeafWords {
  try {
    const [kind, json = ''] = fromUtf8(leaf).split('\n', 2)
    const words: unknown = kind === 'cloakroom-event/1' ? JSON.parse(json) : undefined
    return typeof words === 'object' && words !== null ? words : {}
  } catch {
    // Neither text nor JSON: not a leaf that could be about anybody.
    return {}
  }
}

function checkStatement(
  { statement, subject, entries }: EvidenceBundle,
  read: readonly (ReadEntry | undefined)[],
  checkpoint: Checkpoint,
  log: Verifier,
): EvidenceFault[] {
  const said = openStatement(statement, log)
  if (!said) return [{ code: 'statement_invalid' }]
  if (said.subject !== subject || said.size !== checkpoint.size) return [{ code: 'statement_of_another' }]
  if (said.count !== entries.length) return [{ code: 'rows_missing' }]
  const root = rootOf(read.map((entry) => entry?.hash ?? new Uint8Array(32)))
  return equalBytes(root, said.root) ? [] : [{ code: 'rows_differ' }]
}

function checkEntry(
  { subject }: EvidenceBundle,
  entry: ReadEntry | undefined,
  given: EvidenceEntry | undefined,
  { size, root }: Checkpoint,
): EvidenceFault[] {
  if (!entry || entry.leaf.id !== given?.event) {
    return [{ code: 'entry_malformed', ...(given && { index: given.index }) }]
  }
  const { index, hash, proof } = entry
  const commitment = toHex(sha256(concat(entry.salt, utf8(subject))))
  if (entry.leaf.subject !== commitment) return [{ code: 'subject_not_committed', index }]
  return verifyInclusion({ leafHash: hash, index, size, root, proof })
    ? []
    : [{ code: 'not_included', index }]
}

function checkOrder(entries: readonly EvidenceEntry[]): EvidenceFault[] {
  const rising = entries.every(({ index }, i) => i === 0 || index > (entries[i - 1]?.index ?? -1))
  return rising ? [] : [{ code: 'order' }]
}

function checkEarlier(now: readonly EvidenceEntry[], before: readonly EvidenceEntry[]): EvidenceFault[] {
  const leaves = new Map(now.map(({ index, leaf }) => [index, leaf]))
  return before
    .filter(({ index, leaf }) => leaves.get(index) !== leaf)
    .map(({ index }) => ({ code: 'earlier_row_missing', index }))
}
