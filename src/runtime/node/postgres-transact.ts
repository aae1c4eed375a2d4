import type pg from 'pg'
import { TransactionError } from '../../storage/postgres/driver.ts'
import type { Bound, LostSession } from '../../storage/postgres/driver.ts'
import { isGone, whyUndone } from '../postgres-faults.ts'
import { named, unnamed } from './postgres-names.ts'
import { sessionOf } from './postgres-pools.ts'
import type { Pools, WriterPools } from './postgres-pools.ts'

const BEGIN = 'begin isolation level read committed read write'

/**
 * A savepoint hides the one before it of the same name, and one that comes behind a failure is not made: so going back undoes
 * what came since the last that was made, and whoever sends both need not know whether anything failed.
 */
const KEEP = 'savepoint held'
const BACK = 'rollback to savepoint held'

/** As the driver's. @throws TransactionError */
export async function transact(writer: WriterPools, statements: readonly Bound[]): Promise<void> {
  const whole = [BEGIN, ...statements.map(named)]
  const connection = await connected(writer)
  const sent = await sendWhole(connection.client, [whole])
  const why = whyNot(sent, sent.failures[0])
  letGo(writer, connection, [why])
  if (why) throw why
}

/** As the driver's. @throws TransactionError */
export async function transactEach(
  writer: WriterPools,
  head: readonly Bound[],
  lists: readonly (readonly Bound[])[],
): Promise<readonly (TransactionError | undefined)[]> {
  const begin = [BEGIN, ...head.map(named), KEEP]
  const each = lists.map((list) => [BACK, ...list.map(unnamed), KEEP])
  const connection = await connected(writer)
  const sent = await sendWhole(connection.client, [begin, ...each, [BACK]])
  const begun = sent.failures[0]
  const whole = whyNot(sent, begun ?? sent.failures.at(-1))
  const whys = lists.map((_, i) => (begun === undefined ? whyNotOne(sent, i + 1, whole) : whole))
  letGo(writer, connection, [whole, ...whys])
  return whys
}

type Query = string | pg.QueryConfig

/** What each part's first statement that failed was told, undefined where none did, and what came of the commit behind them. */
type Sent = {
  failures: readonly unknown[]
  ended: PromiseSettledResult<pg.QueryResult>
  doubt: Error | undefined
  session: LostSession | undefined
}

async function sendWhole(client: pg.PoolClient, parts: readonly (readonly Query[])[]): Promise<Sent> {
  const warning = warningOf(client)
  const sent = parts.map((part) => firstFailure(part.map((query) => client.query(query))))
  const [ended] = await Promise.allSettled([client.query('commit')])
  const failures = await Promise.all(sent)
  return { failures, ended, doubt: warning(), session: sessionOf(client) }
}

async function firstFailure(answers: readonly Promise<unknown>[]): Promise<unknown> {
  const settled = await Promise.allSettled(answers)
  const failed = settled.find((answer) => answer.status === 'rejected')
  return failed?.reason
}

/** Why the whole does not stand, or may not. */
function whyNot({ ended, doubt, session }: Sent, failed: unknown): TransactionError | undefined {
  const committed = failed === undefined && ended.status === 'fulfilled' && ended.value.command === 'COMMIT'
  if (!committed) return whyUndone(failed, ended, session)
  return doubt && new TransactionError('unknown', doubt, session)
}

/** One that the server refused is not in the transaction, whatever came of that. */
function whyNotOne(
  { failures, ended, session }: Sent,
  part: number,
  whole: TransactionError | undefined,
): TransactionError | undefined {
  if (failures[part] === undefined) return whole
  const own = whyUndone(failures[part], ended, session)
  return own.fault === 'unknown' && whole ? whole : own
}

type Connection = { pools: Pools; client: pg.PoolClient }

async function connected(writer: WriterPools): Promise<Connection> {
  let pools: Pools | undefined
  try {
    pools = await writer.present()
    return { pools, client: await pools.committing.connect() }
  } catch (error) {
    if (pools && isGone(error)) writer.lost(pools)
    throw new TransactionError('unwritable', error)
  }
}

function letGo(
  writer: WriterPools,
  { pools, client }: Connection,
  whys: readonly (TransactionError | undefined)[],
): void {
  const grave = whys.filter((why) => why !== undefined && why.fault !== 'moved')
  // One that leads to a server that does not write may lead elsewhere when it is made anew.
  client.release(grave.length > 0)
  if (grave.some((why) => why?.fault === 'unknown' || isGone(why?.cause))) writer.lost(pools)
}

/** SQLSTATE class 01. A commit whose wait for the standby was broken off is told as done, and only a warning says that it may be lost. */
const WARNING = /^01/

/** @returns what gives the first warning since, and listens no more. */
function warningOf(client: pg.PoolClient): () => Error | undefined {
  let warned: Error | undefined
  const listen = (notice: { code?: string | undefined; message?: string | undefined }) => {
    if (WARNING.test(notice.code ?? '')) warned ??= new Error(notice.message)
  }
  client.on('notice', listen)
  return () => {
    client.off('notice', listen)
    return warned
  }
}
