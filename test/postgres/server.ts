import { ServerProcess } from './server-process.ts'

/** A PostgreSQL of one's own, fresh and on a free port. */
export type Server = { url: string; stop(): Promise<void> }

export async function startServer(flags: readonly string[] = []): Promise<Server> {
  const server = await ServerProcess.make({ flags })
  await server.start()
  return {
    url: server.url,
    async stop() {
      await server.stop()
      server.discard()
    },
  }
}
