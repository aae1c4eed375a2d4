import type { SubjectId, TenantId } from '../../core/id.ts'
import { blindIndex } from '../../crypto/blind-index.ts'
import type { FieldName } from '../fields/registry.ts'
import type { VaultStore } from '../store.ts'
import type { TenantKeys } from './keyset.ts'

/**
 * Candidates for a term, under every version of the index key that rows may still be under: while a rotation walks, some are
 * under the old one and some under the new. At most `limit` of each version, newest first.
 */
export async function findByTerm(
  store: Pick<VaultStore, 'findSubjectsByIndex'>,
  keys: TenantKeys,
  tenant: TenantId,
  { field, term, limit }: { field: FieldName; term: string; limit: number },
): Promise<readonly SubjectId[]> {
  const found: SubjectId[] = []
  // One after the other: a row that is moved from one version to the next meanwhile is found under the next.
  for (const { key } of keys.index.all.toSorted((a, b) => a.version - b.version)) {
    const rows = await store.findSubjectsByIndex(tenant, field, blindIndex(key, field, term), limit)
    found.push(...rows.map(({ id }) => id))
  }
  return [...new Set(found)]
}
