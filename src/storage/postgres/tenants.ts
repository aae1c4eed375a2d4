import { sql } from 'drizzle-orm'
import type { TenantId } from '../../core/id.ts'
import type { PostgresDatabase } from './driver.ts'
import { tenants } from './schema/index.ts'
import { given } from './statements.ts'

/** No tenant has this number: whoever asks in the name of an unknown tenant finds nothing. */
export const NO_TENANT = 0

/**
 * Turns tenants' names into their numbers; remembers them, as neither ever changes nor goes away. Of many
 * who ask at once each goes on in its turn.
 */
export type TenantNumbers = {
  of(tenant: TenantId): Promise<number>
  /** A number that no tenant had and none will have, for one that is about to be inserted. */
  next(): Promise<number>
}

/** @param alone a connection is one request's own: then none waits for what another has asked. */
export function tenantNumbers(db: PostgresDatabase, alone = false): TenantNumbers {
  const known = new Map<TenantId, Promise<number>>()
  const bySlug = db.select({ no: tenants.no }).from(tenants).where(given(tenants.slug)).prepare('tenant_no')
  const next = db
    .select({ no: sql<number>`nextval(pg_get_serial_sequence('tenants', 'no'))`.mapWith(Number) })
    .from(sql`(select 1) as one`)
    .prepare('tenant_next')
  const find = async (tenant: TenantId): Promise<number> => {
    const [row] = await bySlug.execute({ slug: tenant })
    return row?.no ?? NO_TENANT
  }
  return {
    async of(tenant) {
      const remembered = known.get(tenant)
      if (remembered) return remembered
      const found = find(tenant)
      if (!alone) known.set(tenant, found)
      try {
        const no = await found
        if (no !== NO_TENANT) known.set(tenant, Promise.resolve(no))
        else known.delete(tenant)
        return no
      } catch (error) {
        known.delete(tenant)
        throw error
      }
    },
    async next() {
      const [row] = await next.execute()
      if (!row) throw new Error('the sequence of tenants gave nothing')
      return row.no
    },
  }
}
