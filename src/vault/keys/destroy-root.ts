import { VaultError } from '../../core/errors.ts'
import { expectCaller, record } from '../audit/record.ts'
import type { Change } from '../changes.ts'
import type { PlatformCaller } from '../principals/principal.ts'
import type { Vault } from '../vault.ts'

/** A root key is nobody's tenant's: what is said of it is said in the logs of those who agreed. */
export const ROOT = 'root'

/** The two who agree that a version of the root key is destroyed. */
export type RootDestruction = { asks: PlatformCaller; approves: PlatformCaller; version: number }

/**
 * Writes down that two people destroy a version of the root key, each in their own tenant's log. Durable once resolved: then, and
 * not before, the key goes.
 * @throws VaultError `approval_own` if it is one credential twice; `conflict` if one of them was revoked meanwhile.
 */
export async function recordRootDestruction(vault: Vault, destruction: RootDestruction): Promise<void> {
  const { asks, approves, version } = destruction
  if (asks.credential === approves.credential) {
    throw new VaultError('approval_own', 'The one who asked cannot be the one who approves.')
  }
  const said = (caller: PlatformCaller, type: 'key.destruction_asked' | 'key.destroyed'): Change[] => {
    const details = { type, code: ROOT, counts: { version } }
    return [expectCaller(caller), record(vault, caller, vault.clock.now(), details).append]
  }
  await vault.store.commit(asks.tenant, said(asks, 'key.destruction_asked'))
  await vault.store.commit(approves.tenant, said(approves, 'key.destroyed'))
}
