import { VaultError } from '../../core/errors.ts'
import { CALLER_REF } from '../../core/limits.ts'
import type { Cell, Format } from './format.ts'
import type { Draft, Order, Person, Recipient, Refusal } from './order.ts'
import type { Row } from './read-rows.ts'
import { RecipientRefs } from './recipients.ts'

/** One order with all its rows, or rows that are none and why. */
export type Entry = { rows: Row[] } & ({ order: Order } | { refusal: Refusal })

export type Export = { columns: readonly string[]; entries: AsyncIterable<Entry> }

function checkColumns(columns: readonly string[], format: Format): void {
  const missing = format.columns.filter((column) => !columns.includes(column))
  if (missing.length === 0) return
  throw new VaultError('invalid_request', `Not a ${format.name} export: no column ${missing.join(', ')}.`)
}

/** Turns rows into orders. Remembers every order number and, as a digest, every recipient of the file. */
class OrderReader {
  readonly #format: Format
  readonly #places: ReadonlyMap<string, number>
  readonly #taken = new Set<string>()
  readonly #recipients = new RecipientRefs()

  constructor(format: Format, columns: readonly string[]) {
    this.#format = format
    this.#places = new Map(columns.map((column, place) => [column, place]))
  }

  refOf(row: Row): string {
    return this.#format.orderRef(this.#cellsOf(row))
  }

  /** @param rows all rows of one order, the first of them with the address. */
  read(ref: string, rows: Row[]): Entry {
    const [first] = rows
    if (first === undefined || !CALLER_REF.test(ref)) return { rows, refusal: 'order_ref_invalid' }
    const reading = this.#format.read(this.#cellsOf(first))
    if ('refusal' in reading) return { rows, refusal: reading.refusal }
    if (this.#taken.has(ref)) return { rows, refusal: 'order_ref_repeated' }
    this.#taken.add(ref)
    return { rows, order: this.#order(ref, reading.draft) }
  }

  #order(ref: string, { person, secondPhone, ...rest }: Draft): Order {
    const recipient = this.#recipient(person, ref)
    const otherRef = `${ref}/2`
    if (secondPhone === undefined || !CALLER_REF.test(otherRef)) return { ref, recipient, ...rest }
    const otherwise = this.#recipient({ ...person, phone: secondPhone }, otherRef)
    return { ref, recipient, otherwise, ...rest }
  }

  #recipient(person: Person, orderRef: string): Recipient {
    return { externalRef: this.#recipients.refOf(person, orderRef), person }
  }

  #cellsOf(row: Row): Cell {
    return (column) => row.cells[this.#places.get(column) ?? -1] ?? ''
  }
}

/** Entries in file order; a row with a defect comes before the order that it stands in the middle of. */
async function* readEntries(blocks: AsyncIterable<Row[]>, reader: OrderReader, continues: boolean) {
  let ref = ''
  let rows: Row[] = []
  for await (const block of blocks) {
    for (const row of block) {
      if (row.defect !== undefined) {
        yield { rows: [row], refusal: row.defect } satisfies Entry
        continue
      }
      const nextRef = reader.refOf(row)
      if (continues && rows.length > 0 && nextRef === ref) {
        rows.push(row)
        continue
      }
      if (rows.length > 0) yield reader.read(ref, rows)
      ref = nextRef
      rows = [row]
    }
  }
  if (rows.length > 0) yield reader.read(ref, rows)
}

async function* blocksBehindHeader(first: Row[], rest: AsyncGenerator<Row[]>): AsyncGenerator<Row[]> {
  yield first.slice(1)
  yield* rest
}

/** @throws VaultError `invalid_request` for a file that is not what the format says. */
export async function openExport(blocks: AsyncGenerator<Row[]>, format: Format): Promise<Export> {
  const { value: first } = await blocks.next()
  const header: Row | undefined = first?.[0]
  if (header === undefined) throw new VaultError('invalid_request', 'The file is empty.')
  checkColumns(header.cells, format)
  const reader = new OrderReader(format, header.cells)
  return {
    columns: header.cells,
    entries: readEntries(blocksBehindHeader(first, blocks), reader, format.ordersContinue),
  }
}
