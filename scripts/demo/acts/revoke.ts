import { memberAt, wordOf } from '../client.ts'
import type { Client } from '../client.ts'
import { denied, scan, spellViews, verdictOf, viewOf } from '../scan.ts'
import type { Cast, World } from '../world.ts'
import { moveTo } from './deliver.ts'
import type { Held } from './hold.ts'
import type { Parcels } from './ship.ts'

/** What her page says on who may see her: every permission there is. */
async function showGrants({ tell }: World, cast: Cast, her: Client, parcels: Parcels): Promise<void> {
  const grants = await her.list('/v1/me/grants')
  const parties = new Map([cast.shop, cast.otherShop, cast.courier].map(({ id, name }) => [id, name]))
  const rows = grants.map((grant) => {
    const [party, purpose, basis] = ['party', 'purpose', 'basis'].map((field) =>
      wordOf(memberAt(grant, field)),
    )
    return [parties.get(party ?? '') ?? '', purpose ?? '', basis ?? '', spellViews(memberAt(grant, 'fields'))]
  })
  tell.does('Her page lists who may see what of her, and why:')
  tell.table([['who', 'purpose', 'basis', 'at most'], ...rows])
  const listed = grants.map((grant) => [memberAt(grant, 'party'), memberAt(grant, 'shipment')])
  tell.holds(
    'Two shops for their orders, the courier for each of her two parcels, and nobody else.',
    listed,
    [
      [cast.shop.id, null],
      [cast.otherShop.id, null],
      [cast.courier.id, parcels.first.id],
      [cast.courier.id, parcels.second.id],
    ],
  )
}

async function revokeCourier(world: World, cast: Cast, her: Client, parcels: Parcels): Promise<void> {
  const { tell } = world
  const { second } = parcels
  await moveTo(world, cast, second, 'picked_up')
  await moveTo(world, cast, second, 'out_for_delivery')
  tell.does('Her second parcel is out for delivery.')
  const before = await scan(cast.courier.client, second.waybill)
  const views = [viewOf(before, 'phone'), viewOf(before, 'address')]
  tell.holds('The courier sees her phone and door now.', views, ['full', 'full'])

  await showGrants(world, cast, her, parcels)
  tell.does('She takes back the last one: this parcel’s.')
  const receipt = tell.good(await her.post(`/v1/me/grants/${second.grant}/revoke`, { reason: 'not at home' }))
  tell.exchange(receipt)
  const event = tell.good(await cast.platform.get(`/v1/events/${receipt.textAt('event')}`))
  tell.holds('The log has it.', [event.at('type'), event.at('grant')], ['grant.revoked', second.grant])
  tell.holds('The receipt says when, where it stands in the log, and which parcel it stops.', receipt.body, {
    revoked_at: event.at('at'),
    event: event.at('id'),
    tokens_retired: 0,
    shipments_affected: [second.id],
  })
  const after = await scan(cast.courier.client, second.waybill)
  tell.exchange(after)
  tell.holds('The very next scan is refused.', verdictOf(after), denied('grant_revoked'))
}

async function revokeShop({ tell }: World, cast: Cast, her: Client, held: Held): Promise<void> {
  const grants = await her.list('/v1/me/grants')
  const isShops = (grant: unknown): boolean => JSON.stringify(grant).includes(cast.shop.id)
  const standing = grants.find((grant) => isShops(grant) && memberAt(grant, 'revoked_at') === null)
  tell.needs('the shop has a standing permission', standing !== undefined, true)
  tell.does('She takes back the shop’s permission as well.')
  const path = `/v1/me/grants/${String(memberAt(standing, 'id'))}/revoke`
  const receipt = tell.good(await her.post(path, { reason: 'no more of this shop' }))
  tell.exchange(receipt)
  tell.holds('The receipt counts the tokens that end with it.', receipt.at('tokens_retired'), 3)
  const items = Object.entries(held.her.tokens).map(([key, token]) => ({ key, token }))
  const valid = tell.good(await cast.shop.client.post('/v1/validate', { items }))
  const statuses = valid.listAt('items').map((item) => memberAt(item, 'status'))
  tell.holds('The shop’s tokens of her are retired.', statuses, ['retired', 'retired', 'retired'])
  const masked = tell.good(await cast.shop.client.post('/v1/mask', { items }))
  const codes = new Set(masked.listAt('items').map((item) => memberAt(item, 'code')))
  tell.holds('Not even the masked form comes back.', [...codes], ['token_retired'])
}

export async function revoke(
  world: World,
  cast: Cast,
  her: Client,
  held: Held,
  parcels: Parcels,
): Promise<void> {
  world.tell.step('She takes it back', 'What she ends has to be over with the next request.')
  await revokeCourier(world, cast, her, parcels)
  await revokeShop(world, cast, her, held)
  const valid = await cast.otherShop.client.post('/v1/validate', {
    items: [{ key: 'k', token: held.otherTokens.phone }],
  })
  world.tell.holds(
    'The other shop’s tokens of her live on: they are another permission.',
    valid.at('items', 0, 'status'),
    'live',
  )
}
