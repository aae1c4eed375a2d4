import { randomBytes } from 'node:crypto'
import { fromBase64 } from '../../src/core/bytes.ts'
import { openCheckpoint, signCheckpoint } from '../../src/tlog/checkpoint.ts'
import type { Checkpoint } from '../../src/tlog/checkpoint.ts'
import { verifyEvidence } from '../../src/tlog/evidence.ts'
import type { EvidenceBundle, EvidenceFault } from '../../src/tlog/evidence.ts'
import { leafHash } from '../../src/tlog/merkle.ts'
import { ed25519Signer } from '../../src/tlog/note.ts'
import type { Signer, Verifier } from '../../src/tlog/note.ts'
import { signStatement } from '../../src/tlog/statement.ts'

/** Who takes a row out of a bundle, and what is made to fit again around it. */
export const WAYS = [
  'plainly',
  'statement rewritten',
  'statement of another key',
  'all of another key',
  'by the log itself',
] as const
export type Way = (typeof WAYS)[number]

type Doctored = (
  without: EvidenceBundle,
  head: Checkpoint,
  own: Signer,
) => Promise<EvidenceBundle> | EvidenceBundle

const MADE_TO_FIT: Readonly<Record<Way, Doctored>> = {
  plainly: (without) => without,
  async 'statement rewritten'(without, head, own) {
    const [text = '', signature = ''] = without.statement.split('\n\n')
    const root = (await statementOver(without, head, own)).split('\n')[4] ?? ''
    const lines = text.split('\n').with(3, String(without.entries.length)).with(4, root)
    return { ...without, statement: `${lines.join('\n')}\n\n${signature}` }
  },
  async 'statement of another key'(without, head, own) {
    return { ...without, statement: await statementOver(without, head, forger(own.verifier)) }
  },
  async 'all of another key'(without, head, own) {
    const signer = forger(own.verifier)
    const checkpoint = await signCheckpoint(head, signer)
    return { ...without, checkpoint, statement: await statementOver(without, head, signer) }
  },
  async 'by the log itself'(without, head, own) {
    return { ...without, statement: await statementOver(without, head, own) }
  },
}

/**
 * @param own the log's own key, which only the last way makes use of.
 * @returns the bundle without entry `at`.
 */
export async function leaveOut(
  bundle: EvidenceBundle,
  at: number,
  way: Way,
  own: Signer,
): Promise<EvidenceBundle> {
  const head = openCheckpoint(bundle.checkpoint, own.verifier)
  if (!head) throw new Error('the bundle was not one to begin with')
  return MADE_TO_FIT[way]({ ...bundle, entries: bundle.entries.toSpliced(at, 1) }, head, own)
}

function forger({ name }: Verifier): Signer {
  return ed25519Signer(name, 1, randomBytes(32))
}

function statementOver(
  { subject, entries }: EvidenceBundle,
  { size }: Checkpoint,
  signer: Signer,
): Promise<string> {
  const leafHashes = entries.map(({ leaf }) => leafHash(fromBase64(leaf)!))
  return signStatement({ subject, size, leafHashes }, signer)
}

/** What the check says of a bundle; an operator that signs a lie is found by whoever has an earlier bundle. */
export function faultsOf(
  bundle: EvidenceBundle,
  log: Verifier,
  earlier?: EvidenceBundle,
): readonly EvidenceFault[] {
  return verifyEvidence(bundle, { log }, earlier).faults
}

const OF_ONE_ENTRY = ['entry_malformed', 'subject_not_committed', 'not_included', 'order']

/** Broken: each row is checked by itself, and nobody counts them. */
export function countingNothing(faults: readonly EvidenceFault[]): readonly EvidenceFault[] {
  return faults.filter(({ code }) => OF_ONE_ENTRY.includes(code))
}
