import { DurableObject } from 'cloudflare:workers'
import type { TenantId } from '../../core/id.ts'
import type { Bindings } from './objects.ts'

/**
 * Which tenants there are, in one object for the whole service: a name that nobody made then never reaches an object of
 * its own. Trust: who could write to it could have a name routed to an object that holds nothing.
 */
export class TenantDirectory extends DurableObject<Bindings> {
  has(tenant: TenantId): boolean {
    return this.ctx.storage.kv.get(tenant) !== undefined
  }

  add(tenant: TenantId): void {
    this.ctx.storage.kv.put(tenant, true)
  }
}
