import { timedId } from '../core/id.ts'
import type { DeviceId, OperatorId, OrderId, PartyId, Random, TenantId } from '../core/id.ts'
import type { Instant } from '../core/time.ts'
import type { Change, RefId, RefKind } from './changes.ts'
import type { VaultStore } from './store.ts'

type RefIdOf = { operator: OperatorId; device: DeviceId; order: OrderId }
const PREFIX = { operator: 'opr', device: 'dev', order: 'ord' } as const

/**
 * The vault's own ids for names that callers make up: the log holds only these. A name keeps its id for ever, so a known one
 * needs no expectation in the commit that uses it.
 */
export async function idsOfRefs<K extends RefKind>(
  from: { store: VaultStore; random: Random; tenant: TenantId; party: PartyId | null; now: Instant },
  kind: K,
  refs: readonly string[],
): Promise<{ ids: ReadonlyMap<string, RefIdOf[K]>; changes: readonly Change[] }> {
  const wanted = [...new Set(refs)]
  const known = wanted.length > 0 ? await from.store.findRefs(from.tenant, from.party, kind, wanted) : []
  const ids = new Map<string, RefIdOf[K]>()
  const changes: Change[] = []
  wanted.forEach((ref, i) => {
    const id = known[i] ?? timedId(PREFIX[kind], from.random, from.now)
    if (!known[i]) changes.push({ type: 'ref.insert', party: from.party, kind, ref, id })
    ids.set(ref, id as RefIdOf[K])
  })
  return { ids, changes }
}

/** Back to the caller's own names, for answers to those who may see them. */
export async function namesOfRefs(
  store: VaultStore,
  tenant: TenantId,
  ids: readonly (RefId | undefined)[],
): Promise<ReadonlyMap<RefId, string>> {
  const wanted = [...new Set(ids.filter((id) => id !== undefined))]
  return wanted.length > 0 ? store.resolveRefs(tenant, wanted) : new Map()
}
