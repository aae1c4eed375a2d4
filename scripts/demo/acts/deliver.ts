import { wordOf } from '../client.ts'
import type { Answer } from '../client.ts'
import { addressLine, scan, valueOf, viewOf } from '../scan.ts'
import type { Buyer, Cast, Parcel, World } from '../world.ts'

type Stage = (typeof JOURNEY)[number]['stage']

/** What each leg calls for: the default of every vault. */
const JOURNEY = [
  { stage: 'created', name: 'masked', phone: 'none', address: 'city' },
  { stage: 'picked_up', name: 'masked', phone: 'none', address: 'city' },
  { stage: 'in_transit', name: 'masked', phone: 'none', address: 'district' },
  { stage: 'at_station', name: 'masked', phone: 'masked', address: 'street' },
  { stage: 'out_for_delivery', name: 'surname', phone: 'full', address: 'full' },
  { stage: 'delivered', name: 'masked', phone: 'masked', address: 'street' },
] as const

/** One scan: at which stage, what came back, and the event that recorded it. */
export type Scanned = { stage: Stage; answer: Answer; event: string }

export async function moveTo({ tell }: World, cast: Cast, parcel: Parcel, stage: string): Promise<void> {
  const moved = await cast.courier.client.post(`/v1/shipments/${parcel.id}/stage`, { stage })
  tell.needs(`the parcel becomes ${stage}`, tell.good(moved).at('stage'), stage)
}

async function travel(world: World, cast: Cast, parcel: Parcel): Promise<Scanned[]> {
  const scanned: Scanned[] = []
  for (const { stage } of JOURNEY) {
    if (stage !== 'created') await moveTo(world, cast, parcel, stage)
    const answer = world.tell.good(await scan(cast.courier.client, parcel.waybill))
    world.tell.needs(`the scan at ${stage} is allowed`, answer.at('items', 0, 'status'), 'ok')
    scanned.push({ stage, answer, event: answer.textAt('items', 0, 'event') })
  }
  return scanned
}

function rowOf({ stage, answer }: Scanned): string[] {
  const name = wordOf(valueOf(answer, 'name')) || '–'
  const phone = wordOf(valueOf(answer, 'phone')) || '–'
  return [stage, name, phone, addressLine(valueOf(answer, 'address'))]
}

function viewsOf({ stage, answer }: Scanned): object {
  return {
    stage,
    name: viewOf(answer, 'name'),
    phone: viewOf(answer, 'phone'),
    address: viewOf(answer, 'address'),
  }
}

function checkJourney({ tell }: World, scanned: readonly Scanned[], her: Buyer): void {
  tell.holds('Each leg shows what it calls for, and no more.', scanned.map(viewsOf), JOURNEY)
  const atDoor = scanned[4]?.answer
  const phones = scanned.filter(({ answer }) => JSON.stringify(answer.body).includes(her.phone.slice(3)))
  tell.holds(
    'The full phone shows at the door only.',
    phones.map(({ stage }) => stage),
    ['out_for_delivery'],
  )
  const full = atDoor && [valueOf(atDoor, 'phone'), addressLine(valueOf(atDoor, 'address'))]
  tell.holds('At the door phone and address are those of the shop’s export.', full, [her.phone, her.street])
  const names = scanned.filter(({ answer }) => JSON.stringify(answer.body).includes(her.name))
  tell.holds('Her whole name shows at no stage.', names, [])
  const held = scanned[0]?.answer.at('items', 0, 'fields', 'phone')
  tell.holds('What is held back says why.', held, { view: 'none', reason: 'stage' })
  const [before, after] = [scanned[3], scanned[5]].map((scan) => scan?.answer.at('items', 0, 'fields'))
  tell.holds('Once delivered, the view shrinks to what the station saw.', after, before)
  const costs = scanned.map(({ answer }) => answer.at('quota', 'cost'))
  tell.holds(
    'The six scans cost one of the courier’s quota: within the hour a parcel is paid for.',
    costs,
    [1, 0, 0, 0, 0, 0],
  )
  const stored = new Set(scanned.map(({ answer }) => answer.headers.get('cache-control')))
  tell.holds('No cache may keep these answers.', [...stored], ['no-store'])
}

export async function deliver(
  world: World,
  cast: Cast,
  parcel: Parcel,
  her: Buyer,
): Promise<readonly Scanned[]> {
  const { tell } = world
  tell.step(
    'The parcel travels',
    `At every leg ${cast.courier.name} scans the waybill. This is what its handheld shows:`,
  )
  const skipped = await cast.courier.client.post(`/v1/shipments/${parcel.id}/stage`, {
    stage: 'out_for_delivery',
  })
  const scanned = await travel(world, cast, parcel)
  tell.table([['stage', 'name', 'phone', 'address'], ...scanned.map(rowOf)])
  checkJourney(world, scanned, her)
  const back = await cast.courier.client.post(`/v1/shipments/${parcel.id}/stage`, {
    stage: 'out_for_delivery',
  })
  tell.holds(
    'Nobody gets ahead by skipping the pick-up or going back.',
    [skipped.status, back.status],
    [409, 409],
  )
  return scanned
}
