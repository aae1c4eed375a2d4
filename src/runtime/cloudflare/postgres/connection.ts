import { AsyncLocalStorage } from 'node:async_hooks'
import pg from 'pg'
import { getTypeParser } from '../../postgres-values.ts'

/** A server that takes no connection in this time is down, as far as a caller who waits is concerned. */
const CONNECT_TIMEOUT_MS = 3_000

/** Longer than anything of ours takes: a server that has not answered by then is not there any more. */
const ANSWER_TIMEOUT_MS = 30_000

/**
 * One request's way to the database, opened when it is first needed: the platform gives a socket to the request that opened it, and
 * to no other. Hyperdrive, to which it leads, keeps the real connections.
 */
export class Connection {
  /** Whether anything was committed over it. */
  wrote = false
  readonly #url: string
  #client: Promise<pg.Client> | undefined
  #last: Promise<unknown> = Promise.resolve()

  constructor(url: string) {
    this.#url = url
  }

  /**
   * Runs `work` once what was asked before is answered: outside a transaction a pool gives the server's side to somebody else
   * between two statements, and may do so in the middle of one that was sent ahead.
   * @throws Error from the driver if there is no connection. One that broke is made anew.
   */
  inTurn<T>(work: (client: pg.Client) => Promise<T>): Promise<T> {
    const done = this.#last.then(async () => work(await (this.#client ??= this.#open())))
    this.#last = done.catch(() => undefined)
    return done
  }

  /** The next one who asks gets another. */
  drop(): void {
    const client = this.#client
    this.#client = undefined
    void client?.then((open) => open.end()).catch(() => undefined)
  }

  async close(): Promise<void> {
    const client = this.#client
    this.#client = undefined
    await client?.then((open) => open.end()).catch(() => undefined)
  }

  async #open(): Promise<pg.Client> {
    const client = newClient(this.#url)
    client.on('error', () => this.drop())
    try {
      await client.connect()
      return client
    } catch (error) {
      this.#client = undefined
      throw error
    }
  }
}

/**
 * Hyperdrive answers reads from a cache unless that is turned off, and would show for a minute what was revoked. It caches no statement
 * whose text names a volatile or stable function, be it in a comment: https://developers.cloudflare.com/hyperdrive/concepts/query-caching.
 */
export const UNCACHED = ' /* now() */'

/** Statements go out as they come, each answered in its turn. */
export function newClient(connectionString: string): pg.Client {
  return new pg.Client({
    connectionString,
    application_name: 'cloakroom-worker',
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    query_timeout: ANSWER_TIMEOUT_MS,
    pipeline: true,
    types: { getTypeParser },
  })
}

const current = new AsyncLocalStorage<Connection>()

/** Everything that `work` asks of the database goes over this connection. */
export function over<T>(connection: Connection, work: () => Promise<T>): Promise<T> {
  return current.run(connection, work)
}

export function connection(): Connection {
  const found = current.getStore()
  if (!found) throw new Error('the database was asked outside a request')
  return found
}
