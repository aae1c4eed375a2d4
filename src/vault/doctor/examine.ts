import type { PlatformCaller } from '../principals/principal.ts'
import type { Vault } from '../vault.ts'
import { diagnose } from './diagnose.ts'
import type { Diagnosis } from './diagnose.ts'
import type { Surroundings } from './facts.ts'
import { gatherLaw, gatherTenant } from './gather.ts'

/** What can be seen from here of the caller's own tenant and of what the vault runs on; of other tenants nothing. */
export async function examine(vault: Vault, { tenant }: PlatformCaller): Promise<Diagnosis> {
  const bare: Surroundings = { now: vault.clock.now(), witnesses: [] }
  const { witnesses, ...around } = (await vault.lookAround?.()) ?? bare
  const tenants = [await gatherTenant(vault.store, tenant, witnesses)]
  return diagnose({ ...around, tenants, law: gatherLaw(around.now) })
}
