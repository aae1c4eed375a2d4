import { isVaultError, unreachable } from '../../core/errors.ts'
import type { TenantId } from '../../core/id.ts'
import { DAY_MS, HOUR_MS } from '../../core/time.ts'
import type { Instant } from '../../core/time.ts'
import type { Change } from '../changes.ts'
import type { Vault } from '../vault.ts'
import { keyEvent } from './key-event.ts'
import type { KeyKind, TenantKeyRecord } from './tenant-key.ts'

/** Twice what a session lives: then no token that an old key has signed counts any more, whatever the clocks say. */
const SESSION_KEY_OUTLIVES_MS = 2 * HOUR_MS

/** So long both keys sign a log's checkpoints, for whoever checks it to take over the new one. */
export const LOG_KEY_OVERLAP_MS = 90 * DAY_MS

/**
 * Retires every old version that nothing needs any more. Safe at any time: the store looks at what still names a version in
 * the same commit.
 */
export async function retireUnneeded(vault: Vault, tenant: TenantId): Promise<void> {
  const records = await vault.store.listTenantKeys(tenant)
  const now = vault.clock.now()
  const due = records.filter((record) => record.state === 'active' && mayRetire(record, records, now))
  const outcomes: boolean[] = []
  for (const record of due) outcomes.push(await retire(vault, tenant, record))
  if (outcomes.includes(true)) await vault.keyring.refresh(tenant)
}

/** What the store cannot know by looking at rows. */
function mayRetire(record: TenantKeyRecord, records: readonly TenantKeyRecord[], now: Instant): boolean {
  const kind: KeyKind = record.kind
  switch (kind) {
    case 'wrap':
    case 'index':
    case 'note':
      return true
    // It was in use until the next version was made.
    case 'session':
      return nextMadeAt(record, records) + SESSION_KEY_OUTLIVES_MS <= now
    // What it has signed is checked with its public half, for as long as anybody keeps that.
    case 'log':
      return nextMadeAt(record, records) + LOG_KEY_OVERLAP_MS <= now
    case 'ref':
      return false
    default:
      return unreachable(kind)
  }
}

/** When the version after this one was made; never, if there is none. */
function nextMadeAt({ kind, version }: TenantKeyRecord, records: readonly TenantKeyRecord[]): number {
  const next = records.find((other) => other.kind === kind && other.version === version + 1)
  return next?.createdAt ?? Number.POSITIVE_INFINITY
}

async function retire(vault: Vault, tenant: TenantId, { kind, version }: TenantKeyRecord): Promise<boolean> {
  const event = keyEvent(vault, tenant, 'key.retired', { code: kind, counts: { version } })
  const change: Change = { type: 'tenant_key.retire', kind, version }
  try {
    await vault.store.commit(tenant, [change, event])
    return true
  } catch (error) {
    // Something still needs it, or somebody else was faster.
    if (isVaultError(error, 'conflict')) return false
    throw error
  }
}
