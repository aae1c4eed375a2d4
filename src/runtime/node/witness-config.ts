import { readFileSync } from 'node:fs'
import { toHex } from '../../core/bytes.ts'
import { VaultError } from '../../core/errors.ts'
import { parseVerifier } from '../../tlog/note.ts'
import type { Witness } from '../../vault/log/witness-visit.ts'
import type { WitnessSet } from '../../vault/log/witnesses.ts'

/** A note has room for a hundred signatures, and a policy of more witnesses than this is nobody's. */
const MAX_WITNESSES = 32

/**
 * Who has to cosign the logs' checkpoints: `{"quorum": 2, "witnesses": [{"url": "https://…", "vkey": "…"}]}`.
 *
 * @param path undefined for no witnesses.
 * @throws VaultError `config_invalid`, with what is wrong in the file.
 */
export function readWitnesses(path: string | undefined): WitnessSet | undefined {
  if (path === undefined || path === '') return undefined
  const { quorum, witnesses, ...more } = membersOf(contentOf(path))
  const [unknown] = Object.keys(more)
  if (unknown !== undefined) throw invalid(path, `\`${unknown}\` is not a member`)
  if (!Array.isArray(witnesses) || witnesses.length === 0 || witnesses.length > MAX_WITNESSES)
    throw invalid(path, `\`witnesses\` must be 1 to ${MAX_WITNESSES}`)
  const read = witnesses.map((witness, i) => parseWitness(path, witness, i))
  if (distinct(read.map(({ verifier }) => toHex(verifier.publicKey))) < read.length)
    throw invalid(path, 'two of the witnesses have the same key, which makes them one')
  if (distinct(read.map(({ url }) => url)) < read.length)
    throw invalid(path, 'two of the witnesses have the same `url`')
  if (typeof quorum !== 'number' || !Number.isInteger(quorum) || quorum < 1 || quorum > read.length)
    throw invalid(path, `\`quorum\` must be from 1 to the number of witnesses, ${read.length}`)
  return { quorum, witnesses: read }
}

function parseWitness(path: string, value: unknown, i: number): Witness {
  const { url, vkey, ...more } = membersOf(value)
  const where = `\`witnesses[${i}]\``
  const [unknown] = Object.keys(more)
  if (unknown !== undefined) throw invalid(path, `${where} has no member \`${unknown}\``)
  if (typeof url !== 'string' || !isPlainUrl(url))
    throw invalid(path, `${where} needs an http or https \`url\``)
  const verifier = typeof vkey === 'string' ? parseVerifier(vkey) : undefined
  if (verifier?.algorithm !== 4) throw invalid(path, `${where} needs the \`vkey\` of a witness`)
  return { url: url.replace(/\/+$/, ''), verifier }
}

/** One to which a path can be added. */
function isPlainUrl(text: string): boolean {
  const url = URL.parse(text)
  return url !== null && ['http:', 'https:'].includes(url.protocol) && !/[?#\s]/.test(text)
}

function distinct(texts: readonly string[]): number {
  return new Set(texts).size
}

function membersOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
}

function contentOf(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch (cause) {
    throw invalid(path, cause instanceof SyntaxError ? 'it is not JSON' : 'it cannot be read', cause)
  }
}

function invalid(path: string, what: string, cause?: unknown): VaultError {
  return new VaultError('config_invalid', `CLOAKROOM_WITNESSES names ${path}: ${what}.`, { cause })
}
