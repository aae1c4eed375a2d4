import { toBase64 } from '../../core/bytes.ts'
import type { Checkpoint } from '../../tlog/checkpoint.ts'
import type { Finding } from './findings.ts'

/** What was looked at and what was found; it holds if nothing was. */
export type Report = {
  kind: 'log' | 'proof' | 'evidence'
  findings: readonly Finding[]
  checkpoint?: Checkpoint
  cosignatures: number
  quorum: number
  index?: number
  rows?: number
}

export function jsonOf({ findings, checkpoint, ...rest }: Report): string {
  const head = checkpoint && {
    origin: checkpoint.origin,
    size: checkpoint.size,
    root: toBase64(checkpoint.root),
  }
  return `${JSON.stringify({ ok: findings.length === 0, ...rest, ...head, findings }, undefined, 2)}\n`
}

export function textOf(report: Report): string {
  const { findings } = report
  if (findings.length === 0) return `${subjectOf(report)}\n${vouchedFor(report)}`
  const lines = findings.map(({ sentence }) => `- ${sentence}\n`)
  return `This does not hold:\n${lines.join('')}`
}

function subjectOf({ kind, checkpoint, index, rows }: Report): string {
  const { origin, size } = checkpoint ?? { origin: '', size: 0 }
  const held = {
    log: `The log ${origin} holds: ${size} entries, every tile, and the root that it signed.`,
    proof: `The leaf is in the log ${origin}, at ${index} of ${size} entries.`,
    evidence: `The evidence holds: ${rows} rows, all in the log ${origin} of ${size} entries, none left out.`,
  }
  return held[kind]
}

function vouchedFor({ cosignatures, quorum }: Report): string {
  return quorum === 0
    ? 'No witness was asked for: that others were shown the same log is not checked.\n'
    : `Cosigned by ${cosignatures} of the witnesses; ${quorum} are needed.\n`
}
