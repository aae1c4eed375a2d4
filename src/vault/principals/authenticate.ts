import { VaultError } from '../../core/errors.ts'
import { parseId, parseTenantId } from '../../core/id.ts'
import type { Secret } from '../../core/secret.ts'
import { parseCredential } from '../../crypto/credential.ts'
import { record } from '../audit/record.ts'
import type { CallerRow, Mark } from '../store.ts'
import type { Vault } from '../vault.ts'
import type { Caller, PartyCaller, PersonCaller, PlatformCaller } from './principal.ts'
import { readSession } from './session.ts'

function unauthenticated(detail: string): VaultError {
  return new VaultError('unauthenticated', 'This needs a valid credential.', { detail })
}

/**
 * Finds who calls, anew on every request: nothing here remembers a yes. A store may, until the commit that ends it.
 * @throws VaultError `unauthenticated`, `party_not_active`
 */
export async function authenticate(vault: Vault, bearer: Secret<string> | undefined): Promise<Caller> {
  if (!bearer) throw unauthenticated('no bearer')
  const parsed = parseCredential(bearer.exposeSecret())
  if (!parsed) return authenticatePerson(vault, bearer)
  const foundAt = vault.store.mark(parsed.tenant)
  const row = await vault.store.findCaller(parsed.tenant, parsed.hash)
  if (!row) throw unauthenticated('unknown credential')
  const caller = callerOf(row, parsed.tenant, foundAt)
  if (row.credential.revokedAt !== null) {
    await refuse(vault, caller, 'credential_revoked')
    throw unauthenticated('revoked credential')
  }
  if (caller.kind === 'party' && caller.party.status !== 'active') {
    await refuse(vault, caller, 'party_not_active')
    throw new VaultError('party_not_active', `This party is ${caller.party.status}.`)
  }
  return caller
}

function callerOf(
  { credential: { id: credential }, party }: CallerRow,
  tenant: Caller['tenant'],
  foundAt: Mark | undefined,
): PlatformCaller | PartyCaller {
  const found = { tenant, foundAt, credential }
  return party ? { kind: 'party', ...found, party } : { kind: 'platform', ...found }
}

/** A known credential that may not come in leaves a trace; an unknown one would let anybody fill the log. */
async function refuse(vault: Vault, caller: Caller, code: string): Promise<void> {
  const { append } = record(vault, caller, vault.clock.now(), {
    type: 'credential.refused',
    decision: 'denied',
    code,
  })
  await vault.store.commit(caller.tenant, [append])
}

async function authenticatePerson(vault: Vault, bearer: Secret<string>): Promise<PersonCaller> {
  const claims = await readSession(vault, bearer)
  const tenant = parseTenantId(claims?.tenant ?? '')
  const session = parseId('ses', claims?.jti ?? '')
  if (!claims || !tenant || !session) throw unauthenticated('not a credential, not a session')
  const row = await vault.store.findSession(tenant, session)
  if (!row || row.endedAt !== null || row.expiresAt <= vault.clock.now() || row.subject !== claims.subject) {
    throw unauthenticated('session ended')
  }
  return { kind: 'person', tenant, subject: row.subject, session }
}

export function requirePlatform(caller: Caller): asserts caller is PlatformCaller {
  if (caller.kind !== 'platform') throw new VaultError('forbidden', 'Only the platform may do this.')
}

export function requirePerson(caller: Caller): asserts caller is PersonCaller {
  if (caller.kind !== 'person') throw new VaultError('forbidden', 'Only the person may do this.')
}
