import type { EventId, TenantId } from '../../core/id.ts'
import { formatProof } from '../../tlog/proof-file.ts'
import { inclusionProof } from '../../tlog/tree.ts'
import type { LogReader } from '../audit/queries.ts'
import { eventFor } from '../audit/queries.ts'
import type { StoredEvent } from '../audit/event.ts'
import { notFound } from '../transact.ts'
import type { Vault } from '../vault.ts'
import type { LogState } from './log.ts'
import { tileReader } from './tiles.ts'

/** Seconds until the next checkpoint is there at the latest. */
export const PROOF_READY_WITHIN_S = 1

/**
 * The event's proof as c2sp.org/tlog-proof@v1, against the newest checkpoint that witnesses have cosigned, if it covers the
 * event, else against the newest one.
 * @returns undefined while no checkpoint covers the event.
 * @throws VaultError `not_found`
 */
export async function proveEvent(vault: Vault, reader: LogReader, id: EventId): Promise<string | undefined> {
  const event = await eventFor(vault, reader, id)
  return proofOf(vault, reader.tenant, event, await vault.store.findLog(reader.tenant))
}

/** As `proveEvent`, of an event that the caller may see. */
export async function proofOf(
  vault: Vault,
  tenant: TenantId,
  { index }: Pick<StoredEvent, 'index'>,
  log: LogState | undefined,
): Promise<string | undefined> {
  const covering = log && coveringCheckpoint(log, index)
  if (!covering) return undefined
  const hashes = await inclusionProof(index, covering.size, tileReader(vault.store, tenant))
  return formatProof({ index, hashes, checkpoint: covering.note })
}

type Covering = { size: number; note: string }

/** The newest checkpoint that covers the leaf, a cosigned one if there is. */
export function coveringCheckpoint(log: LogState, index: number): Covering | undefined {
  if (log.cosigned && log.cosigned.size > index) return log.cosigned
  return log.size > index ? { size: log.size, note: log.checkpoint } : undefined
}

/** The newest checkpoint for the public: a cosigned one where there is one. @throws VaultError `not_found` */
export async function publicCheckpoint(vault: Vault, tenant: TenantId): Promise<string> {
  const log = await vault.store.findLog(tenant)
  if (!log) throw notFound('log')
  return log.cosigned?.note ?? log.checkpoint
}
