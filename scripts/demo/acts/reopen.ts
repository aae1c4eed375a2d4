import { createHash } from 'node:crypto'
import type { Answer } from '../client.ts'
import { memberAt } from '../client.ts'
import { denied, scan, valueOf, verdictOf } from '../scan.ts'
import { searchFolder } from '../search.ts'
import type { Needle } from '../search.ts'
import type { Cast, World } from '../world.ts'
import type { Held } from './hold.ts'
import type { Parcels } from './ship.ts'

export async function stop({ tell, service }: World): Promise<void> {
  const code = await service.stop()
  tell.holds('The service is told to stop and ends well.', code, 0)
}

type Leaf = { id: string; bytes: Buffer; needle: Needle }

/** RFC 6962, section 2.1: a leaf is hashed behind a zero byte. */
function leafHash(leaf: Uint8Array): Buffer {
  return createHash('sha256').update(Uint8Array.of(0)).update(leaf).digest()
}

function leafOf(id: string, answer: Answer): Leaf {
  const bytes = Buffer.from(answer.bytes)
  return { id, bytes, needle: { text: id, form: 'leaf hash', bytes: leafHash(bytes) } }
}

async function readLog({ tell }: World, cast: Cast): Promise<readonly Leaf[]> {
  const events = await cast.platform.list('/v1/events')
  const indexes = events.map((event) => memberAt(event, 'index'))
  const last = events.at(-1)
  tell.shows(`${events.length} events, the last: ${JSON.stringify(last)}`)
  tell.holds('Their places run from 0 without a gap.', indexes, [...events.keys()])
  const leaves: Leaf[] = []
  for (const event of events) {
    const id = String(memberAt(event, 'id'))
    leaves.push(leafOf(id, tell.good(await cast.platform.get(`/v1/events/${id}/leaf`))))
  }
  const named = leaves.filter(({ id, bytes }) => bytes.toString().split('\n')[1]?.includes(`"id":"${id}"`))
  tell.holds(
    'Each event’s hashed bytes can be had, and are those of that event.',
    named.length,
    events.length,
  )
  return leaves
}

/** How many of these hashes lie in the folder. */
function countFound(folder: string, leaves: readonly Leaf[]): number {
  const { hits } = searchFolder(
    folder,
    leaves.map(({ needle }) => needle),
  )
  return new Set(hits.map(({ text }) => text)).size
}

async function stillHolds({ tell }: World, cast: Cast, held: Held, parcels: Parcels): Promise<void> {
  const erased = await scan(cast.courier.client, parcels.first.waybill)
  tell.holds('She stays erased.', verdictOf(erased), denied('subject_erased'))
  const stays = await scan(cast.courier.client, parcels.neighbour.waybill)
  const shown = [...verdictOf(stays), valueOf(stays, 'phone')]
  tell.holds(`${held.neighbour.name} can still be reached at the door.`, shown, [
    200,
    'ok',
    undefined,
    held.neighbour.phone,
  ])
}

export async function reopen(world: World, cast: Cast, held: Held, parcels: Parcels): Promise<void> {
  const { tell, service } = world
  tell.step(
    'Another start',
    'The service is started again on what is on disk, and the platform reads the whole log.',
  )
  await service.start()
  const leaves = await readLog(world, cast)
  await stillHolds(world, cast, held, parcels)
  await stop(world)
  tell.does(
    'The demo hashes each event’s bytes by itself, SHA-256 behind a zero byte, and looks for each hash on disk.',
  )
  tell.holds(
    'Every hash is the one that the vault has stored.',
    countFound(service.dataFolder, leaves),
    leaves.length,
  )
  const forged = leaves.map(({ id, bytes }) => {
    const changed = Buffer.from(bytes)
    changed[changed.length - 1] = (changed.at(-1) ?? 0) ^ 1
    return { id, bytes: changed, needle: { text: id, form: 'leaf hash', bytes: leafHash(changed) } }
  })
  tell.holds('With one bit of an event changed, none is.', countFound(service.dataFolder, forged), 0)
}
