import { eq, isNull, ne, notExists, sql } from 'drizzle-orm'
import type { SQL } from 'drizzle-orm'
import { unreachable } from '../../../core/errors.ts'
import type { Change } from '../../../vault/changes.ts'
import type { KeyKind } from '../../../vault/keys/tenant-key.ts'
import type { PostgresDatabase } from '../driver.ts'
import { dataKeys, fields, notes, parties, tenantKeys } from '../schema/index.ts'
import { DONE, all, arg, given, must } from '../statements.ts'
import type { Statement } from '../statements.ts'
import { sameLength } from './key-rows.ts'
import type { Apply } from './list.ts'

export type TenantKeyChange = Extract<
  Change,
  { type: `tenant_key.${'demote' | 'retire' | 'destroy' | 'rewrap'}` }
>

/**
 * That no row names the version whose row is being changed. All the tenant's rows of the kind are read, once a rotation. An
 * erased person's row names one still, but holds no key.
 */
function unnamed(db: PostgresDatabase): Readonly<Record<KeyKind, SQL>> {
  const sealedUnder = (column: typeof notes.sealed | typeof parties.contact) =>
    sql`substr(${column}, 3, 8) = decode(${tenantKeys.keyId}, 'hex')`
  const wraps = all(
    eq(dataKeys.tenant, tenantKeys.tenant),
    eq(dataKeys.tenantKeyVersion, tenantKeys.version),
    sql`${dataKeys.wrapped} <> decode(repeat('00', length(${dataKeys.wrapped})), 'hex')`,
  )
  const indexes = all(eq(fields.tenant, tenantKeys.tenant), eq(fields.indexKeyVersion, tenantKeys.version))
  const houseNotes = all(
    eq(notes.tenant, tenantKeys.tenant),
    isNull(notes.subject),
    sealedUnder(notes.sealed),
  )
  const contacts = all(eq(parties.tenant, tenantKeys.tenant), sealedUnder(parties.contact))
  return {
    wrap: notExists(db.select(DONE).from(dataKeys).where(wraps)),
    index: notExists(db.select(DONE).from(fields).where(indexes)),
    note: all(
      notExists(db.select(DONE).from(notes).where(houseNotes)),
      notExists(db.select(DONE).from(parties).where(contacts)),
    ),
    // Their signatures lie with others.
    session: sql`true`,
    log: sql`true`,
    // One version for good: every name that was keyed rests on it.
    ref: sql`false`,
  }
}

function prepare(db: PostgresDatabase) {
  const one = () => all(given(tenantKeys.tenant), given(tenantKeys.kind), given(tenantKeys.version))
  const free = unnamed(db)
  const eachKind = (make: (unnamedKind: SQL) => Statement) =>
    Object.fromEntries(Object.entries(free).map(([kind, named]) => [kind, make(named)])) as Record<
      KeyKind,
      Statement
    >
  const rewrap = db
    .update(tenantKeys)
    .set({ rootKeyId: arg(tenantKeys.rootKeyId), wrapped: arg(tenantKeys.wrapped) })
    .where(
      all(
        one(),
        ne(tenantKeys.state, 'destroyed'),
        given(tenantKeys.rootKeyId, 'expected'),
        sameLength(tenantKeys.wrapped),
      ),
    )
    .returning(DONE)
  const zeros = sql`decode(repeat('00', length(${tenantKeys.wrapped})), 'hex')`
  const from = (state: 'primary' | 'active' | 'retired') => all(one(), eq(tenantKeys.state, state))
  return {
    demote: must(db.update(tenantKeys).set({ state: 'active' }).where(from('primary')).returning(DONE)),
    retire: eachKind((named) =>
      must(
        db
          .update(tenantKeys)
          .set({ state: 'retired' })
          .where(all(from('active'), named))
          .returning(DONE),
      ),
    ),
    destroy: eachKind((named) =>
      must(
        db
          .update(tenantKeys)
          .set({ state: 'destroyed', wrapped: zeros })
          .where(all(from('retired'), named))
          .returning(DONE),
      ),
    ),
    rewrap: must(rewrap),
  }
}

export function tenantKeyApplier(db: PostgresDatabase): Apply<TenantKeyChange> {
  const key = prepare(db)
  return (change, { tenant }) => {
    const { kind, version } = change
    switch (change.type) {
      case 'tenant_key.demote':
        return [key.demote({ tenant, kind, version })]
      case 'tenant_key.retire':
        return [key.retire[kind]({ tenant, kind, version })]
      case 'tenant_key.destroy':
        return [key.destroy[kind]({ tenant, kind, version })]
      case 'tenant_key.rewrap': {
        const { expectedRootKeyId: expected, rootKeyId, wrapped } = change
        return [key.rewrap({ tenant, kind, version, expected, root_key_id: rootKeyId, wrapped })]
      }
      default:
        return unreachable(change)
    }
  }
}
