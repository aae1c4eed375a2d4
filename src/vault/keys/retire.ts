import { isVaultError, unreachable } from '../../core/errors.ts'
import type { TenantId } from '../../core/id.ts'
import { HOUR_MS } from '../../core/time.ts'
import type { Instant } from '../../core/time.ts'
import type { Change } from '../changes.ts'
import type { Vault } from '../vault.ts'
import { keyEvent } from './key-event.ts'
import type { KeyKind, TenantKeyRecord } from './tenant-key.ts'

/** Twice what a session lives: then no token that an old key has signed counts any more, whatever the clocks say. */
const SESSION_KEY_OUTLIVES_MS = 2 * HOUR_MS

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
    case 'session': {
      // It was in use until the next version was made.
      const next = records.find((other) => other.kind === kind && other.version === record.version + 1)
      return next !== undefined && next.createdAt + SESSION_KEY_OUTLIVES_MS <= now
    }
    // What it has signed is checked for as long as anybody keeps it.
    case 'log':
    case 'ref':
      return false
    default:
      return unreachable(kind)
  }
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
