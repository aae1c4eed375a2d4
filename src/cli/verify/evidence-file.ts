import type { EvidenceBundle, EvidenceEntry } from '../../tlog/evidence.ts'

/** @returns undefined for what is not an evidence bundle of version 1. Nothing is verified. */
export function parseEvidence(text: string): EvidenceBundle | undefined {
  const { cloakroom, version, subject, checkpoint, statement, entries } = membersOf(parseJson(text))
  if (cloakroom !== 'evidence' || version !== 1) return undefined
  if (typeof subject !== 'string' || typeof checkpoint !== 'string' || typeof statement !== 'string')
    return undefined
  const read = Array.isArray(entries) ? entries.map(parseEntry) : [undefined]
  if (!read.every((entry) => entry !== undefined)) return undefined
  return { subject, checkpoint, statement, entries: read }
}

function parseEntry(value: unknown): EvidenceEntry | undefined {
  const { event, index, leaf, subject_salt: salt, proof } = membersOf(value)
  if (typeof event !== 'string' || typeof index !== 'number') return undefined
  if (typeof leaf !== 'string' || typeof salt !== 'string' || !isTexts(proof)) return undefined
  return { event, index, leaf, subject_salt: salt, proof }
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((text) => typeof text === 'string')
}

function membersOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // Not JSON: not a bundle.
    return undefined
  }
}
