import type { TenantId } from '../../core/id.ts'
import type { SymmetricKey } from '../../crypto/envelope.ts'
import { ed25519Signer, formatVerifier } from '../../tlog/note.ts'
import type { Signer } from '../../tlog/note.ts'
import { notFound } from '../transact.ts'
import type { Vault } from '../vault.ts'

/** Signature type of signed-note for a log's own Ed25519 key. */
const ED25519 = 1

/** A log is known by its origin: the service's name for its logs, then the tenant. */
export function originOf(vault: Vault, tenant: TenantId): string {
  return `${vault.logName}/${tenant}`
}

/** Making one costs a scalar multiplication: kept as long as the keyring keeps the key. */
const made = new WeakMap<SymmetricKey, Signer>()

/** Signatures of keys from before; each costs some milliseconds a checkpoint. */
const PREDECESSORS = 2

/**
 * The tenant's log-signing keys: the primary, then those before it that are not retired yet. Under both signatures whoever knows the
 * old key goes on checking, and sees that the new one is the same log's.
 */
export async function logSigners(
  vault: Vault,
  tenant: TenantId,
  origin: string,
): Promise<readonly [Signer, ...Signer[]]> {
  const { log } = await vault.keyring.tenantKeys(tenant)
  const { primary } = log
  const before = log.all
    .filter(({ version }) => version < primary.version)
    .toSorted((a, b) => b.version - a.version)
    .slice(0, PREDECESSORS)
  return [signerOf(primary.key, origin), ...before.map(({ key }) => signerOf(key, origin))]
}

function signerOf(key: SymmetricKey, origin: string): Signer {
  const known = made.get(key)
  if (known?.verifier.name === origin) return known
  const signer = ed25519Signer(origin, ED25519, key.material.exposeSecret())
  made.set(key, signer)
  return signer
}

/** The public half of the primary, as a line to keep. @throws VaultError `not_found` before the first checkpoint. */
export async function logVerifierKey(vault: Vault, tenant: TenantId): Promise<string> {
  const log = await vault.store.findLog(tenant)
  if (!log) throw notFound('log')
  const [primary] = await logSigners(vault, tenant, log.origin)
  return formatVerifier(primary.verifier)
}
