import { unreachable } from '../../../core/errors.ts'
import type { Change } from '../../../vault/changes.ts'
import type { Step } from '../batch.ts'
import type { PostgresDatabase } from '../driver.ts'
import { canaryApplier } from './canaries.ts'
import { grantApplier } from './grants.ts'
import { holdApplier } from './holds.ts'
import { incidentApplier } from './incidents.ts'
import { keyJobApplier } from './key-jobs.ts'
import { keyRowApplier } from './key-rows.ts'
import type { Apply } from './list.ts'
import { logApplier } from './log.ts'
import { noticeApplier } from './notices.ts'
import { principalApplier } from './principals.ts'
import { recordApplier } from './records.ts'
import { requestApplier } from './requests.ts'
import { retentionApplier } from './retention.ts'
import { shipmentApplier } from './shipments.ts'
import { tenantKeyApplier } from './tenant-keys.ts'
import { tokenApplier } from './tokens.ts'
import { watchApplier } from './watch.ts'

/** Every change as statements. */
export function changeApplier(db: PostgresDatabase): Apply<Change> {
  const principal = principalApplier(db)
  const record = recordApplier(db)
  const token = tokenApplier(db)
  const shipment = shipmentApplier()
  const grant = grantApplier(db)
  const incident = incidentApplier(db)
  const hold = holdApplier(db)
  const watch = watchApplier(db)
  const notice = noticeApplier(db)
  const canary = canaryApplier(db)
  const request = requestApplier(db)
  const tenantKey = tenantKeyApplier(db)
  const keyRow = keyRowApplier(db)
  const keyJob = keyJobApplier(db)
  const log = logApplier(db)
  const retention = retentionApplier(db)
  return (change, list): readonly Step[] => {
    switch (change.type) {
      case 'expect.caller':
      case 'expect.session':
      case 'expect.party':
      case 'tenant.insert':
      case 'tenant.set_settings':
      case 'tenant_key.insert':
      case 'party.insert':
      case 'party.set_status':
      case 'credential.insert':
      case 'credential.revoke':
      case 'session.insert':
      case 'session.end':
        return principal(change, list)
      case 'expect.subject':
      case 'subject.insert':
      case 'subject.update':
      case 'subject.erase':
      case 'field.put':
      case 'field.remove':
      case 'note.insert':
        return record(change, list)
      case 'expect.tokens_live':
      case 'token.insert':
      case 'tokens.retire':
        return token(change, list)
      case 'expect.shipment':
      case 'shipment.insert':
      case 'shipment.move':
        return shipment(change, list)
      case 'expect.grant':
      case 'grant.insert':
      case 'grant.revoke':
      case 'grant.consume':
      case 'grant.paid':
        return grant(change, list)
      case 'tenant_key.demote':
      case 'tenant_key.retire':
      case 'tenant_key.destroy':
      case 'tenant_key.rewrap':
        return tenantKey(change, list)
      case 'data_key.rewrap':
      case 'data_key.replace':
      case 'index.rekey':
      case 'note.reseal':
      case 'contact.reseal':
        return keyRow(change, list)
      case 'rotation.start':
      case 'rotation.step':
      case 'key_destruction.ask':
      case 'key_destruction.approve':
        return keyJob(change, list)
      case 'ref.insert':
      case 'quota.charge':
      case 'quota.item_paid':
      case 'quota.parcel':
      case 'idempotency.insert':
        return request(change, list)
      case 'log.integrate':
      case 'log.cosign':
      case 'event.append':
        return log(change, list)
      case 'incident.insert':
      case 'incident.put':
        return incident(change, list)
      case 'expect.unheld':
      case 'hold.put':
      case 'hold.lift':
      case 'risk_hold.insert':
      case 'risk_hold.put':
        return hold(change, list)
      case 'signal.insert':
      case 'signal.put':
      case 'watch.step':
      case 'watch.set_settings':
        return watch(change, list)
      case 'notice.insert':
      case 'notice.put':
      case 'delivery.enrol':
      case 'delivery.claim':
      case 'delivery.settle':
        return notice(change, list)
      case 'canary.insert':
      case 'canary.retire':
      case 'canary.touch':
      case 'canary.touched':
      case 'canary.settle':
      case 'canary.walk':
        return canary(change, list)
      case 'retention.remove':
        return retention(change, list)
      default:
        return unreachable(change)
    }
  }
}
