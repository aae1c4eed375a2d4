import { parseId, parseTenantId, timedId } from '../../src/core/id.ts'
import { DAY_MS, after } from '../../src/core/time.ts'
import type { Harness } from '../http/harness.ts'
import type { Estate } from './p11-estates.ts'

/** A version of the tenant's session key that nothing needs, and the wish of another credential than the platform's to destroy it. */
export async function retireKey(
  { vault, store, now }: Harness,
  tenantName: string,
  credentialId: string,
): Promise<Pick<Estate, 'retiredKey' | 'destruction'>> {
  const tenant = parseTenantId(tenantName)!
  const [kind, at] = ['session', now()] as const
  const versions = (await store.listTenantKeys(tenant)).filter((key) => key.kind === kind)
  const version = Math.max(...versions.map((key) => key.version)) + 1
  const key = await vault.keyring.newVersion(tenant, { kind, version }, vault.random, at)
  const askedBy = parseId('key', credentialId)!
  const destruction = {
    ...{ id: timedId('req', vault.random, at), kind, version, askedBy, askedAt: at },
    ...{ expiresAt: after(at, DAY_MS), approvedBy: null, approvedAt: null },
  }
  await store.commit(tenant, [
    { type: 'tenant_key.insert', key: { ...key, state: 'retired' } },
    { type: 'key_destruction.ask', destruction },
  ])
  return { retiredKey: { kind, version }, destruction: destruction.id }
}
