import { sql } from 'drizzle-orm'
import type { TenantId } from '../../core/id.ts'
import type { PostgresDatabase } from './driver.ts'
import { tenants } from './schema/index.ts'
import { given } from './statements.ts'

/** No tenant has this number: whoever asks in the name of an unknown tenant finds nothing. */
export const NO_TENANT = 0

/** Turns tenants' names into their numbers; remembers them, as neither ever changes nor goes away. */
export type TenantNumbers = {
  of(tenant: TenantId): Promise<number>
  /** A number that no tenant had and none will have, for one that is about to be inserted. */
  next(): Promise<number>
}

export function tenantNumbers(db: PostgresDatabase): TenantNumbers {
  const known = new Map<TenantId, number>()
  const bySlug = db.select({ no: tenants.no }).from(tenants).where(given(tenants.slug)).prepare('tenant_no')
  const next = db
    .select({ no: sql<number>`nextval(pg_get_serial_sequence('tenants', 'no'))`.mapWith(Number) })
    .from(sql`(select 1) as one`)
    .prepare('tenant_next')
  return {
    async of(tenant) {
      const remembered = known.get(tenant)
      if (remembered !== undefined) return remembered
      const [row] = await bySlug.execute({ slug: tenant })
      if (!row) return NO_TENANT
      known.set(tenant, row.no)
      return row.no
    },
    async next() {
      const [row] = await next.execute()
      if (!row) throw new Error('the sequence of tenants gave nothing')
      return row.no
    },
  }
}
