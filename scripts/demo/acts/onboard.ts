import type { Client } from '../client.ts'
import { memberAt } from '../client.ts'
import { as } from '../world.ts'
import type { Cast, Credential, Party, World } from '../world.ts'

type Kind = 'merchant' | 'courier'

/** A further credential of a party, shown once. */
export async function issueCredential(
  { tell, service }: World,
  platform: Client,
  party: string,
  label: string,
): Promise<Credential> {
  const issued = tell.good(await platform.post(`/v1/parties/${party}/credentials`, { label }), 201)
  const secret = issued.textAt('secret')
  return { id: issued.textAt('id'), secret, client: as(service, secret) }
}

async function activate({ tell }: World, platform: Client, id: string): Promise<void> {
  tell.good(
    await platform.post(`/v1/parties/${id}/status`, { status: 'active', reason: 'papers are in order' }),
  )
}

async function create(world: World, platform: Client, kind: Kind, name: string): Promise<Party> {
  const made = world.tell.good(await platform.post('/v1/parties', { kind, name }), 201)
  world.tell.needs('a new party waits for its review', made.at('status'), 'pending')
  const id = made.textAt('id')
  const { client } = await issueCredential(world, platform, id, 'first')
  return { id, name, client }
}

async function onboard(world: World, platform: Client, kind: Kind, name: string): Promise<Party> {
  const party = await create(world, platform, kind, name)
  await activate(world, platform, party.id)
  return party
}

export async function onboardParties(world: World, platform: Client): Promise<Cast> {
  const { tell } = world
  tell.step(
    'Two shops, two couriers',
    'The platform enters them, reviews their papers and gives each a credential.',
  )
  const shop = await create(world, platform, 'merchant', '杯子铺 (Cup Shop)')
  const early = await shop.client.post('/v1/validate', { items: [{ key: 'k', token: 'tok_none' }] })
  tell.holds(
    'A shop that is still pending may do nothing.',
    [early.status, early.at('code')],
    [403, 'party_not_active'],
  )
  await activate(world, platform, shop.id)
  const otherShop = await onboard(world, platform, 'merchant', 'Mugs Worldwide')
  const courier = await onboard(world, platform, 'courier', 'Swift Parcel')
  const rival = await onboard(world, platform, 'courier', 'Rival Parcel')

  const listed = await platform.list('/v1/parties')
  const seen = listed.map((party) =>
    ['name', 'kind', 'status', 'id'].map((name) => String(memberAt(party, name))),
  )
  tell.table([['name', 'kind', 'status', 'id'], ...seen])
  const statuses = new Set(seen.map(([, , status]) => status))
  tell.holds('After the review all four are active.', [seen.length, [...statuses]], [4, ['active']])
  return { platform, shop, otherShop, courier, rival }
}
