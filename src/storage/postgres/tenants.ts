import { sql } from 'drizzle-orm'
import type { TenantId } from '../../core/id.ts'
import type { PostgresDatabase } from './driver.ts'
import { tenants } from './schema/index.ts'
import type { Share } from './shared-reads.ts'
import { among } from './statements.ts'

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

export function tenantNumbers(db: PostgresDatabase, share: Share): TenantNumbers {
  const known = new Map<TenantId, number>()
  const bySlugs = db
    .select({ slug: tenants.slug, no: tenants.no })
    .from(tenants)
    .where(among(tenants.slug, 'slugs'))
    .prepare('tenant_nos')
  const next = db
    .select({ no: sql<number>`nextval(pg_get_serial_sequence('tenants', 'no'))`.mapWith(Number) })
    .from(sql`(select 1) as one`)
    .prepare('tenant_next')
  const find = share({
    async read(_, slugs: readonly TenantId[]) {
      // Those who asked while a statement was under way go on right behind it, before anybody who asks later.
      const unknown = slugs.filter((slug) => !known.has(slug))
      const rows = unknown.length > 0 ? await bySlugs.execute({ slugs: unknown }) : []
      for (const { slug, no } of rows) known.set(slug, no)
      return slugs.flatMap((slug) => {
        const no = known.get(slug)
        return no === undefined ? [] : [{ slug, no }]
      })
    },
    ofAsk: (slug) => slug,
    ofRow: ({ slug }) => slug,
  })
  return {
    async of(tenant) {
      const remembered = known.get(tenant)
      if (remembered !== undefined) return remembered
      const [found] = await find(NO_TENANT, [tenant])
      return found?.no ?? NO_TENANT
    },
    async next() {
      const [row] = await next.execute()
      if (!row) throw new Error('the sequence of tenants gave nothing')
      return row.no
    },
  }
}
