import type { Buyer, Cast, Parcel, Party, World } from '../world.ts'
import type { Held } from './hold.ts'
import { doorOf, spellValue } from './hold.ts'

export type Parcels = { first: Parcel; second: Parcel; neighbour: Parcel; other: Parcel }

async function makeParcel(
  { tell }: World,
  shop: Party,
  courier: Party,
  order: string,
  buyer: Buyer,
): Promise<Parcel & { label: unknown }> {
  const { name, phone, address } = buyer.tokens
  const body = { order_ref: order, courier: courier.id, recipient: { name, phone, address } }
  const made = tell.good(await shop.client.post('/v1/shipments', body), 201)
  tell.needs('a new parcel is `created`', made.at('stage'), 'created')
  return {
    id: made.textAt('id'),
    waybill: made.textAt('waybill'),
    grant: made.textAt('grant'),
    label: made.at('label'),
  }
}

export async function makeParcels(world: World, cast: Cast, held: Held): Promise<Parcels> {
  const { tell } = world
  const { her, herSecondOrder, neighbour } = held
  tell.step(
    'Parcels',
    `The shop hands her two orders to ${cast.courier.name}: it sends tokens and gets a label to print.`,
  )
  const first = await makeParcel(world, cast.shop, cast.courier, her.ref, her)
  const second = await makeParcel(world, cast.shop, cast.courier, herSecondOrder, her)
  const neighbours = await makeParcel(world, cast.otherShop, cast.courier, neighbour.ref, neighbour)
  const other = await makeParcel(world, cast.otherShop, cast.courier, held.second.ref, held.second)

  const { name, phone, address } = { name: '', phone: '', address: '', ...(first.label as object) }
  tell.table([
    ['on the label', ''],
    ['waybill', first.waybill],
    ['name', spellValue(name)],
    ['phone', spellValue(phone)],
    ['address', spellValue(address)],
  ])
  const told = [her.name, her.phone.slice(3)].filter((text) => JSON.stringify(first.label).includes(text))
  const door = doorOf(her).filter((part) => spellValue(address).includes(part))
  tell.holds('A photo of the label gives away neither name, phone nor door.', [...told, ...door], [])
  const looked = await Promise.all(
    [cast.shop, cast.courier].map(({ client }) => client.get(`/v1/shipments/${first.id}`)),
  )
  const stages = looked.map((answer) => [answer.status, answer.at('order_ref'), answer.at('stage')])
  const expected = [200, her.ref, 'created']
  tell.holds('Shop and courier both find the parcel.', stages, [expected, expected])
  return { first, second, neighbour: neighbours, other }
}
