import type { EvidenceFault } from '../../tlog/evidence.ts'
import type { ProofFault } from '../../tlog/proof-file.ts'
import type { LogFault } from './verify-log.ts'

/** One thing that does not hold. `index` is a place in the log, `tile` the path of a tile. */
export type Finding = { code: string; sentence: string; index?: number; tile?: string }

const LOG_SENTENCES: Readonly<Record<LogFault['code'], string>> = {
  checkpoint_unreadable: 'The checkpoint cannot be read.',
  checkpoint_invalid: 'The checkpoint is not signed by this log with this key.',
  quorum_not_met: 'Too few of the witnesses have cosigned the checkpoint.',
  earlier_invalid:
    'The earlier checkpoint is not signed by this log with this key, so nothing can be held against it.',
  rolled_back: 'The log is shorter than the earlier checkpoint says: it was rolled back.',
  forked: 'What was in the log at the earlier checkpoint is not what is there now: it was changed or forked.',
  tile_unreadable: 'A part of the tree cannot be read.',
  tile_wrong: 'A part of the tree does not follow from the level below it.',
  root_differs: 'The leaves give another root than the checkpoint that the log signed.',
  not_consistent: 'The tiles give no proof that the earlier checkpoint is the beginning of this one.',
}

export function logFinding({ code, tile, detail }: LogFault): Finding {
  const where = tile === undefined ? '' : `Tile ${tile}: `
  const said = detail === undefined ? '' : ` ${detail}`
  return { code, sentence: `${where}${LOG_SENTENCES[code]}${said}`, ...(tile !== undefined && { tile }) }
}

const PROOF_SENTENCES: Readonly<Record<ProofFault, string>> = {
  proof_malformed: 'The file is not a proof of c2sp.org/tlog-proof@v1.',
  checkpoint_untrusted: 'The checkpoint in the proof is not signed by this log with this key.',
  not_included: 'The proof does not show that this leaf is in the log.',
  quorum_not_met: 'Too few of the witnesses have cosigned the checkpoint.',
}

export function proofFinding(code: ProofFault): Finding {
  return { code, sentence: PROOF_SENTENCES[code] }
}

/** What is found about bundles beyond what one bundle says of itself. */
export type BundleFault =
  EvidenceFault | { code: 'earlier_invalid' | 'earlier_of_another' | 'rolled_back'; index?: never }

const EVIDENCE_SENTENCES: Readonly<Record<BundleFault['code'], string>> = {
  checkpoint_invalid: 'The checkpoint is not signed by this log with this key.',
  cosignatures_missing: 'Too few of the witnesses have cosigned the checkpoint.',
  statement_invalid: "The statement of what belongs into the bundle is not signed by the log's key.",
  statement_of_another: 'The statement is about another person or another size of the log.',
  rows_missing:
    'The bundle does not have as many rows as the log has signed for: rows were left out or added.',
  rows_differ: 'The rows are not those that the log has signed for.',
  order: "The rows are not in the log's order.",
  entry_malformed: 'The row is malformed.',
  subject_not_committed: 'The row is not about this person.',
  not_included: 'The row is not in the log.',
  earlier_row_missing: 'The row was in the earlier bundle and is not in this one.',
  earlier_invalid: 'The earlier bundle does not hold by itself, so nothing can be held against it.',
  earlier_of_another: 'The earlier bundle is about another person.',
  rolled_back: 'The log is shorter than it was in the earlier bundle: it was rolled back.',
}

export function evidenceFinding({ code, index }: BundleFault): Finding {
  const where = index === undefined ? '' : `Row ${index}: `
  return { code, sentence: `${where}${EVIDENCE_SENTENCES[code]}`, ...(index !== undefined && { index }) }
}
