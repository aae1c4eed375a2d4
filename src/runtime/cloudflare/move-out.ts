import { unreachable } from '../../core/errors.ts'
import type { TenantId } from '../../core/id.ts'
import { instant, toRfc3339 } from '../../core/time.ts'
import type { Outcome } from './administer.ts'
import { openDrizzle } from './durable-driver.ts'
import { log } from './log.ts'
import { schemaOf } from './migrations.ts'
import { countOf, rowsOf } from './moved-rows.ts'
import type { CountAsked, RowsAsked } from './moved-rows.ts'
import type { Opened } from './compose.ts'
import { random } from './random.ts'
import { endRest, putToRest, restOf } from './rest.ts'
import type { Rest } from './rest.ts'

/** What `cloakroom move` and its operator ask of an object. */
export type MoveCall =
  | { type: 'find_rest' }
  | { type: 'rest' }
  | { type: 'wake' }
  | ({ type: 'rows' } & RowsAsked)
  | ({ type: 'count' } & CountAsked)

type Place = { storage: DurableObjectStorage; tenant: TenantId; opened: () => Promise<Opened> }

/** @throws VaultError as `rowsOf`, `countOf`, `schemaOf`; as opening the object. */
export async function answerMove({ storage, tenant, opened }: Place, call: MoveCall): Promise<Outcome> {
  // An object that this version has not opened yet may have an older schema; at rest nothing is changed.
  const upToDate = async () => void (restOf(storage) ?? (await opened()))
  switch (call.type) {
    case 'find_rest':
      await upToDate()
      return told(storage, tenant)
    case 'rest':
      await upToDate()
      putToRest(storage, random, Date.now())
      log({ level: 'warn', event: 'tenant_at_rest', tenant })
      return told(storage, tenant)
    case 'wake': {
      const { jobs } = await opened()
      endRest(storage)
      jobs.restart()
      log({ level: 'warn', event: 'tenant_awake', tenant })
      return told(storage, tenant)
    }
    case 'rows':
      return { ok: true, status: 200, bytes: rowsOf(storage, call) }
    case 'count':
      return { ok: true, status: 200, body: { table: call.table, rows: countOf(storage, call) } }
    default:
      return unreachable(call)
  }
}

function told(storage: DurableObjectStorage, tenant: TenantId): Outcome {
  const rest = restOf(storage)
  const schema = schemaOf(openDrizzle(storage))
  return { ok: true, status: 200, body: { tenant, schema, rest: rest ? wireRest(rest) : null } }
}

function wireRest({ id, since }: Rest) {
  return { id, since: toRfc3339(instant(since)) }
}
