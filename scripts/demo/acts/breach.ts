import { memberAt } from '../client.ts'
import type { Answer } from '../client.ts'
import type { Cast, Credential, World } from '../world.ts'
import type { Held } from './hold.ts'
import type { Orders } from './import.ts'
import { issueCredential } from './onboard.ts'

/** What got away, whose hands it is in, and what the vault is asked to find out. */
export type Leak = {
  incident: string
  /** A key of the other shop that anybody may have. */
  stolen: Credential
  /** What was looked at with it: names and phones, masked. */
  items: readonly { key: string; token: string }[]
  /** The persons behind those tokens. */
  persons: number
  awareAt: string
}

/** Orders that the thief asks about; one more item each is the phone. */
const ORDERS_TAKEN = 12

async function look(stolen: Credential, items: Leak['items']): Promise<Answer> {
  return stolen.client.post('/v1/mask', { items })
}

/** The thief has the shop's own file: order numbers and tokens. */
function takenItems({ tokens }: Orders, held: Held): Leak['items'] {
  const rows = [...tokens.values()].slice(0, ORDERS_TAKEN)
  const others = rows.flatMap((row) => ['name', 'phone'].map((field) => row[field] ?? ''))
  return [...others, ...Object.values(held.otherTokens)]
    .filter((token) => token !== '')
    .map((token, place) => ({ key: `${place}`, token }))
}

export async function findLeak(world: World, cast: Cast, held: Held, orders: Orders): Promise<Leak> {
  const { tell } = world
  const { platform, otherShop } = cast
  tell.step(
    'A key gets away',
    `${otherShop.name} has put a key of its warehouse into a public repository, and somebody tries it out.`,
  )
  const stolen = await issueCredential(world, platform, otherShop.id, 'warehouse')
  const from = new Date().toISOString()
  const items = takenItems(orders, held)
  const taken = tell.good(await look(stolen, items))
  tell.exchange(taken)
  const shown = taken.listAt('items').filter((item) => memberAt(item, 'masked') !== undefined)
  tell.holds('The key is good, so the vault answers: with masked values.', shown.length, items.length)
  const awareAt = new Date().toISOString()
  tell.does('The platform hears of it and opens an incident about that key.')
  const opened = await platform.post('/v1/incidents', {
    title: `A key of ${otherShop.name} in a public repository`,
    kind: 'credential_leak',
    aware_at: awareAt,
    occurred_from: from,
    occurred_to: awareAt,
    suspects: { credentials: [stolen.id] },
  })
  const incident = tell.good(opened, 201).textAt('id')
  tell.exchange(opened)
  const persons = ORDERS_TAKEN + 1
  await checkScope(world, cast, { incident, stolen, items, persons, awareAt }, held)
  return { incident, stolen, items, persons, awareAt }
}

async function checkScope({ tell }: World, { platform }: Cast, leak: Leak, held: Held): Promise<void> {
  const path = `/v1/incidents/${leak.incident}/scope`
  const scope = tell.good(await platform.get(path))
  const fields = Object.entries(scope.at('by_field') ?? {}).flatMap(([field, views]) =>
    Object.entries(views as object).map(([view, of]) => [field, view, String(memberAt(of, 'subjects'))]),
  )
  tell.does('Whom it touches stands in the log. The scope, by field and by where the persons live:')
  tell.table([['field', 'shown', 'persons'], ...fields])
  tell.shows(JSON.stringify(scope.at('by_jurisdiction')))
  tell.holds('It counts those persons, each once, and nobody else.', scope.at('subjects'), leak.persons)
  tell.holds('Every look was by that key.', Object.keys(scope.at('by_credential') as object), [
    leak.stolen.id,
  ])
  const views = new Set(fields.map(([, view]) => view))
  tell.holds('Nothing but masked forms was shown.', [...views], ['masked'])
  const rows = await platform.list(`${path}/subjects`)
  const subjects = rows.map((row) => memberAt(row, 'subject'))
  tell.holds('She is among them.', subjects.includes(held.subject), true)
}

export async function contain({ tell }: World, cast: Cast, leak: Leak): Promise<void> {
  tell.step('It is stopped', 'The key is revoked, and whoever holds it is refused from that answer on.')
  const path = `/v1/incidents/${leak.incident}`
  const done = tell.good(await cast.platform.post(`${path}/contain`, { actions: ['revoke_credentials'] }))
  tell.exchange(done)
  tell.holds('One key was revoked; that was all there was to do.', done.body, {
    state: 'contained',
    items: [{ action: 'revoke_credentials', state: 'done', counts: { credentials: 1 } }],
  })
  const again = await look(leak.stolen, leak.items)
  tell.holds('The thief’s next call is refused.', [again.status, again.at('code')], [401, 'unauthenticated'])
  const own = tell.good(await cast.otherShop.client.post('/v1/mask', { items: leak.items.slice(0, 1) }))
  tell.holds('The shop’s own key works on.', own.at('items', 0, 'status'), 'ok')
  const scope = tell.good(await cast.platform.get(`${path}/scope`))
  tell.holds('The look that was refused touches nobody.', scope.at('subjects'), leak.persons)
}
