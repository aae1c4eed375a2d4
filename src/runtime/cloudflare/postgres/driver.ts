import type pg from 'pg'
import { drizzle } from 'drizzle-orm/pg-proxy'
import { TransactionError } from '../../../storage/postgres/driver.ts'
import type { Bound, PostgresDriver } from '../../../storage/postgres/driver.ts'
import { whyUndone, whyUnread } from '../../postgres-faults.ts'
import { bindable } from '../../postgres-values.ts'
import { UNCACHED, connection } from './connection.ts'
import type { Connection } from './connection.ts'

/** Unnamed: which of its connections Hyperdrive takes for a statement is its own choice, and a name is one connection's. */
function queryOf({ text, values }: Bound) {
  return { text: text + UNCACHED, values: values.map(bindable) }
}

/** node-postgres over the present request's connection. */
export const requestDriver: PostgresDriver = {
  alone: true,
  db: drizzle(async (text, values: unknown[]) => ({ rows: await read({ text, values }) })),
  transact,
  // Of which of its connections a pool made use nobody here knows, so that none can be ended and looked behind.
  settle: () => Promise.resolve('unknown'),
  close: () => Promise.resolve(),
}

async function read(bound: Bound): Promise<unknown[][]> {
  const query = { ...queryOf(bound), rowMode: 'array' as const }
  try {
    return (await connection().inTurn((client) => client.query(query))).rows
  } catch (error) {
    throw whyUnread(error)
  }
}

const BEGIN = 'begin isolation level read committed read write'

async function transact(statements: readonly Bound[]): Promise<void> {
  const queries = statements.map(queryOf)
  const own = connection()
  await own
    .inTurn((client) => sendWhole(own, client, queries))
    .catch((error: unknown) => {
      // Whatever else went wrong did so before anything was sent.
      throw error instanceof TransactionError ? error : new TransactionError('unwritable', error)
    })
}

async function sendWhole(
  own: Connection,
  client: pg.Client,
  queries: readonly pg.QueryConfig[],
): Promise<void> {
  const warning = warningOf(client)
  const sent = [client.query(BEGIN), ...queries.map((query) => client.query(query))]
  const [ended, ...results] = await Promise.allSettled([client.query('commit'), ...sent])
  const failed = results.find((result) => result.status === 'rejected')
  const doubt = warning()
  if (!failed && ended.status === 'fulfilled' && ended.value.command === 'COMMIT') {
    own.wrote = true
    if (!doubt) return
    throw new TransactionError('unknown', doubt)
  }
  const why = whyUndone(failed?.reason, ended, undefined)
  // One that leads to a server that does not write may lead elsewhere when it is made anew.
  if (why.fault !== 'moved') own.drop()
  throw why
}

/** SQLSTATE class 01. A commit whose wait for the standby was broken off is told as done, and only a warning says that it may be lost. */
const WARNING = /^01/

/** @returns what gives the first warning since, and listens no more. */
function warningOf(client: pg.Client): () => Error | undefined {
  let warned: Error | undefined
  const listen = ({ code, message }: { code?: string | undefined; message?: string | undefined }) => {
    if (WARNING.test(code ?? '')) warned ??= new Error(message)
  }
  client.on('notice', listen)
  return () => {
    client.off('notice', listen)
    return warned
  }
}
