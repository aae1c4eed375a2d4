import { parseArgs } from 'node:util'
import { formatVerifier, parseVerifier } from '../../tlog/note.ts'
import type { Verifier } from '../../tlog/note.ts'

export type ServeOptions = {
  action: 'serve'
  state: string
  keyFile: string
  name: string
  /** The keys that are trusted for each origin. */
  logs: ReadonlyMap<string, readonly Verifier[]>
  host: string
  port: number
}

export type KeygenOptions = { action: 'keygen'; keyFile: string; name: string }

export type WitnessOptions = ServeOptions | KeygenOptions

const DEFAULT_PORT = '8788'

const FLAGS = {
  state: { type: 'string' },
  key: { type: 'string' },
  name: { type: 'string' },
  log: { type: 'string', multiple: true },
  host: { type: 'string' },
  port: { type: 'string' },
} as const

/** @returns a sentence when the arguments cannot be taken. */
export function parseOptions(args: readonly string[]): WitnessOptions | string {
  const split = splitArgs(args)
  if (typeof split === 'string') return split
  const { values, positionals } = split
  const { key: keyFile, name } = values
  if (keyFile === undefined) return '--key is the file of the witness key'
  if (name === undefined || !isName(name))
    return '--name is the name of the witness, like witness.example.com/w1'
  if (positionals.length === 0) return parseServe(values, { keyFile, name })
  if (positionals.length > 1 || positionals[0] !== 'keygen') return 'the only other word is keygen'
  const more = Object.keys(values).filter((flag) => flag !== 'key' && flag !== 'name')
  return more.length === 0 ? { action: 'keygen', keyFile, name } : 'keygen takes --name and --key alone'
}

function splitArgs(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: FLAGS, allowPositionals: true })
  } catch (error) {
    // parseArgs throws for what the user typed wrong, and says it well.
    return error instanceof Error ? error.message : String(error)
  }
}

/** c2sp.org/signed-note; that it is well-formed text is said by the key that is made of it. */
function isName(name: string): boolean {
  return name !== '' && !/[\s+\p{Cc}]/u.test(name)
}

type Values = Exclude<ReturnType<typeof splitArgs>, string>['values']

function parseServe(values: Values, given: { keyFile: string; name: string }): ServeOptions | string {
  const { state, host = '127.0.0.1', port = DEFAULT_PORT } = values
  if (state === undefined) return '--state is the folder that remembers what was cosigned'
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) return '--port is a number from 0 to 65535'
  const logs = parseLogs(values.log ?? [])
  if (typeof logs === 'string') return logs
  return { action: 'serve', state, ...given, logs, host, port: Number(port) }
}

/** Several keys of one origin are one log that rolls over from one key to the next. */
function parseLogs(vkeys: readonly string[]): ReadonlyMap<string, readonly Verifier[]> | string {
  if (vkeys.length === 0) return '--log is the verifier key of a log to watch; at least one is needed'
  const logs = new Map<string, Verifier[]>()
  for (const vkey of vkeys) {
    const verifier = parseVerifier(vkey)
    if (verifier?.algorithm !== 1) return `--log ${vkey} is not the verifier key of a log`
    const keys = logs.get(verifier.name) ?? []
    if (keys.some((known) => formatVerifier(known) === vkey)) return `--log ${vkey} is given twice`
    logs.set(verifier.name, [...keys, verifier])
  }
  return logs
}
