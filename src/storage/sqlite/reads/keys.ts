import { asc, eq } from 'drizzle-orm'
import type { KeyReads } from '../../../vault/store.ts'
import type { SqliteDatabase } from '../driver.ts'
import { tenantKeys } from '../schema/index.ts'
import type { TenantNumbers } from './tenants.ts'

export function keyReads(db: SqliteDatabase, numbers: TenantNumbers): KeyReads {
  return {
    async listTenantKeys(tenant) {
      return db
        .select({
          kind: tenantKeys.kind,
          version: tenantKeys.version,
          state: tenantKeys.state,
          keyId: tenantKeys.keyId,
          rootKeyId: tenantKeys.rootKeyId,
          wrapped: tenantKeys.wrapped,
          createdAt: tenantKeys.createdAt,
        })
        .from(tenantKeys)
        .where(eq(tenantKeys.tenant, numbers.of(tenant)))
        .orderBy(asc(tenantKeys.kind), asc(tenantKeys.version))
        .all()
    },
  }
}
