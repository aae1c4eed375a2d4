import { equalBytes, toHex } from '../../../core/bytes.ts'
import { indexOf, tenantOf } from '../../../storage/log-place.ts'
import type { MovedTable, Row } from '../../../storage/move/tables.ts'
import { parseCheckpoint } from '../../../tlog/checkpoint.ts'
import { leafHash } from '../../../tlog/merkle.ts'
import { parseNote } from '../../../tlog/note.ts'
import { RunningRoot } from '../../../tlog/running-root.ts'
import { Pages } from './pages.ts'
import { tableNamed } from './side.ts'
import type { Reader } from './side.ts'

/** One tenant's log as one side has it. */
export type LogRoot = {
  tenant: string
  size: number
  /** RFC 6962 over the leaf hashes of all events, hex. */
  root: string
  /** How many events the stored checkpoint covers; null where there is none. */
  covered: number | null
  /** What does not fit. */
  faults: readonly string[]
}

type Held = { origin: string; size: number; root: Uint8Array; checkpoint: string }

type Log = { slug: string; root: RunningRoot; held: Held | undefined; faults: string[] }

/** Follows the events of a store in the order of their places, and computes each log's root anew. */
export class LogRoots {
  readonly #logs: Map<number, Log>
  readonly #strays: string[] = []
  readonly #column: ReturnType<typeof namedColumns>

  private constructor(logs: Map<number, Log>) {
    this.#logs = logs
    this.#column = namedColumns(tableNamed('events'))
    for (const log of logs.values()) compareAtSize(log)
  }

  static async of(reader: Reader): Promise<LogRoots> {
    const held = new Map<number, Held>()
    const [logs, tenants] = [tableNamed('logs'), tableNamed('tenants')]
    const column = namedColumns(logs)
    for (const row of await allRows(reader, logs)) {
      held.set(column(row, 'tenant') as number, {
        origin: column(row, 'origin') as string,
        size: column(row, 'size') as number,
        root: column(row, 'root') as Uint8Array,
        checkpoint: column(row, 'checkpoint') as string,
      })
    }
    const of = namedColumns(tenants)
    const entries = (await allRows(reader, tenants)).map((row): [number, Log] => {
      const no = of(row, 'no') as number
      return [
        no,
        { slug: of(row, 'slug') as string, root: new RunningRoot(), held: held.get(no), faults: [] },
      ]
    })
    return new LogRoots(new Map(entries))
  }

  add(row: Row): void {
    const place = this.#column(row, 'place') as number
    const log = this.#logs.get(tenantOf(place))
    if (!log) {
      if (this.#strays.length === 0) this.#strays.push(`an event at ${place} is of no tenant`)
      return
    }
    const [bytes, hash] = [this.#column(row, 'bytes'), this.#column(row, 'leaf_hash')] as Uint8Array[]
    const index = indexOf(place)
    if (index !== log.root.size) fault(log, `there is a gap at ${log.root.size}`)
    // What retention has removed leaves its hash, and no bytes.
    if (bytes && hash && bytes.length > 0 && !equalBytes(leafHash(bytes), hash)) {
      fault(log, `event ${index} is not what was hashed`)
    }
    log.root.add(new Uint8Array(hash ?? []))
    compareAtSize(log)
  }

  /** @returns the tenants' logs in the order of their numbers. */
  end(): readonly LogRoot[] {
    return [...this.#logs.values()].map(({ slug, root, held, faults }) => ({
      tenant: slug,
      size: root.size,
      root: toHex(root.root()),
      covered: held?.size ?? null,
      faults: [
        ...faults,
        ...(held && held.size > root.size ? ['it is shorter than its checkpoint'] : []),
        ...this.#strays,
      ],
    }))
  }
}

function fault(log: Log, said: string): void {
  // The first says where to look; what follows it is often its consequence.
  if (log.faults.length === 0) log.faults.push(said)
}

function compareAtSize(log: Log): void {
  const { held, root } = log
  if (held?.size !== root.size) return
  const note = parseNote(held.checkpoint)
  const said = note && parseCheckpoint(note.text)
  const now = root.root()
  const agrees =
    said?.origin === held.origin &&
    said.size === held.size &&
    equalBytes(said.root, now) &&
    equalBytes(held.root, now)
  if (!agrees) fault(log, 'its checkpoint is not that of its events')
}

function namedColumns({ columns }: MovedTable): (row: Row, name: string) => unknown {
  const places = new Map(columns.map(({ name }, i) => [name, i]))
  return (row, name) => row[places.get(name) ?? -1]
}

async function allRows(reader: Reader, table: MovedTable): Promise<Row[]> {
  const all: Row[] = []
  const pages = new Pages(reader, table)
  for (let rows = await pages.next(); rows.length > 0; rows = await pages.next()) all.push(...rows)
  return all
}
