import { invalidCall, membersOf } from './admin-body.ts'
import type { Members } from './admin-body.ts'
import type { MoveCall } from './move-out.ts'

/** As many rows as a page may be asked for; how many it holds, its bytes decide. */
const MAX_ROWS = 10_000

/** @param noun what stands behind `rest/` in the path. @throws VaultError `invalid_request`; as `membersOf`. */
export async function parseReading(request: Request, noun: 'rows' | 'counts'): Promise<MoveCall> {
  if (noun === 'counts') return { type: 'count', ...placeOf(await membersOf(request, ['rest', 'table'])) }
  const members = await membersOf(request, ['rest', 'table', 'after', 'limit'])
  return { type: 'rows', ...placeOf(members), after: keyOf(members), limit: limitOf(members) }
}

function placeOf({ rest, table }: Members): { rest: string; table: string } {
  if (typeof rest === 'string' && typeof table === 'string') return { rest, table }
  throw invalidCall('rest is the id of the rest, and table names a table.')
}

function keyOf({ after }: Members): readonly (string | number)[] | undefined {
  if (after === undefined) return undefined
  if (Array.isArray(after) && after.every(isKeyPart)) return after
  throw invalidCall('after is the key of a row: texts and whole numbers.')
}

function isKeyPart(part: unknown): part is string | number {
  return typeof part === 'string' || Number.isSafeInteger(part)
}

function limitOf({ limit }: Members): number {
  if (Number.isInteger(limit) && Number(limit) >= 1 && Number(limit) <= MAX_ROWS) return Number(limit)
  throw invalidCall(`limit is a whole number from 1 to ${MAX_ROWS}.`)
}
