import { and, eq, gt, isNull, ne, sql } from 'drizzle-orm'
import { fromHex } from '../../../core/bytes.ts'
import { unreachable } from '../../../core/errors.ts'
import type { Change } from '../../../vault/changes.ts'
import type { KeyKind } from '../../../vault/keys/tenant-key.ts'
import type { SqliteDatabase } from '../driver.ts'
import { dataKeys, fields, keyDestructions, notes, parties, rotations, tenantKeys } from '../schema/index.ts'
import { DONE, arg, given, rowArgs } from '../statements.ts'
import { keyRowApplier, sameLength } from './key-rows.ts'
import { conflict, must } from './list.ts'
import type { ListContext } from './list.ts'
import type { FindPerson } from './records.ts'

type KeyChange = Extract<
  Change,
  {
    type:
      | `tenant_key.${'demote' | 'retire' | 'destroy' | 'rewrap'}`
      | `data_key.${string}`
      | 'index.rekey'
      | 'note.reseal'
      | 'contact.reseal'
      | `rotation.${string}`
      | `key_destruction.${string}`
  }
>

function prepareTenantKeys(db: SqliteDatabase) {
  const one = () => and(given(tenantKeys.tenant), given(tenantKeys.kind), given(tenantKeys.version))
  const move = (from: 'primary' | 'active', to: 'active' | 'retired') =>
    db
      .update(tenantKeys)
      .set({ state: to })
      .where(and(one(), eq(tenantKeys.state, from)))
      .returning({ keyId: tenantKeys.keyId })
      .prepare()
  return {
    demote: move('primary', 'active'),
    retire: move('active', 'retired'),
    /** The same length, so that SQLite overwrites the cell where it is. */
    destroy: db
      .update(tenantKeys)
      .set({ state: 'destroyed', wrapped: sql`zeroblob(length(${tenantKeys.wrapped}))` })
      .where(and(one(), eq(tenantKeys.state, 'retired')))
      .returning({ keyId: tenantKeys.keyId })
      .prepare(),
    rewrap: db
      .update(tenantKeys)
      .set({ rootKeyId: sql`${arg(tenantKeys.rootKeyId)}`, wrapped: sql`${arg(tenantKeys.wrapped)}` })
      .where(
        and(
          one(),
          ne(tenantKeys.state, 'destroyed'),
          given(tenantKeys.rootKeyId, 'expected'),
          sameLength(tenantKeys.wrapped),
        ),
      )
      .returning(DONE)
      .prepare(),
  }
}

/** Rows that name a version, one each. An erased person's row names one still, but holds no key. */
function prepareUses(db: SqliteDatabase) {
  const sealedUnder = (column: typeof notes.sealed | typeof parties.contact) =>
    sql`substr(${column}, 3, 8) = ${sql.placeholder('key')}`
  return {
    wrap: db
      .select(DONE)
      .from(dataKeys)
      .where(
        and(
          given(dataKeys.tenant),
          given(dataKeys.tenantKeyVersion),
          sql`${dataKeys.wrapped} <> zeroblob(length(${dataKeys.wrapped}))`,
        ),
      )
      .limit(1)
      .prepare(),
    index: db
      .select(DONE)
      .from(fields)
      .where(and(given(fields.tenant), given(fields.indexKeyVersion)))
      .limit(1)
      .prepare(),
    notes: db
      .select(DONE)
      .from(notes)
      .where(and(given(notes.tenant), isNull(notes.subject), sealedUnder(notes.sealed)))
      .limit(1)
      .prepare(),
    contacts: db
      .select(DONE)
      .from(parties)
      .where(and(given(parties.tenant), sealedUnder(parties.contact)))
      .limit(1)
      .prepare(),
  }
}

/** Whether any row names this version. All the tenant's rows of the kind are read: once a rotation, some 100 ms a million. */
function useFinder(db: SqliteDatabase) {
  const uses = prepareUses(db)
  return (tenant: number, kind: KeyKind, version: number, keyId: string): boolean => {
    switch (kind) {
      case 'wrap':
        return uses.wrap.get({ tenant, tenant_key_version: version }) !== undefined
      case 'index':
        return uses.index.get({ tenant, index_key_version: version }) !== undefined
      case 'note': {
        const key = fromHex(keyId)
        return (
          uses.notes.get({ tenant, key }) !== undefined || uses.contacts.get({ tenant, key }) !== undefined
        )
      }
      // Their signatures lie with others.
      case 'session':
      case 'log':
        return false
      // One version for good: every name that was keyed rests on it.
      case 'ref':
        return true
      default:
        return unreachable(kind)
    }
  }
}

function prepareJobs(db: SqliteDatabase) {
  const running = db
    .select(DONE)
    .from(rotations)
    .where(and(given(rotations.tenant), given(rotations.level), eq(rotations.state, 'running')))
  return {
    running: running.prepare(),
    forget: db
      .delete(rotations)
      .where(and(given(rotations.tenant), given(rotations.level)))
      .prepare(),
    start: db.insert(rotations).values(rowArgs(rotations)).prepare(),
    step: db
      .update(rotations)
      .set({
        state: sql`${arg(rotations.state)}`,
        steps: sql`${arg(rotations.steps)}`,
        cursor: sql`${arg(rotations.cursor)}`,
        again: sql`${arg(rotations.again)}`,
        done: sql`${arg(rotations.done)}`,
        finishedAt: sql`${arg(rotations.finishedAt)}`,
      })
      .where(
        and(
          given(rotations.tenant),
          given(rotations.level),
          eq(rotations.state, 'running'),
          given(rotations.steps, 'expected'),
        ),
      )
      .returning(DONE)
      .prepare(),
    ask: db.insert(keyDestructions).values(rowArgs(keyDestructions)).prepare(),
    approve: db
      .update(keyDestructions)
      .set({
        approvedBy: sql`${arg(keyDestructions.approvedBy)}`,
        approvedAt: sql`${arg(keyDestructions.approvedAt)}`,
      })
      .where(
        and(
          given(keyDestructions.tenant),
          given(keyDestructions.id),
          isNull(keyDestructions.approvedAt),
          gt(keyDestructions.expiresAt, sql`${arg(keyDestructions.approvedAt)}`),
          ne(keyDestructions.askedBy, sql`${arg(keyDestructions.approvedBy)}`),
        ),
      )
      .returning(DONE)
      .prepare(),
  }
}

type TenantKeyChange = Extract<KeyChange, { type: `tenant_key.${string}` }>

function tenantKeyApplier(db: SqliteDatabase) {
  const key = prepareTenantKeys(db)
  const isNamed = useFinder(db)
  const unnamed = (tenant: number, kind: KeyKind, version: number, row: { keyId: string } | undefined) => {
    if (!row || isNamed(tenant, kind, version, row.keyId)) throw conflict()
  }
  return (change: TenantKeyChange, { tenant }: ListContext): void => {
    const { kind, version } = change
    switch (change.type) {
      case 'tenant_key.demote':
        return must(key.demote.get({ tenant, kind, version }))
      case 'tenant_key.retire':
        return unnamed(tenant, kind, version, key.retire.get({ tenant, kind, version }))
      case 'tenant_key.destroy':
        return unnamed(tenant, kind, version, key.destroy.get({ tenant, kind, version }))
      case 'tenant_key.rewrap': {
        const { expectedRootKeyId: expected, rootKeyId, wrapped } = change
        return must(key.rewrap.get({ tenant, kind, version, expected, root_key_id: rootKeyId, wrapped }))
      }
    }
  }
}

export function keyApplier(db: SqliteDatabase, personNo: FindPerson) {
  const tenantKey = tenantKeyApplier(db)
  const row = keyRowApplier(db, personNo)
  const job = prepareJobs(db)
  return (change: KeyChange, list: ListContext): void => {
    const { tenant } = list
    switch (change.type) {
      case 'rotation.start': {
        const { level } = change.rotation
        if (job.running.get({ tenant, level })) throw conflict()
        job.forget.run({ tenant, level })
        job.start.run({ tenant, ...change.rotation })
        return
      }
      case 'rotation.step': {
        const { level, state, steps, cursor, again, done, finishedAt } = change.rotation
        const now = { level, state, steps, cursor, again, done, finished_at: finishedAt }
        return must(job.step.get({ tenant, expected: change.expectedSteps, ...now }))
      }
      case 'key_destruction.ask':
        job.ask.run({ tenant, ...change.destruction })
        return
      case 'key_destruction.approve':
        return must(
          job.approve.get({ tenant, id: change.id, approved_by: change.by, approved_at: change.at }),
        )
      case 'tenant_key.demote':
      case 'tenant_key.retire':
      case 'tenant_key.destroy':
      case 'tenant_key.rewrap':
        return tenantKey(change, list)
      default:
        return row(change, list)
    }
  }
}
