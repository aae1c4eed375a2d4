import type { TenantId } from '../../core/id.ts'
import { directoryOf } from './objects.ts'
import type { Bindings } from './objects.ts'

/** A few hundred kilobytes. */
const MAX_KNOWN = 10_000

/** Tenants are never unmade, so a yes stays true. It lets nobody in: a tenant's object checks every request anew. */
const known = new Set<TenantId>()

/** Whether somebody made this tenant. Asked once for each tenant in the life of an isolate, and each time for a stranger. */
export async function isTenant(bindings: Bindings, tenant: TenantId): Promise<boolean> {
  if (known.has(tenant)) return true
  if (!(await directoryOf(bindings).has(tenant))) return false
  if (known.size >= MAX_KNOWN) known.clear()
  known.add(tenant)
  return true
}
