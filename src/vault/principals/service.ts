import { utf8, fromUtf8 } from '../../core/bytes.ts'
import { VaultError } from '../../core/errors.ts'
import { timedId } from '../../core/id.ts'
import type { CredentialId, PartyId, TenantId } from '../../core/id.ts'
import { newCredential, parseCredential } from '../../crypto/credential.ts'
import { open, seal } from '../../crypto/envelope.ts'
import { notePlace } from '../../crypto/place.ts'
import { expectCaller, record } from '../audit/record.ts'
import type { Change } from '../changes.ts'
import { addNote } from '../notes.ts'
import type { Listed, Page } from '../store.ts'
import { notFound, transact } from '../transact.ts'
import type { Call, Plan } from '../transact.ts'
import type { Vault } from '../vault.ts'
import { mayMove } from './principal.ts'
import type { Credential, Party, PartyKind, PartyStatus, PlatformCaller } from './principal.ts'

export type NewParty = { kind: PartyKind; name: string; registrationNumber?: string; contact?: string }
export type PartyView = Omit<Party, 'contact' | 'version'> & { contact: string | null }

export async function createParty(
  vault: Vault,
  call: Call<PlatformCaller>,
  input: NewParty,
): Promise<PartyView> {
  const { tenant } = call.caller
  const { note } = await vault.keyring.tenantKeys(tenant)
  return transact(vault, call, async (): Promise<Plan<PartyView>> => {
    const now = vault.clock.now()
    const id = timedId(input.kind === 'merchant' ? 'mer' : 'cou', vault.random, now)
    const party: Party = {
      id,
      kind: input.kind,
      name: input.name,
      registrationNumber: input.registrationNumber ?? null,
      contact:
        input.contact === undefined
          ? null
          : seal(note.primary.key, utf8(input.contact), contactPlace(tenant, id)),
      status: 'pending',
      version: 1,
      createdAt: now,
    }
    const { append } = record(vault, call.caller, now, { type: 'party.created', party: id })
    const changes: Change[] = [expectCaller(call.caller), { type: 'party.insert', party }, append]
    return { changes, result: { ...viewOf(party), contact: input.contact ?? null } }
  })
}

function contactPlace(tenant: TenantId, party: PartyId) {
  return notePlace({ tenant, kind: 'contact', id: party })
}

function viewOf({
  id,
  kind,
  name,
  registrationNumber,
  status,
  createdAt,
}: Party): Omit<PartyView, 'contact'> {
  return { id, kind, name, registrationNumber, status, createdAt }
}

async function withContact(vault: Vault, tenant: TenantId, party: Party): Promise<PartyView> {
  if (!party.contact) return { ...viewOf(party), contact: null }
  const { note } = await vault.keyring.tenantKeys(tenant)
  const contact = fromUtf8(open(note.opening(party.contact), party.contact, contactPlace(tenant, party.id)))
  return { ...viewOf(party), contact }
}

export async function findParty(vault: Vault, caller: PlatformCaller, id: PartyId): Promise<PartyView> {
  const party = await vault.store.findParty(caller.tenant, id)
  if (!party) throw notFound('party')
  return withContact(vault, caller.tenant, party)
}

export async function listParties(
  vault: Vault,
  caller: PlatformCaller,
  filter: { kind?: PartyKind; status?: PartyStatus },
  page: Page,
): Promise<Listed<PartyView>> {
  const listed = await vault.store.listParties(caller.tenant, filter, page)
  return {
    ...listed,
    rows: await Promise.all(listed.rows.map((party) => withContact(vault, caller.tenant, party))),
  }
}

export async function setPartyStatus(
  vault: Vault,
  call: Call<PlatformCaller>,
  id: PartyId,
  input: { status: PartyStatus; reason: string },
): Promise<PartyView> {
  const { tenant } = call.caller
  const { note } = await vault.keyring.tenantKeys(tenant)
  return transact(vault, call, async (): Promise<Plan<PartyView>> => {
    const now = vault.clock.now()
    const party = await vault.store.findParty(tenant, id)
    if (!party) throw notFound('party')
    if (!mayMove(party.status, input.status)) {
      throw new VaultError('state_conflict', `A party that is ${party.status} cannot become ${input.status}.`)
    }
    const { append } = record(vault, call.caller, now, {
      type: 'party.status_changed',
      party: id,
      code: input.status,
    })
    const changes: Change[] = [
      expectCaller(call.caller),
      { type: 'party.set_status', id, expectedVersion: party.version, status: input.status },
      addNote(note.primary.key, { tenant, about: id, subject: null, text: input.reason }, now),
      append,
    ]
    return { changes, result: await withContact(vault, tenant, { ...party, status: input.status }) }
  })
}

/** The secret is in this answer and nowhere else. */
export async function issueCredential(
  vault: Vault,
  call: Call<PlatformCaller>,
  party: PartyId,
  label: string,
): Promise<{ id: CredentialId; secret: string }> {
  const { tenant } = call.caller
  return transact(vault, call, async () => {
    const now = vault.clock.now()
    const found = await vault.store.findParty(tenant, party)
    if (!found) throw notFound('party')
    if (found.status === 'terminated') {
      throw new VaultError('state_conflict', 'A terminated party gets no credential.')
    }
    const fresh = newCredential(tenant, vault.random)
    const parsed = parseCredential(fresh.exposeSecret())
    if (!parsed) throw new Error('a fresh credential does not parse')
    const id = timedId('key', vault.random, now)
    const credential: Credential = { id, party, label, createdAt: now, revokedAt: null }
    const { append } = record(vault, call.caller, now, { type: 'credential.issued', party, concerns: id })
    const changes: Change[] = [
      expectCaller(call.caller),
      { type: 'expect.party', id: party, version: found.version },
      { type: 'credential.insert', credential, secretHash: parsed.hash },
      append,
    ]
    return { changes, result: { id, secret: fresh.exposeSecret() } }
  })
}

/** Dead on the next request, on every node. Revoking it again changes nothing. */
export async function revokeCredential(
  vault: Vault,
  call: Call<PlatformCaller>,
  id: CredentialId,
): Promise<null> {
  return transact(vault, call, async (): Promise<Plan<null>> => {
    const now = vault.clock.now()
    const credential = await vault.store.findCredential(call.caller.tenant, id)
    if (!credential) throw notFound('credential')
    if (credential.revokedAt !== null) return { changes: [], result: null }
    const party = credential.party ? { party: credential.party } : {}
    const { append } = record(vault, call.caller, now, {
      type: 'credential.revoked',
      concerns: id,
      ...party,
    })
    return {
      changes: [expectCaller(call.caller), { type: 'credential.revoke', id, at: now }, append],
      result: null,
    }
  })
}
