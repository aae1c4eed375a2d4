import type { EventId, TenantId } from '../../../core/id.ts'
import { inclusionProofs } from '../../../tlog/tree.ts'
import type { StoredEvent } from '../../audit/event.ts'
import { coveringCheckpoint } from '../../log/proofs.ts'
import { logVerifierKey } from '../../log/signer.ts'
import { tileReader } from '../../log/tiles.ts'
import type { Vault } from '../../vault.ts'
import type { LogProof, StepProof } from './report.ts'

/** Where the events stand, against the newest checkpoint, or the newest cosigned one if that covers them all. Nothing is written. */
export async function logProofOf(
  vault: Vault,
  tenant: TenantId,
  events: readonly EventId[],
): Promise<LogProof> {
  const found = await Promise.all(events.map((id) => vault.store.findEvent(tenant, id)))
  const stored = found.filter((event) => event !== undefined)
  const log = await vault.store.findLog(tenant)
  if (!log) return { vkey: null, checkpoint: null, steps: stepsOf(stored, new Map()) }
  const last = Math.max(0, ...stored.map(({ index }) => index))
  const { size, note } = coveringCheckpoint(log, last) ?? { size: log.size, note: log.checkpoint }
  const covered = stored.filter(({ index }) => index < size)
  const indices = covered.map(({ index }) => index)
  const proofs = await inclusionProofs(indices, size, tileReader(vault.store, tenant))
  return {
    vkey: await logVerifierKey(vault, tenant),
    checkpoint: { size, note },
    steps: stepsOf(stored, new Map(indices.map((index, at) => [index, proofs[at] ?? []]))),
  }
}

function stepsOf(
  stored: readonly StoredEvent[],
  proofs: ReadonlyMap<number, readonly Uint8Array[]>,
): ReadonlyMap<EventId, StepProof> {
  return new Map(
    stored.map(({ id, index, leafHash }) => {
      const proof = proofs.get(index)
      return [id, { index, leafHash, proof: proof ?? [], covered: proof !== undefined }]
    }),
  )
}
