import { timedId } from '../../core/id.ts'
import type { TenantId } from '../../core/id.ts'
import { sealEvent } from '../audit/event.ts'
import type { AuditEvent, EventType } from '../audit/event.ts'
import type { Change } from '../changes.ts'
import type { Vault } from '../vault.ts'

/** One event of the vault itself. Which key it is about stands in `code`, everything else in `counts`. */
export function keyEvent(
  vault: Vault,
  tenant: TenantId,
  type: EventType,
  about: Pick<AuditEvent, 'code' | 'counts'>,
): Change {
  const now = vault.clock.now()
  const event: AuditEvent = {
    id: timedId('evt', vault.random, now),
    at: now,
    type,
    actor: 'system',
    ...about,
  }
  return { type: 'event.append', event: sealEvent(tenant, event, vault.random) }
}
