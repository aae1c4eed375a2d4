import { timedId } from '../../core/id.ts'
import type { EventId, IncidentId, TenantId } from '../../core/id.ts'
import type { Instant } from '../../core/time.ts'
import { sealEvent } from '../audit/event.ts'
import type { AuditEvent } from '../audit/event.ts'
import { record } from '../audit/record.ts'
import type { Change } from '../changes.ts'
import type { PlatformCaller } from '../principals/principal.ts'
import type { Vault } from '../vault.ts'
import type { Incident, IncidentStep } from './incident.ts'

/** A step of an incident's life, in its timeline and in the log. */
export type Taken = { step: IncidentStep; append: Change }

export function takeStep(
  vault: Vault,
  caller: PlatformCaller,
  now: Instant,
  incident: IncidentId,
  { step, code, counts }: Pick<IncidentStep, 'step' | 'code'> & { counts?: Record<string, number> },
): Taken {
  const { event, append } = record(vault, caller, now, {
    type: `incident.${step}`,
    incident,
    ...(code !== null && { code }),
    ...(counts && { counts }),
  })
  return { step: { step, code, at: now, event: event.id }, append }
}

type Details = Omit<AuditEvent, 'id' | 'at' | 'actor'>

/** What the vault goes on with by itself, once somebody has asked for it. */
export function systemEvent(
  vault: Vault,
  tenant: TenantId,
  now: Instant,
  details: Details,
): { id: EventId; append: Change } {
  const id = timedId('evt', vault.random, now)
  const event: AuditEvent = { ...details, id, at: now, actor: 'system' }
  return { id, append: { type: 'event.append', event: sealEvent(tenant, event, vault.random) } }
}

/** The incident as it is to be, if it still is as it was read. */
export function putIncident(was: Incident, now: Partial<Incident>): Change {
  return { type: 'incident.put', incident: { ...was, ...now }, expectedVersion: was.version }
}
