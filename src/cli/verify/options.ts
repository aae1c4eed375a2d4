import { parseArgs } from 'node:util'
import type { TrustOptions } from './trusted.ts'

export type VerifyOptions = { trust: TrustOptions; json: boolean } & (
  | { what: 'log'; from: string; earlier: string | undefined; save: string | undefined }
  | { what: 'file'; file: string; leaf: string | undefined; earlier: string | undefined }
)

const FLAGS = {
  log: { type: 'string' },
  leaf: { type: 'string' },
  vkey: { type: 'string' },
  witness: { type: 'string', multiple: true },
  quorum: { type: 'string' },
  earlier: { type: 'string' },
  save: { type: 'string' },
  json: { type: 'boolean', default: false },
} as const

/** @returns a sentence when the arguments cannot be taken. */
export function parseOptions(args: readonly string[]): VerifyOptions | string {
  const split = splitArgs(args)
  if (typeof split === 'string') return split
  const { values, positionals } = split
  const { log: from, leaf, earlier, save, json } = values
  const trust = parseTrust(values)
  if (typeof trust === 'string') return trust
  const [file, ...more] = positionals
  if (more.length > 0) return 'one FILE at a time'
  if ((from === undefined) === (file === undefined)) return 'either a FILE or --log is needed'
  if (from !== undefined) {
    if (leaf !== undefined) return '--leaf goes with a proof file'
    return { what: 'log', from, earlier, save, trust, json }
  }
  if (save !== undefined) return '--save goes with --log'
  return { what: 'file', file: file ?? '', leaf, earlier, trust, json }
}

function splitArgs(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: FLAGS, allowPositionals: true })
  } catch (error) {
    // parseArgs throws for what the user typed wrong, and says it well.
    return error instanceof Error ? error.message : String(error)
  }
}

function parseTrust({
  vkey,
  witness: witnesses = [],
  quorum,
}: Pick<Exclude<ReturnType<typeof splitArgs>, string>['values'], 'vkey' | 'witness' | 'quorum'>):
  TrustOptions | string {
  if (vkey === undefined) return "--vkey is the log's verifier key, got over a way that you trust"
  if (quorum === undefined) return { vkey, witnesses, quorum }
  if (witnesses.length === 0) return '--quorum goes with --witness'
  if (!/^[1-9][0-9]{0,2}$/.test(quorum)) return '--quorum is how many of the witnesses have to have cosigned'
  return { vkey, witnesses, quorum: Number(quorum) }
}
