import { fromUtf8, toBase64, utf8 } from '../../src/core/bytes.ts'
import { timedId } from '../../src/core/id.ts'
import { instant } from '../../src/core/time.ts'
import { random } from '../storage/sample.ts'
import { deriveAnew, readRows, signAnew, writeRows } from './p04-store.ts'
import type { Attacked, Row } from './p04-store.ts'

/** Who changes the log: one who knows tables; one who makes all that can be derived fit again; one who also has the log's key. */
export const HANDS = ['plain', 'careful', 'with the key'] as const
export type Hand = (typeof HANDS)[number]

export const CHANGES = ['flip', 'delete', 'insert', 'swap', 'truncate', 'fork'] as const
export type ChangeKind = (typeof CHANGES)[number]

export type Attack = { hand: Hand; kind: ChangeKind }

/** Does it to the store, in the transaction that is open. `next` gives numbers from 0 to 1. */
export async function carryOut(at: Attacked, { hand, kind }: Attack, next: () => number): Promise<void> {
  const { client, signer } = at
  // With the key, only what a witness has seen can be told from what was always so.
  const within = hand === 'with the key' ? at.witnessedSize : readRows(client).length
  if (hand === 'plain' && kind === 'delete') return deleteLeavingGap(at, next)
  if (hand === 'plain' && kind === 'flip') return flipAnywhere(at, next)
  writeRows(client, WRITTEN[kind](readRows(client), within, next))
  if (hand === 'plain') return
  if (hand === 'with the key') return signAnew(client, signer)
  const { size, root } = await deriveAnew(client, signer.verifier.name)
  if (next() < 0.5) return
  // Half of the careful ones touch up the checkpoint as well, and keep the signature for want of another.
  const note = String(client.prepare('select checkpoint from logs').pluck().get())
  const [origin = '', , , ...rest] = note.split('\n')
  const touched = [origin, String(size), toBase64(root), ...rest].join('\n')
  client.prepare('update logs set checkpoint = ?').run(touched)
}

type Rewrite = (rows: Row[], within: number, next: () => number) => Row[]

const below = (count: number, next: () => number) => Math.floor(next() * count)

const WRITTEN: Readonly<Record<ChangeKind, Rewrite>> = {
  flip(rows, within, next) {
    const row = rows[below(within, next)]!
    const bytes = Buffer.from(row.bytes)
    flipBit(bytes, below(bytes.length * 8, next))
    row.bytes = bytes
    return rows
  },
  delete(rows, within, next) {
    return rows.toSpliced(below(within, next), 1)
  },
  insert(rows, within, next) {
    return rows.toSpliced(below(within, next), 0, renamed(rows[below(rows.length, next)]!, next))
  },
  swap(rows, within, next) {
    const one = below(within, next)
    const other = (one + 1 + below(within - 1, next)) % within
    return rows.with(one, rows[other]!).with(other, rows[one]!)
  },
  truncate(rows, within, next) {
    return rows.slice(0, below(within, next))
  },
  /** Another history from some point on, as long as the first or longer: each event of it is in order by itself. */
  fork(rows, within, next) {
    const from = below(within, next)
    const tail = rows.slice(from).map((row) => renamed(row, next))
    const more = Array.from({ length: below(3, next) }, () => renamed(rows[from]!, next))
    return [...rows.slice(0, from), ...tail, ...more]
  },
}

function flipBit(bytes: Uint8Array, bit: number): void {
  bytes[bit >> 3]! ^= 1 << (bit & 7)
}

/** The same event under another id, in bytes and row alike. */
function renamed(row: Row, next: () => number): Row {
  const id = timedId('evt', random, instant(Math.floor(next() * 1e12)))
  return { ...row, id, bytes: Buffer.from(utf8(fromUtf8(row.bytes).replace(/evt_\w{26}/, id))) }
}

function deleteLeavingGap({ client }: Attacked, next: () => number): void {
  const places = client.prepare('select place from events order by place').pluck().all() as number[]
  client.prepare('delete from events where place = ?').run(places[below(places.length, next)])
}

const TEXTS = ['id', 'type', 'party']
/** Bits of numbers that can be told apart from what they were: times to 2^41, persons to some dozen. */
const NUMBERS: Readonly<Record<string, number>> = { at: 41, person: 4 }
const COLUMNS = ['bytes', 'leaf_hash', 'subject_salt', ...TEXTS, ...Object.keys(NUMBERS)]

/** Any one bit of all that stands in the log. */
function flipAnywhere({ client }: Attacked, next: () => number): void {
  const rows = client.prepare('select * from events order by place').all() as (Row & { place: number })[]
  const row = rows[below(rows.length, next)]!
  const bits = COLUMNS.map((column) => NUMBERS[column] ?? Buffer.from(textOf(row[column])).length * 8)
  let bit = below(
    bits.reduce((sum, count, i) => sum + (row[COLUMNS[i]!] === null ? 0 : count), 0),
    next,
  )
  const column = COLUMNS.find((name, i) => {
    if (row[name] === null) return false
    if (bit < bits[i]!) return true
    bit -= bits[i]!
    return false
  })!
  const value = row[column]
  const put = (sql: string, to: unknown) =>
    client.prepare(`update events set ${column} = ${sql} where place = ?`).run(to, row.place)
  if (typeof value === 'number') {
    put('?', Number(BigInt(value) ^ (1n << BigInt(bit))))
    return
  }
  const bytes = Buffer.from(textOf(value))
  flipBit(bytes, bit)
  put(TEXTS.includes(column) ? 'cast(? as text)' : '?', bytes)
}

function textOf(value: unknown): string | Uint8Array {
  return value instanceof Uint8Array || typeof value === 'string' ? value : ''
}
