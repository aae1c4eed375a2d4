import { timedId } from '../../core/id.ts'
import type { Instant } from '../../core/time.ts'
import type { Change, Expectation } from '../changes.ts'
import type { Caller } from '../principals/principal.ts'
import type { Vault } from '../vault.ts'
import { sealEvent } from './event.ts'
import type { AuditEvent } from './event.ts'

type Details = Omit<AuditEvent, 'id' | 'at' | 'actor'>

/** What an event says of the one who acted. A detail of the same name wins: a platform may act on a party. */
function actorOf(caller: Caller): Pick<AuditEvent, 'actor' | 'credential' | 'party' | 'session' | 'subject'> {
  if (caller.kind === 'platform') return { actor: 'platform', credential: caller.credential }
  if (caller.kind === 'party')
    return { actor: 'party', credential: caller.credential, party: caller.party.id }
  return { actor: 'person', session: caller.session, subject: caller.subject }
}

/**
 * The event and the change that appends it, in the same list as what it records. An event that names a party is the party's
 * to read, so the session of a person who acted on it is left out: by it two parties would know that they have one person.
 */
export function record(
  vault: Vault,
  caller: Caller,
  now: Instant,
  details: Details,
): { event: AuditEvent; append: Change } {
  const id = timedId('evt', vault.random, now)
  const { session, ...actor } = actorOf(caller)
  const event: AuditEvent = {
    ...actor,
    ...(session && !details.party && { session }),
    ...details,
    id,
    at: now,
  }
  return { event, append: { type: 'event.append', event: sealEvent(caller.tenant, event, vault.random) } }
}

/** What every yes to this caller rests on: its credential or session, and its party as it was read. */
export function expectCaller(caller: Caller): Expectation {
  if (caller.kind === 'person') return { type: 'expect.session', session: caller.session }
  const party = caller.kind === 'party' ? { id: caller.party.id, version: caller.party.version } : null
  return { type: 'expect.caller', credential: caller.credential, party }
}

/** A refusal of a caller that is known: written down before it is answered. */
export async function logRefusal(vault: Vault, caller: Caller, code: string): Promise<void> {
  const { append } = record(vault, caller, vault.clock.now(), {
    type: 'call.refused',
    decision: 'denied',
    code,
  })
  await vault.store.commit(caller.tenant, [append])
}
