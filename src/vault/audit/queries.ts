import { toHex } from '../../core/bytes.ts'
import type { DeviceId, EventId, OperatorId, OrderId, PartyId, SubjectId } from '../../core/id.ts'
import { toRfc3339 } from '../../core/time.ts'
import type { Instant } from '../../core/time.ts'
import type { PartyCaller, PlatformCaller } from '../principals/principal.ts'
import { namesOfRefs } from '../refs.ts'
import type { Listed, Page } from '../store.ts'
import { notFound } from '../transact.ts'
import type { Vault } from '../vault.ts'
import { readLeaf } from './event.ts'
import type { StoredEvent } from './event.ts'

/** Who may read the log: the platform all of its tenant's, a party its own. */
export type LogReader = PlatformCaller | PartyCaller

export type EventQuery = { subject?: SubjectId; party?: PartyId; from?: Instant; to?: Instant }

/** An event as it is answered: what its leaf says, with the callers' own names for operator and device. */
export type EventView = Readonly<Record<string, unknown>> & { id: EventId; index: number }

export async function listEvents(
  vault: Vault,
  reader: LogReader,
  query: EventQuery,
  page: Page,
): Promise<Listed<EventView>> {
  if (reader.kind === 'party' && query.subject !== undefined) return { rows: [], next: null }
  if (reader.kind === 'party' && query.party !== undefined && query.party !== reader.party.id) {
    return { rows: [], next: null }
  }
  const own = reader.kind === 'party' ? { party: reader.party.id } : {}
  const listed = await vault.store.listEvents(reader.tenant, { ...query, ...own, order: 'oldest' }, page)
  return { ...listed, rows: await viewsOf(vault, reader, listed.rows) }
}

export async function findEvent(vault: Vault, reader: LogReader, id: EventId): Promise<EventView> {
  const [view] = await viewsOf(vault, reader, [await eventFor(vault, reader, id)])
  if (!view) throw notFound('event')
  return view
}

/** The canonical bytes that were hashed. */
export async function findLeaf(vault: Vault, reader: LogReader, id: EventId): Promise<Uint8Array> {
  return (await eventFor(vault, reader, id)).bytes
}

/** An event that the reader may see. @throws VaultError `not_found` */
export async function eventFor(vault: Vault, reader: LogReader, id: EventId): Promise<StoredEvent> {
  const event = await vault.store.findEvent(reader.tenant, id)
  if (!event || !mayRead(reader, event)) throw notFound('event')
  return event
}

function mayRead(reader: LogReader, event: StoredEvent): boolean {
  return reader.kind === 'platform' || readLeaf(event.bytes)['party'] === reader.party.id
}

/** What a leaf names that its readers know by another name. */
type Named = { operator?: OperatorId; device?: DeviceId; order?: OrderId }

async function viewsOf(
  vault: Vault,
  reader: LogReader,
  events: readonly StoredEvent[],
): Promise<readonly EventView[]> {
  const leaves = events.map(({ bytes }) => readLeaf(bytes) as Named)
  const ids = leaves.flatMap(({ operator, device, order }) => [operator, device, order])
  const names = await namesOfRefs(vault.store, reader.tenant, ids)
  return events.map((event, i) => {
    const { operator, device, order, ...leaf } = leaves[i] ?? {}
    return {
      ...leaf,
      id: event.id,
      index: event.index,
      at: toRfc3339(event.at),
      ...(operator && {
        operator: {
          id: names.get(operator),
          ...(device && { device: names.get(device) }),
        },
      }),
      ...(order && { order_ref: names.get(order) }),
      ...subjectFor(reader, event),
    }
  })
}

/** A party never learns which person an event commits to; the platform is given the salt as well, to check it. */
function subjectFor(reader: LogReader, event: StoredEvent): Record<string, unknown> {
  const hidden = { subject: undefined }
  if (reader.kind !== 'platform' || !event.subject || !event.subjectSalt) return hidden
  return { subject: event.subject, subject_salt: toHex(event.subjectSalt) }
}
