import type { Client } from '../client.ts'
import { memberAt } from '../client.ts'
import type { Row } from '../exports.ts'
import { denied, scan, verdictOf } from '../scan.ts'
import { isFound, needlesOf, searchBytes, searchFolder } from '../search.ts'
import type { Cast, World } from '../world.ts'
import type { Held } from './hold.ts'
import type { Orders } from './import.ts'
import type { Parcels } from './ship.ts'

/** What of a person is looked for: the phone without its country code, so that every way to write it is found. */
function wordsOf({
  name,
  phone,
  email,
  street,
}: Record<'name' | 'phone' | 'email' | 'street', string>): string[] {
  return [name, phone, email, street].filter((text) => text !== '')
}

function wordsOfRow(row: Row): string[] {
  const cell = (...columns: string[]): string =>
    columns.map((column) => row[column] ?? '').find(Boolean) ?? ''
  const phone = cell('联系手机', 'Shipping Phone').normalize('NFKC').replaceAll(/\D/g, '').replace(/^00/, '')
  const street =
    cell('收货地址')
      .split(' ')
      .slice(4)
      .join(' ')
      .replace(/[(（]\d{6}[)）]$/, '') || cell('Shipping Address1')
  return wordsOf({ name: cell('收货人姓名', 'Shipping Name'), phone, email: cell('Email'), street })
}

/** All persons of both exports but her: the ones who were imported and the ones whose rows were rejected. */
export function othersWords(orders: Record<string, Orders>, herWords: readonly string[]): string[] {
  const rows = Object.values(orders).flatMap(({ slice }) => slice.rows.map(({ cells }) => cells))
  return [...new Set(rows.flatMap(wordsOfRow))].filter((word) => !herWords.includes(word))
}

export async function eraseHer(
  world: World,
  cast: Cast,
  { client: her, words }: { client: Client; words: readonly string[] },
  held: Held,
  parcels: Parcels,
): Promise<void> {
  const { tell } = world
  tell.step('She is erased', 'She closes her account: one request, by herself.')
  const before = searchFolder(world.service.dataFolder, words.flatMap(needlesOf))
  tell.holds('Even now that she is a customer, nothing of her lies on disk in plain text.', before.hits, [])
  const receipt = tell.good(await her.post('/v1/me/erasure'))
  tell.exchange(receipt)
  const counts = [receipt.at('tokens_retired'), receipt.at('grants_revoked')]
  tell.holds('The receipt counts what ended: the other shop’s two tokens, two permissions.', counts, [2, 2])
  const event = tell.good(await cast.platform.get(`/v1/events/${receipt.textAt('event')}`))
  tell.holds('The erasure itself is in the log.', event.at('type'), 'subject.erased')
  const scanned = await scan(cast.courier.client, parcels.first.waybill)
  tell.holds(
    'Her delivered parcel tells its courier nothing any more.',
    verdictOf(scanned),
    denied('subject_erased'),
  )
  const items = [{ key: 'k', token: held.otherTokens.phone }]
  const masked = tell.good(await cast.otherShop.client.post('/v1/mask', { items }))
  const verdict = [masked.at('items', 0, 'status'), memberAt(masked.at('items', 0), 'code')]
  tell.holds('Her tokens at the other shop are words without meaning.', verdict, ['denied', 'subject_erased'])
  const page = await her.get('/v1/me')
  tell.holds('Her own page has nothing left to show.', page.status === 401 || page.status === 404, true)
}

/** Her words: what no file may hold. */
export function wordsOfHer({ her }: Held, email: string): string[] {
  const [phone, street] = [her.phone.slice(3), her.street.split(' ').slice(4).join(' ')]
  return wordsOf({ name: her.name, phone, email, street })
}

export function searchForHer(
  world: World,
  cast: Cast,
  hers: readonly string[],
  others: readonly string[],
): void {
  const { tell, service } = world
  const needles = hers.flatMap(needlesOf)
  const forms = [...new Set(needles.map(({ form }) => form))]
  tell.does('Every byte of the data folder is searched for her name, phone, e-mail and street,')
  tell.does(`each as ${forms.slice(0, -1).join(', ')} and ${forms.at(-1)}.`)
  tell.needs('there are four words to look for', hers.length, 4)
  const searched = searchFolder(service.dataFolder, needles)
  tell.shows(`${searched.files} files, ${searched.bytes} bytes, ${needles.length} patterns`)
  tell.holds('Nothing of her is there.', searched.hits, [])

  const { name } = cast.courier
  const { hits } = searchFolder(service.dataFolder, needlesOf(name))
  const found = hits.some(({ form }) => form === 'UTF-8')
  tell.holds(`The same search does find what is there: “${name}”, the courier’s name.`, found, true)
  tell.holds(
    'And it finds each of her words wherever it is planted: plain, in UTF-16, base64, hex.',
    hers.every(isFound),
    true,
  )

  const rest = others.flatMap(needlesOf)
  const there = searchFolder(service.dataFolder, rest)
  const short = others.filter((word) => needlesOf(word).length === 0)
  tell.does('The same for the name, phone, e-mail and street of all other buyers of the two exports.')
  tell.shows(
    `${others.length - short.length} words, ${rest.length} patterns; left out as too short: ${short.join(', ')}`,
  )
  tell.holds('Those who stay are nowhere in plain text either, nor are the rejected rows.', there.hits, [])
  const printed = searchBytes('the service’s output', Buffer.from(service.printed), [...needles, ...rest])
  tell.holds('Nor does anything that the service printed name anybody.', printed, [])
}
