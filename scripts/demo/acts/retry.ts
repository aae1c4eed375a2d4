import { randomUUID } from 'node:crypto'
import { memberAt } from '../client.ts'
import { scan, valueOf, verdictOf } from '../scan.ts'
import type { Buyer, Cast, Parcel, World } from '../world.ts'
import { moveTo } from './deliver.ts'

export async function retry(world: World, cast: Cast, parcel: Parcel, neighbour: Buyer): Promise<void> {
  const { tell } = world
  tell.step(
    'The line drops',
    `A courier at the door of ${neighbour.name} scans; the answer is lost on the way, and the handheld asks again.`,
  )
  await moveTo(world, cast, parcel, 'picked_up')
  await moveTo(world, cast, parcel, 'out_for_delivery')
  const idempotencyKey = randomUUID()
  const first = tell.good(await scan(cast.courier.client, parcel.waybill, { idempotencyKey }))
  const again = tell.good(await scan(cast.courier.client, parcel.waybill, { idempotencyKey }))
  const [event, remaining] = [first.textAt('items', 0, 'event'), first.at('quota', 'remaining')]
  const rows = [first, again].map((answer, place) => {
    const cost = `cost ${String(answer.at('quota', 'cost'))}, ${String(answer.at('quota', 'remaining'))} remain`
    return [place === 0 ? 'first' : 'again', answer.textAt('items', 0, 'event'), cost]
  })
  tell.table([['same Idempotency-Key', 'event', 'quota'], ...rows])
  const phones = [first, again].map((answer) => valueOf(answer, 'phone'))
  tell.holds('Both times the handheld gets the phone number.', phones, [neighbour.phone, neighbour.phone])
  const costs = [first.at('quota', 'cost'), again.at('quota', 'cost'), again.at('quota', 'remaining')]
  tell.holds('The second costs nothing.', costs, [1, 0, remaining])
  tell.holds('Both name one and the same disclosure.', again.at('items', 0, 'event'), event)

  const events = await cast.platform.list(`/v1/events?party=${cast.courier.id}`)
  const reveals = events.filter(
    (event) =>
      memberAt(event, 'shipment') === parcel.id && String(memberAt(event, 'type')).startsWith('reveal.'),
  )
  const told = reveals.map((event) => [memberAt(event, 'type'), memberAt(event, 'replays')])
  tell.holds('The log holds one disclosure and one replay of it.', told, [
    ['reveal.allowed', undefined],
    ['reveal.replayed', event],
  ])
  const other = await scan(cast.courier.client, parcel.waybill, { purpose: 'return_pickup', idempotencyKey })
  tell.holds(
    'The same key with another question is a mistake, and said to be one.',
    [other.status, other.at('code')],
    [422, 'idempotency_key_reused'],
  )
  const fresh = await scan(cast.courier.client, parcel.waybill)
  const anew = fresh.at('items', 0, 'event') !== event
  tell.holds(
    'A scan without the key is a disclosure of its own, free within the hour.',
    [verdictOf(fresh)[1], anew, fresh.at('quota', 'cost')],
    ['ok', true, 0],
  )
}
