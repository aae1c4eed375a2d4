import type { TenantId } from '../../../core/id.ts'
import type { SqliteDatabase } from '../driver.ts'
import { tenants } from '../schema/index.ts'
import { given } from '../statements.ts'

/** No tenant has this number: whoever asks in the name of an unknown tenant finds nothing. */
export const NO_TENANT = 0

/** Turns tenants' names into their numbers; remembers them, as neither ever changes nor goes away. */
export type TenantNumbers = {
  /** For reads, which see only committed tenants. */
  of(tenant: TenantId): number
  /** Within a commit, which may yet be undone: remembers nothing new. */
  peek(tenant: TenantId): number
}

export function tenantNumbers(db: SqliteDatabase): TenantNumbers {
  const known = new Map<TenantId, number>()
  const bySlug = db.select({ no: tenants.no }).from(tenants).where(given(tenants.slug)).prepare()
  const peek = (tenant: TenantId) => known.get(tenant) ?? bySlug.get({ slug: tenant })?.no ?? NO_TENANT
  return {
    peek,
    of(tenant) {
      const no = peek(tenant)
      if (no !== NO_TENANT) known.set(tenant, no)
      return no
    },
  }
}
