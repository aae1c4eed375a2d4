import { isVaultError } from '../../core/errors.ts'
import { timedId } from '../../core/id.ts'
import type { TenantId } from '../../core/id.ts'
import type { Instant } from '../../core/time.ts'
import { sealEvent } from '../audit/event.ts'
import type { Change } from '../changes.ts'
import type { TenantSettings } from '../principals/principal.ts'
import type { Due, DueQuery } from '../store.ts'
import type { Vault } from '../vault.ts'
import { eventTypesOf } from './event-kinds.ts'
import { RETENTION_RULES, dueBefore, isEventKind, isWorthwhile } from './policy.ts'
import type { RetentionRule } from './policy.ts'

/** Small bites, so that no request waits behind a big one. */
const ROWS_A_BITE = 500
/** Somebody else's commits come in between; after that the next round has it. */
const MAX_CONFLICTS = 3

/**
 * Cleans away what has had its time, of every tenant. A rule that fails for one tenant stops neither the others nor its other
 * rules; the first failure is thrown at the end.
 */
export async function cleanUp(vault: Vault): Promise<void> {
  const now = vault.clock.now()
  const tenants = await vault.store.listTenants()
  const settings = new Map(tenants.map((tenant) => [tenant.id, tenant.settings]))
  const failures: unknown[] = []
  for (const rule of RETENTION_RULES) {
    for (const { tenant, since: oldest } of await vault.store.listOldest(rule.kind)) {
      const before = dueBefore(settings.get(tenant) ?? NO_SETTINGS, rule, now)
      if (oldest >= before) continue
      await cleanKind(vault, tenant, rule, { oldest, before }).catch((error: unknown) => failures.push(error))
    }
  }
  if (failures.length > 0) throw failures[0]
}

/** Of a tenant that came in between. */
const NO_SETTINGS: TenantSettings = {}

type Overdue = { oldest: Instant; before: Instant }

/** One bite after the other, each a commit of its own: a kill loses nothing but the bite that was not committed. */
async function cleanKind(
  vault: Vault,
  tenant: TenantId,
  rule: RetentionRule,
  overdue: Overdue,
): Promise<void> {
  const query = queryFor(rule, overdue.before)
  for (let conflicts = 0; ;) {
    const due = await vault.store.listDue(tenant, query, ROWS_A_BITE)
    if (due.keys.length === 0 && !due.walk) return
    if (!isWorthwhile(rule, { ...overdue, full: due.more })) return
    try {
      await vault.store.commit(tenant, changesOf(vault, tenant, query, due))
      conflicts = 0
    } catch (error) {
      if (!isVaultError(error, 'conflict')) throw error
      if (++conflicts >= MAX_CONFLICTS) return
      continue
    }
    if (!due.more) return
  }
}

function queryFor({ kind }: RetentionRule, before: Instant): DueQuery {
  return isEventKind(kind) ? { kind, before, types: eventTypesOf(kind) } : { kind, before }
}

/** What is removed, and the event that says so. A walk that met nothing to remove only notes how far it came. */
function changesOf(
  vault: Vault,
  tenant: TenantId,
  { kind, before }: DueQuery,
  { keys, walk }: Due,
): readonly Change[] {
  const remove: Change = { type: 'retention.remove', kind, before, keys, walk }
  if (keys.length === 0) return [remove]
  const at = vault.clock.now()
  const counts = { rows: keys.length, ...(walk && { from_index: walk.from, up_to_index: walk.to - 1 }) }
  const event = {
    id: timedId('evt', vault.random, at),
    at,
    type: 'retention.cleaned',
    actor: 'system',
    code: kind,
    counts,
  } as const
  return [remove, { type: 'event.append', event: sealEvent(tenant, event, vault.random) }]
}
