import { memberAt } from '../client.ts'
import type { Client } from '../client.ts'
import { DEVICE, OPERATOR, addressLine, spellViews, viewOf } from '../scan.ts'
import { as } from '../world.ts'
import type { Cast, World } from '../world.ts'
import type { Scanned } from './deliver.ts'
import type { Held } from './hold.ts'

/** An access as her page lists it. */
type Access = {
  event: string
  type: string
  at: string
  party: string
  row: readonly string[]
  refused: string | undefined
  fields: unknown
}

function textOf(value: unknown, ...path: readonly string[]): string {
  const found = memberAt(value, ...path)
  return typeof found === 'string' ? found : ''
}

function accessOf(item: unknown): Access {
  const [at, code] = [textOf(item, 'at'), memberAt(item, 'code')]
  const refused = textOf(item, 'decision') === 'denied' ? String(code) : undefined
  const party = textOf(item, 'party', 'id')
  const who = textOf(item, 'party', 'name') || 'you'
  const operator = [textOf(item, 'operator', 'id'), textOf(item, 'operator', 'device')]
    .filter(Boolean)
    .join(' ')
  const fields = memberAt(item, 'fields') ?? {}
  const what = refused === undefined ? spellViews(fields) : `refused: ${refused}`
  const type = textOf(item, 'type')
  const why = type === 'shipment.created' ? 'label' : textOf(item, 'purpose') || '–'
  const row = [at.slice(11, 23), who, operator || '–', why, what]
  return { event: textOf(item, 'event'), type, at, party, row, refused, fields }
}

async function openSession({ tell, service }: World, cast: Cast, subject: string): Promise<Client> {
  const opened = tell.good(await cast.platform.post(`/v1/subjects/${subject}/sessions`))
  const until = Date.parse(opened.textAt('expires_at'))
  tell.holds('She has a session of her own, which ends by itself.', until > Date.now(), true)
  return as(service, opened.textAt('token'))
}

async function lookAtOwn({ tell }: World, her: Client, held: Held, email: string): Promise<void> {
  const me = tell.good(await her.get('/v1/me'))
  tell.exchange(me)
  const own = [me.at('name'), me.at('phone'), addressLine(me.at('address'))]
  tell.holds('She sees her own data in full.', own, [held.her.name, held.her.phone, held.her.street])
  tell.holds('No cache may keep that answer.', me.headers.get('cache-control'), 'no-store')
  tell.does('She adds an e-mail address.')
  tell.good(await her.patch('/v1/me', { person: { email } }))
  const after = tell.good(await her.get('/v1/me'))
  tell.holds('It is there at once.', after.at('email'), email)
}

function checkScans(
  { tell }: World,
  accesses: readonly Access[],
  cast: Cast,
  scanned: readonly Scanned[],
): void {
  const seen = accesses.filter(({ party, refused }) => party === cast.courier.id && refused === undefined)
  const scans = scanned.map(({ event, answer }) => {
    const views = (['name', 'phone', 'address'] as const).map((field) => [field, viewOf(answer, field)])
    return { event, fields: Object.fromEntries(views.filter(([, view]) => view !== 'none')) }
  })
  const listed = seen.map(({ event, fields }) => ({ event, fields }))
  tell.holds('Each of the courier’s six scans is there, with what it showed.', listed, scans.toReversed())
  const named = new Set(seen.map(({ row }) => row.slice(1, 4).join(' · ')))
  const expected = `${cast.courier.name} · ${OPERATOR} ${DEVICE} · delivery`
  tell.holds('Each names company, employee, handheld and purpose.', [...named], [expected])
}

function checkRefusals({ tell }: World, accesses: readonly Access[], cast: Cast): void {
  const denials = accesses.flatMap(({ party, refused }) => (refused === undefined ? [] : [[party, refused]]))
  tell.holds('Tries for a wrong purpose are there, marked as refused.', denials, [
    [cast.shop.id, 'context_required'],
    [cast.shop.id, 'purpose_not_allowed'],
    [cast.courier.id, 'purpose_not_allowed'],
  ])
  const outsiders = accesses.filter(({ party }) => [cast.rival.id, cast.otherShop.id].includes(party))
  tell.holds('Those who met nothing are not: they did not come near her data.', outsiders, [])
}

export async function lookBack(
  world: World,
  cast: Cast,
  held: Held,
  scanned: readonly Scanned[],
  email: string,
): Promise<Client> {
  const { tell } = world
  tell.step(
    'She looks for herself',
    'The platform signs her in; she looks at what is held on her, and at who saw it.',
  )
  const her = await openSession(world, cast, held.subject)
  await lookAtOwn(world, her, held, email)
  const accesses = (await her.list('/v1/me/accesses')).map(accessOf)
  tell.does('Every access to her data so far, the newest first:')
  tell.table([['time', 'who', 'operator', 'purpose', 'what'], ...accesses.map(({ row }) => row)])
  const times = accesses.map(({ at }) => at)
  tell.holds('The newest stands first.', times, times.toSorted().toReversed())
  checkScans(world, accesses, cast, scanned)
  checkRefusals(world, accesses, cast)
  const seenByShop = (type: string) =>
    accesses
      .filter((access) => access.party === cast.shop.id && access.type === type)
      .map(({ fields }) => Object.keys(fields as object).toSorted())
  const masked = ['address', 'name', 'phone']
  tell.holds('The shop’s look at the masked form is there too.', seenByShop('mask.shown'), [masked])
  tell.holds('So are the two labels that it printed.', seenByShop('shipment.created'), [masked, masked])
  return her
}
