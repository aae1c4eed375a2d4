import { VaultError } from '../../core/errors.ts'
import { parseId, parsePartyId, timedId } from '../../core/id.ts'
import type { CredentialId, EventId, HoldId, SignalId, TenantId } from '../../core/id.ts'
import type { Instant } from '../../core/time.ts'
import { expectCaller, record } from '../audit/record.ts'
import type { Change } from '../changes.ts'
import type { SuspectId } from '../incidents/incident.ts'
import { systemEvent } from '../incidents/steps.ts'
import { textAbout } from '../incidents/service.ts'
import { addNote } from '../notes.ts'
import type { PlatformCaller } from '../principals/principal.ts'
import type { Listed, Page } from '../store.ts'
import { notFound, transact } from '../transact.ts'
import type { Call } from '../transact.ts'
import type { Vault } from '../vault.ts'
import type { Hold, HoldMode } from './hold.ts'
import { sentenceOf } from './sentences.ts'
import type { Signal, SignalState } from './signal.ts'

/** A signal for those who judge it. */
export type SignalView = Signal & { sentence: string; reason: string | null }
export type HoldView = Hold & { reason: string | null; cause: string | null; clearedReason: string | null }

async function viewOfSignal(vault: Vault, tenant: TenantId, signal: Signal): Promise<SignalView> {
  const reason = signal.settled ? await textAbout(vault, tenant, signal.settled.event) : null
  return { ...signal, sentence: sentenceOf(signal), reason }
}

async function mustFindSignal(vault: Vault, tenant: TenantId, id: SignalId): Promise<Signal> {
  const signal = await vault.store.findSignal(tenant, id)
  if (!signal) throw notFound('signal')
  return signal
}

export async function findSignal(
  vault: Vault,
  { tenant }: PlatformCaller,
  id: SignalId,
): Promise<SignalView> {
  return viewOfSignal(vault, tenant, await mustFindSignal(vault, tenant, id))
}

export async function listSignals(
  vault: Vault,
  { tenant }: PlatformCaller,
  filter: { state?: SignalState; detector?: string },
  page: Page,
): Promise<Listed<SignalView>> {
  const { rows, next } = await vault.store.listSignals(tenant, filter, page)
  return { rows: await Promise.all(rows.map((row) => viewOfSignal(vault, tenant, row))), next }
}

/** A person's judgement: the only thing that the watch learns from besides what is usual. A dismissal lets go of whom it held. */
export async function settleSignal(
  vault: Vault,
  call: Call<PlatformCaller>,
  id: SignalId,
  state: 'confirmed' | 'dismissed',
  reason: string | undefined,
): Promise<SignalView> {
  const { tenant, credential } = call.caller
  const { note } = await vault.keyring.tenantKeys(tenant)
  await transact(vault, call, async () => {
    const now = vault.clock.now()
    const signal = await mustFindSignal(vault, tenant, id)
    if (signal.state !== 'open') {
      throw new VaultError('state_conflict', `This signal is ${signal.state} already.`)
    }
    const type = state === 'confirmed' ? 'signal.confirmed' : 'signal.dismissed'
    const { event, append } = record(vault, call.caller, now, { type, signal: id, code: signal.detector })
    const settled = { by: credential, at: now, event: event.id }
    const text = reason === undefined ? [] : [noteOf(note.primary.key, tenant, event.id, reason, now)]
    const cleared = state === 'dismissed' ? await clearOf(vault, call.caller, signal.hold, now) : []
    const changes: Change[] = [
      expectCaller(call.caller),
      { type: 'signal.put', signal: { ...signal, state, settled }, expectedVersion: signal.version },
      ...text,
      append,
      ...cleared,
    ]
    return { changes, result: null }
  })
  return findSignal(vault, call.caller, id)
}

function noteOf(
  key: Parameters<typeof addNote>[0],
  tenant: TenantId,
  about: EventId,
  text: string,
  now: Instant,
): Change {
  return addNote(key, { tenant, about, subject: null, text }, now)
}

async function clearOf(
  vault: Vault,
  caller: PlatformCaller,
  id: HoldId | null,
  now: Instant,
): Promise<readonly Change[]> {
  const hold = id === null ? undefined : await vault.store.findHold(caller.tenant, id)
  if (!hold || hold.clearedAt !== null) return []
  const { event, append } = record(vault, caller, now, {
    type: 'hold.cleared',
    hold: hold.id,
    code: 'person',
  })
  return clearing(hold, { by: caller.credential, at: now, event: event.id, append })
}

function clearing(
  hold: Hold,
  { by, at, event, append }: { by: CredentialId | null; at: Instant; event: EventId; append: Change },
): readonly Change[] {
  const cleared: Hold = { ...hold, clearedAt: at, clearedBy: by, clearedEvent: event }
  return [
    { type: 'risk_hold.put', hold: cleared, expectedVersion: hold.version },
    { type: 'hold.lift', holder: hold.id },
    append,
  ]
}

async function viewOfHold(vault: Vault, tenant: TenantId, hold: Hold): Promise<HoldView> {
  const signal = hold.signal === null ? undefined : await vault.store.findSignal(tenant, hold.signal)
  return {
    ...hold,
    reason: hold.placedBy === null ? null : await textAbout(vault, tenant, hold.event),
    cause: signal ? sentenceOf(signal) : null,
    clearedReason: hold.clearedEvent === null ? null : await textAbout(vault, tenant, hold.clearedEvent),
  }
}

async function findHold(vault: Vault, tenant: TenantId, id: HoldId): Promise<Hold> {
  const hold = await vault.store.findHold(tenant, id)
  if (!hold) throw notFound('hold')
  return hold
}

export async function listHolds(
  vault: Vault,
  { tenant }: PlatformCaller,
  filter: { active: boolean },
  page: Page,
): Promise<Listed<HoldView>> {
  const { rows, next } = await vault.store.listHolds(tenant, filter, page)
  return { rows: await Promise.all(rows.map((row) => viewOfHold(vault, tenant, row))), next }
}

export type NewHold = { suspect: SuspectId; mode: HoldMode; until: Instant | null; reason: string }

/** A hold that a person places: on a credential, a party, an operator, a device or a person of the tenant's. */
export async function placeHold(vault: Vault, call: Call<PlatformCaller>, input: NewHold): Promise<HoldView> {
  const { tenant, credential } = call.caller
  const { note } = await vault.keyring.tenantKeys(tenant)
  const { suspect, mode, until, reason } = input
  await requireSuspect(vault, tenant, suspect)
  const id = await transact(vault, call, async () => {
    const now = vault.clock.now()
    if (until !== null && until <= now) {
      const errors = [{ pointer: '/until', code: 'too_early' }]
      throw new VaultError('invalid_request', 'This time has passed.', { errors })
    }
    const hold = timedId('hld', vault.random, now)
    const { event, append } = record(vault, call.caller, now, { type: 'hold.placed', hold, code: mode })
    const row: Hold = {
      id: hold,
      suspect,
      mode,
      signal: null,
      placedBy: credential,
      placedAt: now,
      until,
      event: event.id,
      clearedAt: null,
      clearedBy: null,
      clearedEvent: null,
      version: 1,
    }
    const changes: Change[] = [
      expectCaller(call.caller),
      { type: 'risk_hold.insert', hold: row },
      { type: 'hold.put', holder: hold, suspects: [suspect], mode, until },
      noteOf(note.primary.key, tenant, event.id, reason, now),
      append,
    ]
    return { changes, result: hold }
  })
  return viewOfHold(vault, tenant, await findHold(vault, tenant, id))
}

/** @throws VaultError `invalid_request` where the tenant has none such, or where a hold would not be asked for. */
async function requireSuspect(vault: Vault, tenant: TenantId, suspect: SuspectId): Promise<void> {
  const refuse = (code: string) =>
    new VaultError('invalid_request', 'This cannot be held.', { errors: [{ pointer: '/suspect', code }] })
  if (!(await isThere(vault, tenant, suspect))) throw refuse('unknown')
  const credential = suspect.startsWith('key_') ? parseId('key', suspect) : undefined
  const found = credential && (await vault.store.findCredential(tenant, credential))
  // The platform's own are revoked: it is what clears holds.
  if (found?.party === null) throw refuse('platform_credential')
}

async function isThere({ store }: Vault, tenant: TenantId, suspect: SuspectId): Promise<boolean> {
  const credential = parseId('key', suspect)
  if (credential) return (await store.findCredential(tenant, credential)) !== undefined
  const party = parsePartyId(suspect)
  if (party) return (await store.findParty(tenant, party)) !== undefined
  const subject = parseId('sub', suspect)
  if (subject) return (await store.findPerson(tenant, subject)) !== undefined
  const ref = parseId('opr', suspect) ?? parseId('dev', suspect)
  return ref !== undefined && (await store.resolveRefs(tenant, [ref])).size > 0
}

export async function clearHold(
  vault: Vault,
  call: Call<PlatformCaller>,
  id: HoldId,
  reason: string,
): Promise<HoldView> {
  const { tenant, credential } = call.caller
  const { note } = await vault.keyring.tenantKeys(tenant)
  await transact(vault, call, async () => {
    const now = vault.clock.now()
    const hold = await findHold(vault, tenant, id)
    if (hold.clearedAt !== null) throw new VaultError('state_conflict', 'This hold was cleared already.')
    const { event, append } = record(vault, call.caller, now, {
      type: 'hold.cleared',
      hold: id,
      code: 'person',
    })
    const changes: Change[] = [
      expectCaller(call.caller),
      ...clearing(hold, { by: credential, at: now, event: event.id, append }),
      noteOf(note.primary.key, tenant, event.id, reason, now),
    ]
    return { changes, result: null }
  })
  return viewOfHold(vault, tenant, await findHold(vault, tenant, id))
}

const ENDED_A_ROUND = 100

/** The job: says of holds whose time has come that they are over. They hold nobody any more by then. */
export async function endHolds(vault: Vault): Promise<void> {
  const now = vault.clock.now()
  for (const { tenant, id } of await vault.store.listEndedHolds(now, ENDED_A_ROUND)) {
    const hold = await vault.store.findHold(tenant, id)
    if (!hold || hold.clearedAt !== null) continue
    const { id: event, append } = systemEvent(vault, tenant, now, {
      type: 'hold.cleared',
      hold: id,
      code: 'ended',
    })
    await vault.store.commit(tenant, clearing(hold, { by: null, at: now, event, append }))
  }
}
