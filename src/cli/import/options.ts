import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { parseId } from '../../core/id.ts'
import { FORMATS } from './format.ts'
import type { Format } from './format.ts'

export type Options = {
  file: string
  format: Format
  url: string
  keyFile: string
  party: string
  linkability: string
  tokens: string
  rejects: string
  overwrite: boolean
}

export type ParsedOptions = { ok: true; options: Options } | { ok: false; complaint: string }

const LINKABILITIES: ReadonlySet<string> = new Set(['order', 'week', 'party'])

const FLAGS = {
  format: { type: 'string' },
  url: { type: 'string' },
  'key-file': { type: 'string' },
  party: { type: 'string' },
  tokens: { type: 'string' },
  rejects: { type: 'string' },
  linkability: { type: 'string', default: 'week' },
  overwrite: { type: 'boolean', default: false },
} as const

function splitArgs(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: FLAGS, allowPositionals: true })
  } catch (error) {
    // parseArgs throws for what the user typed wrong, and says it well.
    return error instanceof Error ? error.message : String(error)
  }
}

function parseUrl(text: string): string | undefined {
  const url = URL.parse(text)
  if (url === null || !['http:', 'https:'].includes(url.protocol)) return undefined
  return `${url.origin}${url.pathname}`.replace(/\/+$/, '')
}

export function parseOptions(args: readonly string[]): ParsedOptions {
  const split = splitArgs(args)
  if (typeof split === 'string') return { ok: false, complaint: split }
  const { values, positionals } = split
  const [file] = positionals
  const format = FORMATS.get(values.format ?? '')
  const url = parseUrl(values.url ?? '')
  const keyFile = values['key-file']
  const party = parseId('mer', values.party ?? '')
  const { linkability, overwrite } = values
  if (file === undefined || positionals.length > 1) return { ok: false, complaint: 'one FILE is needed' }
  if (format === undefined) return { ok: false, complaint: `--format is ${[...FORMATS.keys()].join(' or ')}` }
  if (url === undefined) return { ok: false, complaint: '--url is the http(s) address of the service' }
  if (keyFile === undefined) return { ok: false, complaint: '--key-file is the file with the credential' }
  if (party === undefined) return { ok: false, complaint: '--party is the id of the merchant, mer_…' }
  if (!LINKABILITIES.has(linkability))
    return { ok: false, complaint: '--linkability is order, week or party' }
  const { tokens = `${file}.tokens.csv`, rejects = `${file}.rejects.csv` } = values
  if (new Set([file, tokens, rejects].map((path) => resolve(path))).size < 3) {
    return { ok: false, complaint: 'FILE, --tokens and --rejects must be three files' }
  }
  return { ok: true, options: { file, format, url, keyFile, party, linkability, tokens, rejects, overwrite } }
}
