import { parseTenantId, type TenantId } from '../../src/core/id.ts'
import { leafHash } from '../../src/tlog/merkle.ts'
import { readLeaf } from '../../src/vault/audit/event.ts'
import type { VaultStore } from '../../src/vault/store.ts'

const PAGE = 1_000

/** Reads a tenant's whole log: no gap, no doubled id, each leaf readable and the one that was hashed. */
export async function logFaults(
  store: VaultStore,
  name: string,
): Promise<{ events: number; faults: string[] }> {
  const tenant = parseTenantId(name) as TenantId
  const { size } = await store.logHead(tenant)
  const faults: string[] = []
  const ids = new Set<string>()
  let after: string | null | undefined
  let next = 0
  while (after !== null) {
    const page = await store.listEvents(tenant, { order: 'oldest' }, { limit: PAGE, ...(after && { after }) })
    for (const { index, id, bytes, leafHash: hash } of page.rows) {
      if (index !== next++) faults.push(`log: ${index} where ${next - 1} is due`)
      if (!Buffer.from(leafHash(bytes as Uint8Array<ArrayBuffer>)).equals(hash))
        faults.push(`log: ${index} is not what was hashed`)
      if (readLeaf(bytes)['id'] !== id) faults.push(`log: ${index} has another id in it`)
      ids.add(id)
    }
    after = page.next
  }
  if (next !== size || ids.size !== size) faults.push(`log: ${next} events, ${ids.size} ids, head of ${size}`)
  return { events: size, faults }
}
