import pg from 'pg'
import { VaultError } from '../../core/errors.ts'

/** Null of a server that only follows another. */
const ASK = `select case when pg_is_in_recovery() then null else pg_walfile_name(pg_current_wal_lsn()) end as wal`

/** Once one says that it writes, how long the others have to say so too. */
const OTHERS_MS = 500

type Writes = { connection: pg.ClientConfig; timeline: number }

/**
 * Which of several servers takes writes. Of more than one that says so the one of the latest timeline is right: whichever was
 * promoted last has it, and who was cut off before does not know.
 */
export class Writer {
  readonly #servers: readonly pg.ClientConfig[]
  #known: pg.ClientConfig | undefined
  #search: Promise<pg.ClientConfig> | undefined

  constructor(servers: readonly pg.ClientConfig[]) {
    this.#servers = servers
  }

  /** The one that is known, or else looked for. @throws Error of a server, if none writes. */
  async find(): Promise<pg.ClientConfig> {
    const [only] = this.#servers
    if (only && this.#servers.length === 1) return only
    if (this.#known) return this.#known
    this.#search ??= search(this.#servers).finally(() => (this.#search = undefined))
    return (this.#known = await this.#search)
  }

  /** It did not do what a server that writes would: the next who asks has it looked for anew. */
  lost(connection: pg.ClientConfig): void {
    if (this.#known === connection) this.#known = undefined
  }
}

async function search(servers: readonly pg.ClientConfig[]): Promise<pg.ClientConfig> {
  const found: Writes[] = []
  const asked = servers.map(async (connection) => {
    const timeline = await timelineOf(connection)
    found.push({ connection, timeline })
  })
  const all = Promise.allSettled(asked)
  const first = await Promise.any(asked).catch((cause: AggregateError) => cause)
  if (first instanceof AggregateError) throw worstOf(first)
  await Promise.race([all, new Promise((resolve) => setTimeout(resolve, OTHERS_MS))])
  const [latest] = found.toSorted((one, other) => other.timeline - one.timeline)
  if (!latest) throw new Error('no server was found')
  return latest.connection
}

/** What a server refused says more than that another cannot be reached. */
function worstOf({ errors }: AggregateError): unknown {
  return errors.find((error) => error instanceof pg.DatabaseError) ?? errors[0]
}

/** @throws VaultError `unavailable` for a standby; whatever the driver does for what does not answer. */
async function timelineOf(connection: pg.ClientConfig): Promise<number> {
  const client = new pg.Client({ ...connection, query_timeout: connection.connectionTimeoutMillis })
  client.on('error', () => undefined)
  try {
    await client.connect()
    const { rows } = await client.query<{ wal: string | null }>(ASK)
    const wal = rows[0]?.wal ?? undefined
    if (wal === undefined) throw aStandby()
    // https://www.postgresql.org/docs/current/wal-internals.html: the first eight digits of a segment's name are its timeline.
    return Number.parseInt(wal.slice(0, 8), 16)
  } finally {
    void client.end().catch(() => undefined)
  }
}

export function aStandby(): VaultError {
  return new VaultError('unavailable', 'The database is a standby.')
}
