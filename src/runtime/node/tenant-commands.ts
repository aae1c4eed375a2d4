import { VaultError } from '../../core/errors.ts'
import { parseTenantId } from '../../core/id.ts'
import type { TenantId } from '../../core/id.ts'
import { issuePlatformCredential } from '../../vault/principals/tenants.ts'
import type { Vault } from '../../vault/vault.ts'
import type { ControlCommand } from './control.ts'

/** Longer ones are somebody's mistake. */
const MAX_LABEL = 200

/** The secret is in this answer and nowhere else. */
export type IssuedCredential = { id: string; secret: string }

/** What `cloakroom tenant` asks of the service. */
export function tenantCommands(vault: Vault): Record<'tenant.credential', ControlCommand> {
  return {
    async 'tenant.credential'({ tenant, label }): Promise<IssuedCredential> {
      const { id, secret } = await issuePlatformCredential(vault, tenantIn(tenant), labelIn(label))
      return { id, secret: secret.exposeSecret() }
    },
  }
}

function tenantIn(name: unknown): TenantId {
  const tenant = typeof name === 'string' ? parseTenantId(name) : undefined
  if (!tenant) throw new VaultError('not_found', 'No such tenant.')
  return tenant
}

function labelIn(label: unknown): string {
  if (typeof label === 'string' && label.trim() !== '' && label.length <= MAX_LABEL) return label
  throw new VaultError('invalid_request', `A label has 1 to ${MAX_LABEL} characters.`)
}
