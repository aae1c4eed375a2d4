import { join } from 'node:path'
import { openPostgresStore } from '../../src/runtime/node/postgres.ts'
import { makeDatabase } from '../postgres/place.ts'
import { ServerProcess } from '../postgres/server-process.ts'
import type { Deploy } from './deployment.ts'
import { ServiceProcess } from './service-process.ts'

/** One of several services on one database, with one key folder between them. */
export class PostgresNode extends ServiceProcess {
  readonly #shared: NodeJS.ProcessEnv

  constructor(shared: NodeJS.ProcessEnv, program?: readonly string[]) {
    super(program)
    this.#shared = shared
  }

  override get env(): NodeJS.ProcessEnv {
    return { ...super.env, ...this.#shared }
  }
}

/** Two nodes on a new database of the server. */
export function onServer({ url: serverUrl }: Pick<ServerProcess, 'url'>): Deploy {
  return async (program) => {
    const url = await makeDatabase(serverUrl)
    const shared: NodeJS.ProcessEnv = { CLOAKROOM_DATABASE_URL: url }
    const nodes = [new PostgresNode(shared, program), new PostgresNode(shared, program)] as const
    const [first] = nodes
    shared['CLOAKROOM_BOOTSTRAP_KEY'] = first.platformKey
    shared['CLOAKROOM_KEYS'] = join(first.home, 'keys')
    return {
      nodes,
      platformKey: first.platformKey,
      databaseUrl: url,
      openStore: () => openPostgresStore(url),
      discard() {
        for (const node of nodes) node.discard()
      },
    }
  }
}

/** Runs `work` with a PostgreSQL that nobody else uses. */
export async function withServer<T>(
  work: (server: ServerProcess) => Promise<T>,
  options?: Parameters<typeof ServerProcess.make>[0],
): Promise<T> {
  const server = await ServerProcess.make(options)
  try {
    await server.start()
    return await work(server)
  } finally {
    await server.kill()
    server.discard()
  }
}
