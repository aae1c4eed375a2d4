import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { without } from '../client.ts'
import { sliceOf, readTable } from '../exports.ts'
import type { Row, Slice } from '../exports.ts'
import { run } from '../service.ts'
import type { Cast, Party, World } from '../world.ts'

const ORDERS = 60

export type Format = 'shopify' | 'taobao'

/** A shop's orders: what its export said, and the tokens that it holds now. By order number. */
export type Orders = {
  exported: ReadonlyMap<string, Row>
  tokens: ReadonlyMap<string, Row>
  slice: Slice
}

const SHAPES = {
  shopify: { encoding: 'utf-8', ref: 'Name' },
  taobao: { encoding: 'gb18030', ref: '订单编号' },
} as const

const TOKEN = /^tok_[0-9a-z]{26}$/

/** Spreadsheets guard numbers: `="139…"`. */
function unguard(cell: string): string {
  return cell.replace(/^="(.*)"$/, '$1')
}

type Files = { source: string; tokens: string; rejects: string; key: string }

function filesFor(folder: string, format: Format): Files {
  const named = (ending: string): string => join(folder, `orders.${format}${ending}`)
  return {
    source: named('.csv'),
    tokens: named('.tokens.csv'),
    rejects: named('.rejects.csv'),
    key: join(folder, 'platform.key'),
  }
}

async function runImport(world: World, shop: Party, format: Format, files: Files): Promise<number[]> {
  const { tell, service, launcher } = world
  const args = ['import', files.source, '--format', format, '--url', service.address, '--key-file', files.key]
  args.push('--party', shop.id, '--tokens', files.tokens, '--rejects', files.rejects)
  tell.shows(
    `$ cloakroom import orders.${format}.csv --format ${format} --party ${shop.id} --url … --key-file …`,
  )
  const ran = await run(launcher, args)
  tell.needs('the import ends well', [ran.code, ran.code === 0 ? '' : ran.stderr], [0, ''])
  tell.shows(ran.stdout)
  const [, imported, rejected] = /^(\d+) imported, (\d+) rejected$/m.exec(ran.stdout) ?? []
  return [Number(imported), Number(rejected)]
}

/** The first row of each order: the one with the address. */
function firstRows({ rows }: Slice, refOf: (row: Row) => string): Map<string, Row> {
  const byRef = Map.groupBy(rows, ({ cells }) => refOf(cells))
  return new Map([...byRef].map(([ref, [first]]) => [ref, first?.cells ?? {}]))
}

async function importOne(world: World, shop: Party, format: Format): Promise<Orders> {
  const { tell, folder } = world
  const { encoding, ref } = SHAPES[format]
  const slice = sliceOf(new URL(`../../../test/data/orders.${format}.csv`, import.meta.url), encoding, ORDERS)
  const files = filesFor(folder, format)
  writeFileSync(files.source, slice.bytes)
  const refOf = (row: Row): string => unguard(row[ref] ?? '')
  const exported = firstRows(slice, refOf)

  const counts = await runImport(world, shop, format, files)
  const tokens = new Map(readTable(files.tokens).map((row) => [row['order_ref'] ?? '', row]))
  tell.needs('some orders are taken, some are not', tokens.size > 0 && tokens.size < ORDERS, true)
  tell.holds('Its last line counts every order once.', counts, [tokens.size, ORDERS - tokens.size])
  const rejects = readTable(files.rejects)
  for (const row of rejects)
    tell.shows(`rejected: line ${row['line']}, order ${refOf(row)}, reason ${row['reason']}`)
  const refused = slice.rows.filter(({ cells }) => !tokens.has(refOf(cells)))
  const expected = refused.map(({ line, cells }) => ({ ...cells, line: String(line) }))
  const whole = rejects.map((row) => without(row, 'reason'))
  tell.holds(
    'What it could not take went to the rejects cell by cell, with line and reason.',
    whole,
    expected,
  )
  const values = [...tokens.values()].flatMap((row) => Object.values(without(row, 'order_ref') as Row))
  const strange = values.filter((value) => value !== '' && !TOKEN.test(value))
  tell.holds('The shop’s new file holds order numbers and tokens, nothing of a person.', strange, [])
  return { exported, tokens, slice }
}

export async function importOrders(
  world: World,
  cast: Cast,
  platformKey: string,
): Promise<Record<Format, Orders>> {
  const { tell, folder } = world
  tell.step(
    'The shops’ orders come in',
    `The platform imports ${ORDERS} orders of each shop’s export: one in GB18030 from Taobao, one in UTF-8 from Shopify.`,
  )
  writeFileSync(join(folder, 'platform.key'), platformKey, { mode: 0o600 })
  const taobao = await importOne(world, cast.shop, 'taobao')
  const shopify = await importOne(world, cast.otherShop, 'shopify')
  return { taobao, shopify }
}
