import { VaultError } from '../../../core/errors.ts'
import type { Change } from '../../../vault/changes.ts'
import type { RowsOf, SqliteDatabase } from '../driver.ts'
import type { GrantNumbers, PersonNumbers } from '../row-numbers.ts'
import { NO_TENANT } from '../reads/tenants.ts'
import { auditApplier } from './audit.ts'
import { canaryApplier } from './canaries.ts'
import { grantApplier } from './grants.ts'
import { holdApplier } from './holds.ts'
import { incidentApplier } from './incidents.ts'
import { keyApplier } from './keys.ts'
import type { ListContext } from './list.ts'
import { logApplier } from './log.ts'
import { noticeApplier } from './notices.ts'
import { principalApplier } from './principals.ts'
import { personFinder, recordApplier } from './records.ts'
import { requestApplier } from './requests.ts'
import { retentionApplier } from './retention.ts'
import { shipmentApplier } from './shipments.ts'
import { tokenApplier } from './tokens.ts'
import { watchApplier } from './watch.ts'
import { isExpectation } from '../basis.ts'

/** Applies one commit list in order; throws at the first change that does not hold. */
export type ApplyList = (
  tenant: number,
  changes: readonly Change[],
  shared: Pick<ListContext, 'unmoved' | 'logSizes'>,
) => void

type Rows = { persons: PersonNumbers; grants: GrantNumbers }

export function listApplier(db: SqliteDatabase, rowsOf: RowsOf, rows: Rows): ApplyList {
  const apply = changeApplier(db, rowsOf, rows)
  return (tenant, changes, { unmoved, logSizes }) => {
    if (tenant === NO_TENANT && changes[0]?.type !== 'tenant.insert') {
      throw new VaultError('not_found', 'No such tenant.')
    }
    const list: ListContext = { tenant, persons: new Map(), logSizes, unmoved }
    for (const change of changes) {
      if (!(unmoved && isExpectation(change))) apply(change, list)
    }
  }
}

function changeApplier(
  db: SqliteDatabase,
  rowsOf: RowsOf,
  rows: Rows,
): (change: Change, list: ListContext) => void {
  const findPerson = personFinder(db)
  const principal = principalApplier(db)
  const record = recordApplier(db, findPerson)
  const token = tokenApplier(db, findPerson)
  const shipment = shipmentApplier(db, findPerson)
  const grant = grantApplier(db, rowsOf, findPerson, rows.grants)
  const incident = incidentApplier(db)
  const hold = holdApplier(db)
  const watch = watchApplier(db)
  const notice = noticeApplier(db)
  const canary = canaryApplier(db, findPerson)
  const request = requestApplier(db, rowsOf)
  const key = keyApplier(db, findPerson)
  const log = logApplier(db, rowsOf)
  const audit = auditApplier(db, rows.persons)
  const retention = retentionApplier(db, rowsOf)
  return (change, list) => {
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
      case 'data_key.rewrap':
      case 'data_key.replace':
      case 'index.rekey':
      case 'note.reseal':
      case 'contact.reseal':
      case 'rotation.start':
      case 'rotation.step':
      case 'key_destruction.ask':
      case 'key_destruction.approve':
        return key(change, list)
      case 'ref.insert':
      case 'quota.charge':
      case 'quota.item_paid':
      case 'quota.parcel':
      case 'idempotency.insert':
        return request(change, list)
      case 'log.integrate':
      case 'log.cosign':
        return log(change, list)
      case 'event.append':
        return audit(change, list)
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
    }
  }
}
