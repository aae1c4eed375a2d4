import type { TenantId } from '../../core/id.ts'
import type { Change } from '../../vault/changes.ts'

/**
 * Whether a change moves something that an expectation or a remembered row is about. The map is total, so that a new kind of
 * change has to say.
 */
const MOVES: Readonly<Record<Change['type'], boolean>> = {
  'credential.revoke': true,
  'session.end': true,
  'party.set_status': true,
  'subject.update': true,
  'subject.erase': true,
  'tokens.retire': true,
  'grant.revoke': true,
  'shipment.move': true,
  'tenant.set_settings': true,
  'retention.remove': true,
  'hold.put': true,
  'hold.lift': true,
  'risk_hold.insert': false,
  'risk_hold.put': false,
  'signal.insert': false,
  'signal.put': false,
  'watch.step': false,
  'watch.set_settings': false,
  'expect.caller': false,
  'expect.session': false,
  'expect.party': false,
  'expect.subject': false,
  'expect.tokens_live': false,
  'expect.grant': false,
  'expect.shipment': false,
  'expect.unheld': false,
  'tenant.insert': false,
  'tenant_key.insert': false,
  'tenant_key.demote': false,
  'tenant_key.retire': false,
  'tenant_key.destroy': false,
  'tenant_key.rewrap': false,
  'data_key.rewrap': false,
  'data_key.replace': true,
  'index.rekey': false,
  'note.reseal': false,
  'contact.reseal': false,
  'rotation.start': false,
  'rotation.step': false,
  'key_destruction.ask': false,
  'key_destruction.approve': false,
  'party.insert': false,
  'credential.insert': false,
  'subject.insert': false,
  'field.put': false,
  'field.remove': false,
  'token.insert': false,
  'shipment.insert': false,
  'grant.insert': false,
  'grant.consume': false,
  'grant.paid': false,
  'ref.insert': false,
  'quota.charge': false,
  'quota.item_paid': false,
  'quota.parcel': false,
  'note.insert': false,
  'session.insert': false,
  'idempotency.insert': false,
  'log.integrate': false,
  'log.cosign': false,
  'incident.insert': false,
  'incident.put': false,
  'notice.insert': false,
  'notice.put': false,
  'delivery.enrol': false,
  'delivery.claim': false,
  'delivery.settle': false,
  'canary.insert': false,
  'canary.retire': false,
  'canary.touch': false,
  'canary.touched': false,
  'canary.settle': false,
  'canary.walk': false,
  'event.append': false,
}

/** Of each tenant: callers, and the tenant's own row. */
const MAX_REMEMBERED = 1_000

/** Expectations hold if nothing has moved since the mark that was taken before the reads they come from. */
export function isExpectation({ type }: Change): boolean {
  return type.startsWith('expect.')
}

/**
 * How often something that a yes may rest on has moved, for each tenant, since this process opened the store. As it is
 * the store's only writer, an unchanged count means that all of it is as it was. A list that was undone counts too:
 * that only costs a check.
 */
export class Basis {
  readonly #moves = new Map<TenantId, number>()
  readonly #remembered = new Map<TenantId, Map<string, unknown>>()

  of(tenant: TenantId): number {
    return this.#moves.get(tenant) ?? 0
  }

  note(tenant: TenantId, changes: readonly Change[]): void {
    if (!changes.some(({ type }) => MOVES[type])) return
    this.#moves.set(tenant, this.of(tenant) + 1)
    this.#remembered.delete(tenant)
  }

  /** What `find` gives, or gave since anything last moved. Only for rows that every change which `MOVES` names ends. */
  remember<Row>(tenant: TenantId, name: string, find: () => Row | undefined): Row | undefined {
    const rows = this.#remembered.get(tenant) ?? new Map<string, unknown>()
    const known = rows.get(name)
    if (known !== undefined) return known as Row
    const found = find()
    if (found === undefined) return undefined
    if (rows.size >= MAX_REMEMBERED) rows.clear()
    this.#remembered.set(tenant, rows.set(name, found))
    return found
  }
}
