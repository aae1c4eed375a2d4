import { ServerProcess } from './server-process.ts'

/** A PostgreSQL of one's own, fresh and on a free port. */
export type Server = { url: string; stop(): Promise<void> }

/**
 * @param options.password its superuser's, so that several may be one URL's.
 * @param options.standby follows, from the beginning on, a server that there is not: it reads only, until it is promoted.
 */
export async function startServer(
  flags: readonly string[] = [],
  options: { password?: string; standby?: boolean } = {},
): Promise<Server> {
  const server = await ServerProcess.make({ flags, ...options })
  await server.start()
  return {
    url: server.url,
    async stop() {
      await server.stop()
      server.discard()
    },
  }
}
