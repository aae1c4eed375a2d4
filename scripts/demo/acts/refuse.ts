import { memberAt, without, wordOf } from '../client.ts'
import type { Answer, Client } from '../client.ts'
import { OPERATOR, denied, scan, verdictOf } from '../scan.ts'
import { inventedId } from '../world.ts'
import type { Cast, Parcel, World } from '../world.ts'
import type { Held } from './hold.ts'

/** Two answers that nobody can tell apart: all is the same but the ids that are made for each answer. */
function indistinguishable(one: Answer, other: Answer): unknown[] {
  const seen = [one, other].map(({ status, body }) => ({
    status,
    body: without(body, 'event', 'request_id'),
  }))
  return [seen[0], seen[1]]
}

function showDenied({ tell }: World, rows: readonly (readonly [string, Answer])[]): void {
  const spell = (answer: Answer): string => {
    const word = wordOf(answer.at('items', 0, 'status')) || 'refused'
    return `${answer.status} ${word} ${wordOf(answer.at('items', 0, 'code') ?? answer.at('code'))}`
  }
  tell.table([['tried', 'answer'], ...rows.map(([tried, answer]) => [tried, spell(answer)])])
}

async function rivalTries({ tell, ...world }: World, cast: Cast, parcel: Parcel): Promise<void> {
  tell.does(`${cast.rival.name} has read the waybill off the parcel and scans it too.`)
  const hers = await scan(cast.rival.client, parcel.waybill)
  const invented = await scan(cast.rival.client, inventedId('wb'))
  showDenied({ tell, ...world }, [
    ['her waybill', hers],
    ['an invented waybill', invented],
  ])
  tell.holds('Refused.', verdictOf(hers), denied('token_unknown'))
  const [one, other] = indistinguishable(hers, invented)
  tell.holds('The answer does not even tell that there is such a parcel.', one, other)
  const looked = await cast.rival.client.get(`/v1/shipments/${parcel.id}`)
  const nothing = await cast.rival.client.get(`/v1/shipments/${inventedId('shp')}`)
  tell.needs('another’s shipment is not found', looked.status, 404)
  const [there, nowhere] = indistinguishable(looked, nothing)
  tell.holds('Nor does asking for the shipment by its id.', there, nowhere)
}

async function tryToken(shop: Client, token: string, order: string): Promise<Answer[]> {
  const items = [{ key: 'k', token }]
  return [
    await shop.post('/v1/mask', { items }),
    await shop.post('/v1/validate', { items }),
    await shop.post('/v1/reveal', {
      purpose: 'order',
      operator: { id: OPERATOR },
      items: [{ key: 'k', token, order_ref: order }],
    }),
  ]
}

async function otherShopTries({ tell, ...world }: World, cast: Cast, { her }: Held): Promise<void> {
  tell.does(`${cast.otherShop.name} got hold of a token of the other shop and tries it three ways.`)
  const hers = await tryToken(cast.otherShop.client, her.tokens.phone, her.ref)
  const invented = await tryToken(cast.otherShop.client, inventedId('tok'), her.ref)
  const named = hers.map((answer, place) => [['mask', 'validate', 'reveal'][place] ?? '', answer] as const)
  showDenied({ tell, ...world }, named)
  const statuses = hers.map((answer) => answer.at('items', 0, 'status'))
  tell.holds('Nothing comes of it.', statuses, ['denied', 'unknown', 'denied'])
  const pairs = hers.map((answer, place) => indistinguishable(answer, invented[place] ?? answer))
  const different = pairs.filter(([one, other]) => JSON.stringify(one) !== JSON.stringify(other))
  tell.holds('Each answer is that for a token which does not exist.', different, [])
}

async function wrongReasons(
  { tell, ...world }: World,
  cast: Cast,
  parcel: Parcel,
  { her }: Held,
): Promise<void> {
  tell.does('Those who may see something try it for a purpose that they have no permission for.')
  const advertise = await scan(cast.courier.client, parcel.waybill, { purpose: 'customer_service' })
  const item = { key: 'k', token: her.tokens.phone }
  const operator = { id: OPERATOR }
  const asShop = (body: object): Promise<Answer> => cast.shop.client.post('/v1/reveal', { operator, ...body })
  const deliver = await asShop({ purpose: 'delivery', items: [{ ...item, order_ref: her.ref }] })
  const bare = await asShop({ purpose: 'order', items: [item] })
  showDenied({ tell, ...world }, [
    ['the courier, for customer service', advertise],
    ['the shop, for delivery', deliver],
    ['the shop, a token without its order', bare],
  ])
  const verdicts = [advertise, deliver, bare].map(verdictOf)
  const expected = ['purpose_not_allowed', 'purpose_not_allowed', 'context_required'].map(denied)
  tell.holds('All three are refused, each with its reason.', verdicts, expected)
  const cost = [advertise, deliver, bare].map((answer) => answer.at('quota', 'cost'))
  tell.holds('A refusal costs nothing.', cost, [0, 0, 0])
  const [limit, remaining] = [deliver.at('quota', 'limit'), deliver.at('quota', 'remaining')]
  tell.holds(
    `Nor did the masked form: the shop’s ${wordOf(limit)} look-ups a day are whole.`,
    remaining,
    limit,
  )
  const items = [{ key: 'parcel', waybill: parcel.waybill }]
  const aimless = await cast.courier.client.post('/v1/reveal', { operator, items })
  const nobody = await cast.courier.client.post('/v1/reveal', { purpose: 'delivery', items })
  const codes = [aimless, nobody].map((answer) => [answer.status, answer.at('code')])
  tell.holds('Without a purpose, or without saying who looks, the call is not taken at all.', codes, [
    [400, 'purpose_required'],
    [400, 'operator_required'],
  ])
}

async function readTries({ tell }: World, cast: Cast): Promise<void> {
  const events = await cast.platform.list(`/v1/events?party=${cast.rival.id}`)
  const tries = events.filter((event) => memberAt(event, 'type') === 'reveal.denied')
  const told = tries.map((event) => [
    memberAt(event, 'code'),
    memberAt(event, 'subject'),
    memberAt(event, 'shipment'),
  ])
  const blind = ['token_unknown', undefined, undefined]
  tell.holds('The rival’s two tries are in the log; as they met nothing, they name nobody.', told, [
    blind,
    blind,
  ])
}

export async function refuse(world: World, cast: Cast, parcel: Parcel, held: Held): Promise<void> {
  world.tell.step('Those who must not see', 'The parcel is delivered. Now come tries that must fail.')
  await rivalTries(world, cast, parcel)
  await otherShopTries(world, cast, held)
  await wrongReasons(world, cast, parcel, held)
  await readTries(world, cast)
}
