import type { Vault } from '../vault/vault.ts'

export type Readiness = { store: boolean; log: boolean; keys: boolean }

async function answers(check: () => Promise<unknown>): Promise<boolean> {
  try {
    await check()
    return true
  } catch {
    // Whatever it was, the part did not answer; the request that met it has logged the cause.
    return false
  }
}

/**
 * Whether each part that a reveal needs answers right now.
 * @param logHolds false once witnesses know a history of a log that the store does not have.
 */
export async function readiness(vault: Vault, logHolds = true): Promise<Readiness> {
  const tenants = await vault.store.listTenants().catch(() => [])
  const [first] = tenants
  return {
    store: await answers(() => vault.store.ping()),
    log: logHolds && first !== undefined && (await answers(() => vault.store.logHead(first.id))),
    keys: first !== undefined && (await answers(() => vault.keyring.tenantKeys(first.id))),
  }
}
