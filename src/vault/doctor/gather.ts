import type { TenantId } from '../../core/id.ts'
import { SECOND_MS, instant } from '../../core/time.ts'
import type { Instant } from '../../core/time.ts'
import { verifyCosignature } from '../../tlog/cosignature.ts'
import type { Verifier } from '../../tlog/note.ts'
import { JURISDICTIONS } from '../incidents/law/index.ts'
import { staleRules } from '../incidents/law/freshness.ts'
import type { VaultStore } from '../store.ts'
import type { Facts, Surroundings, TenantFacts } from './facts.ts'

/** What the store says of one tenant. @param witnesses whose cosignatures count. */
export async function gatherTenant(
  store: VaultStore,
  tenant: TenantId,
  witnesses: readonly Verifier[],
): Promise<TenantFacts> {
  const [found, keys, rotations, head, log] = await Promise.all([
    store.findTenant(tenant),
    store.listTenantKeys(tenant),
    store.listRotations(tenant),
    store.logHead(tenant),
    store.findLog(tenant),
  ])
  const cosigned = log?.cosigned ?? null
  return {
    tenant,
    quotaPerDay: found?.settings.quotaPerDay ?? null,
    keys: keys.map(({ kind, version, state, createdAt }) => ({ kind, version, state, createdAt })),
    rotations,
    log: {
      size: head.size,
      lastAt: head.lastAt,
      covered: log?.size ?? 0,
      coveredAt: log?.madeAt ?? null,
      cosigned: cosigned?.size ?? 0,
      cosignedAt: cosigned ? newestCosignature(cosigned.note, witnesses) : null,
    },
  }
}

/** c2sp.org/tlog-cosignature: the time of each, in seconds. */
function newestCosignature(note: string, witnesses: readonly Verifier[]): Instant | null {
  const times = witnesses.flatMap((witness) => verifyCosignature(note, witness) ?? [])
  return times.length > 0 ? instant(Math.max(...times) * SECOND_MS) : null
}

export function gatherLaw(now: Instant): NonNullable<Facts['law']> {
  return { staleRules: staleRules(JURISDICTIONS, now).map(({ id }) => id) }
}

/** Of every tenant, for whoever runs the vault. */
export async function gatherAll(store: VaultStore, { witnesses, ...around }: Surroundings): Promise<Facts> {
  const tenants = await store.listTenants()
  return {
    ...around,
    tenants: await Promise.all(tenants.map(({ id }) => gatherTenant(store, id, witnesses))),
    law: gatherLaw(around.now),
  }
}
