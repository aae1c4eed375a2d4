import { parseArgs } from 'node:util'
import { parseRfc3339 } from '../../core/time.ts'
import type { Instant } from '../../core/time.ts'
import { DRILL_KINDS } from '../../runtime/node/drill/order.ts'
import type { DrillOrder, Suspects } from '../../runtime/node/drill/order.ts'

const DEFAULT_PERSONS = 300
/** Fewer, and not every jurisdiction has somebody in scope. */
const MIN_PERSONS = 50
/** Some minutes of making up. */
const MAX_PERSONS = 20_000
/** Of each kind, as `POST /v1/incidents` takes them. */
const MAX_WRAP_VERSION = 1_000_000_000

const OPTIONS = {
  kind: { type: 'string', default: 'credential_leak' },
  persons: { type: 'string' },
  aware: { type: 'string' },
  out: { type: 'string' },
  data: { type: 'string' },
  tenant: { type: 'string' },
  from: { type: 'string' },
  to: { type: 'string' },
  credential: { type: 'string', multiple: true },
  party: { type: 'string', multiple: true },
  operator: { type: 'string', multiple: true },
  device: { type: 'string', multiple: true },
  subject: { type: 'string', multiple: true },
  'key-version': { type: 'string', multiple: true },
  'share-file': { type: 'string', multiple: true },
} as const

/** Those that are about somebody's own vault. */
const OF_DATA = [
  'tenant',
  'from',
  'to',
  'credential',
  'party',
  'operator',
  'device',
  'subject',
  'key-version',
  'share-file',
] as const

type Given = ReturnType<typeof parseArgs<{ options: typeof OPTIONS }>>['values']

/** A sentence about what cannot be taken. */
class Unusable extends Error {}

/** @returns a sentence when the arguments cannot be taken. */
export function readDrillOrder(args: readonly string[]): DrillOrder | string {
  try {
    return orderFrom(parseArgs({ args: [...args], options: OPTIONS }).values)
  } catch (error) {
    // How parseArgs says that an option is unknown or lacks its value.
    if (error instanceof TypeError || error instanceof Unusable) return error.message
    throw error
  }
}

function orderFrom(given: Given): DrillOrder {
  const kind = DRILL_KINDS.find((one) => one === given.kind)
  if (kind === undefined) throw new Unusable(`--kind is one of ${DRILL_KINDS.join(', ')}.`)
  const aware = timeOf('aware', given.aware)
  if (aware !== undefined && aware > Date.now()) throw new Unusable('--aware cannot be in the future.')
  const { out, data: folder } = given
  if (folder === undefined) return { kind, aware, out, on: { persons: personsOf(given) } }
  if (given.persons !== undefined) throw new Unusable('--persons is for made-up persons: leave --data out.')
  const [from, to] = [timeOf('from', given.from), timeOf('to', given.to)]
  if (from !== undefined && to !== undefined && to < from) throw new Unusable('--to is before --from.')
  const suspects = suspectsOf(given)
  if (Object.keys(suspects).length === 0 && (from === undefined || to === undefined)) {
    throw new Unusable('Say who is suspected, or both --from and --to.')
  }
  const { tenant, 'share-file': shareFiles = [] } = given
  return { kind, aware, out, on: { folder, tenant, suspects, from, to, shareFiles } }
}

function personsOf(given: Given): number {
  const misplaced = OF_DATA.find((name) => given[name] !== undefined)
  if (misplaced !== undefined)
    throw new Unusable(`--${misplaced} is for a vault of your own: name it with --data.`)
  const { persons = `${DEFAULT_PERSONS}` } = given
  const count = Number(persons)
  if (/^\d{1,6}$/.test(persons) && count >= MIN_PERSONS && count <= MAX_PERSONS) return count
  throw new Unusable(`--persons is a number from ${MIN_PERSONS} to ${MAX_PERSONS}.`)
}

function timeOf(name: string, text: string | undefined): Instant | undefined {
  if (text === undefined) return undefined
  const at = parseRfc3339(text)
  if (at !== undefined) return at
  throw new Unusable(`--${name} is a time with its offset, such as 2026-11-20T18:40:00+01:00.`)
}

function suspectsOf(given: Given): Suspects {
  const named = {
    credentials: given.credential,
    parties: given.party,
    operators: given.operator,
    devices: given.device,
    subjects: given.subject,
    key_versions: given['key-version']?.map(keyVersionOf),
  }
  return Object.fromEntries(Object.entries(named).filter(([, list]) => list !== undefined))
}

function keyVersionOf(text: string): { kind: 'wrap'; version: number } | { kind: 'root' } {
  if (text === 'root') return { kind: 'root' }
  const version = Number(text)
  if (/^[1-9]\d*$/.test(text) && version <= MAX_WRAP_VERSION) return { kind: 'wrap', version }
  throw new Unusable('--key-version is the number of a wrapping key, or root.')
}
