import { memberAt, wordOf } from '../client.ts'
import type { Answer } from '../client.ts'
import type { Row } from '../exports.ts'
import { inventedId } from '../world.ts'
import type { Buyer, Cast, Tokens, World } from '../world.ts'
import type { Orders } from './import.ts'

/** One buyer, two orders, all of it the same in both. */
const HERS = '13900000000014'
const HER_SECOND = '13900000000020'
/** Another buyer, two orders: same name and phone, the address written in two ways. */
const HIS = ['13900000000012', '13900000000019'] as const
/** Buyers of the other shop, who stay to the end. */
const NEIGHBOURS = ['#1100011', '#1100010'] as const

export type Buyers = { her: Buyer; herSecondOrder: string; neighbour: Buyer; second: Buyer }

function tokensOf(row: Row | undefined): Tokens {
  return { name: row?.['name'] ?? '', phone: row?.['phone'] ?? '', address: row?.['address'] ?? '' }
}

function taobaoBuyer(orders: Orders, ref: string): Buyer {
  const row = orders.exported.get(ref) ?? {}
  const phone = `+86${row['联系手机']?.replace(/\D/g, '')}`
  return {
    ref,
    name: row['收货人姓名'] ?? '',
    phone,
    street: row['收货地址'] ?? '',
    tokens: tokensOf(orders.tokens.get(ref)),
  }
}

function shopifyBuyer(orders: Orders, ref: string): Buyer {
  const row = orders.exported.get(ref) ?? {}
  const phone = row['Shipping Phone']?.replaceAll(/[^+\d]/g, '') ?? ''
  const [name = '', street = ''] = [row['Shipping Name'], row['Shipping Address1']]
  return { ref, name, phone, street, tokens: tokensOf(orders.tokens.get(ref)) }
}

/** What the shop sees in place of the values. */
async function maskHers({ tell }: World, cast: Cast, her: Buyer): Promise<void> {
  tell.does('For its screens the shop asks for the masked form.')
  const fields = ['name', 'phone', 'address'] as const
  const items = fields.map((key) => ({ key, token: her.tokens[key] }))
  const masked = tell.good(await cast.shop.client.post('/v1/mask', { items }))
  const shown = (field: keyof Tokens): unknown => masked.at('items', fields.indexOf(field), 'masked')
  tell.table([
    ['field', 'token', 'masked'],
    ...fields.map((field) => [field, her.tokens[field], spellValue(shown(field))]),
  ])
  const name = shown('name')
  tell.holds('Of the name one character is left.', name, `${her.name.slice(0, 1)}**`)
  const phone = String(shown('phone'))
  const [stars = ''] = /\*+/.exec(phone) ?? []
  tell.holds(
    'Of the phone at least six digits are hidden.',
    [stars.length >= 6, phone.length],
    [true, her.phone.length],
  )
  const address = spellValue(shown('address'))
  const door = doorOf(her)
  tell.needs('her address names a house, a unit and a room', door.length > 3, true)
  const told = door.filter((part) => address.includes(part))
  tell.holds('Of the address no house, unit or room is left.', told, [])
}

/** What leads to her door, of a street line such as 建设大道898号翠湖天地7栋1单元604室: all numbers, the estate’s name. */
export function doorOf({ street }: Buyer): string[] {
  const line = street.split(' ').at(-1) ?? ''
  return line.slice(line.search(/\d/)).match(/\d+|[^\d号栋单元室]{2,}/gu) ?? []
}

export function spellValue(value: unknown): string {
  if (typeof value !== 'object' || value === null) return wordOf(value)
  return Object.values(value).join(' ')
}

async function mergeParcels({ tell }: World, cast: Cast, orders: Orders, her: Buyer): Promise<void> {
  tell.does('It wants to know which orders go to the same phone, to pack them into one parcel.')
  const [first, second] = HIS.map((ref) => orders.tokens.get(ref)?.['phone'])
  tell.needs('his two orders have two phone tokens', first !== second, true)
  const items = [
    { key: HIS[0], token: first },
    { key: HIS[1], token: second },
    { key: her.ref, token: her.tokens.phone },
  ]
  const grouped = tell.good(await cast.shop.client.post('/v1/group', { items }))
  tell.exchange(grouped)
  tell.holds('Two different tokens, one phone: the vault says so without saying which.', grouped.body, {
    groups: [[...HIS], [her.ref]],
  })
}

/** At another shop the same person has other tokens. */
async function sellTwice({ tell }: World, cast: Cast, her: Buyer): Promise<Answer> {
  tell.does(
    'The same buyer signs up at the other shop; the platform, which knows her already, passes her on.',
  )
  const person = { name: her.name, phone: her.phone }
  const answer = await cast.platform.post('/v1/tokenize', {
    party: cast.otherShop.id,
    linkability: 'party',
    items: [{ key: 'her', external_ref: her.ref, jurisdiction: 'CN', person }],
  })
  tell.good(answer)
  tell.exchange(answer)
  const subject = answer.textAt('items', 0, 'subject')
  const events = await cast.platform.list(`/v1/events?subject=${subject}`)
  const stored = events.filter((event) => memberAt(event, 'type') === 'subject.stored')
  const status = answer.at('items', 0, 'status')
  tell.holds(
    'The vault knows her: she is not stored a second time.',
    [status, stored.length],
    ['unchanged', 1],
  )
  const tokens = [answer.at('items', 0, 'tokens', 'name'), answer.at('items', 0, 'tokens', 'phone')]
  const shared = [her.tokens.name, her.tokens.phone].filter((token) => tokens.includes(token))
  tell.holds('The two shops have no token in common by which to find out that she is one person.', shared, [])
  return answer
}

export type Held = Buyers & { subject: string; otherTokens: { name: string; phone: string } }

export async function lookAtTokens(
  world: World,
  cast: Cast,
  { taobao, shopify }: { taobao: Orders; shopify: Orders },
): Promise<Held> {
  const { tell } = world
  const her = taobaoBuyer(taobao, HERS)
  tell.step(
    'What the shop holds now',
    `Order ${HERS} is that of 高秀兰 (Gao Xiulan). She will be with us to the end. This is her row at the shop:`,
  )
  tell.needs('the export has her in that order', her.name, '高秀兰')
  tell.shows(Object.values({ order: her.ref, ...her.tokens }).join(','))
  const again = tokensOf(taobao.tokens.get(HER_SECOND))
  tell.holds('Her second order of the week has the same three tokens.', again, her.tokens)
  await maskHers(world, cast, her)
  await mergeParcels(world, cast, taobao, her)

  const unknown = inventedId('tok')
  const items = [
    { key: 'hers', token: her.tokens.phone },
    { key: 'invented', token: unknown },
  ]
  const valid = tell.good(await cast.shop.client.post('/v1/validate', { items }))
  const statuses = [valid.at('items', 0, 'status'), valid.at('items', 1, 'status')]
  tell.holds('Asked which tokens are good, the vault tells a live one from an invented one.', statuses, [
    'live',
    'unknown',
  ])

  const answer = await sellTwice(world, cast, her)
  const subject = answer.textAt('items', 0, 'subject')
  const [name, phone] = [
    answer.textAt('items', 0, 'tokens', 'name'),
    answer.textAt('items', 0, 'tokens', 'phone'),
  ]
  const [neighbour, second] = [shopifyBuyer(shopify, NEIGHBOURS[0]), shopifyBuyer(shopify, NEIGHBOURS[1])]
  return { her, herSecondOrder: HER_SECOND, neighbour, second, subject, otherTokens: { name, phone } }
}
