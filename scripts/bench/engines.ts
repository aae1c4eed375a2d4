import { mkdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ServerProcess } from '../../test/postgres/server-process.ts'
import { ADMIN_SECRET, URL as EDGE_URL, sealedFolder, startEdge } from '../edge/dev-service.ts'
import { headers } from './reveals.ts'
import { runCommand, startService } from './service.ts'
import type { Folder } from './service.ts'

/** One engine, served as a user serves it, with the tenant `default` and its platform credential. */
export type Engine = { name: string; url: string; key: string; stop(): Promise<void> }

type Start = (folder: Folder) => Promise<Engine>

/** More looks a day than the parcels made here would allow. */
const QUOTA = '1000000000'

const PORTS = { sqlite: 18_787, postgres: 18_788, 'sqlite-unwatched': 18_789 }

async function onNode(name: keyof typeof PORTS, folder: Folder): Promise<Engine> {
  runCommand(folder, ['init'])
  runCommand(folder, ['tenant', 'quota', 'default', QUOTA])
  const { service } = await startService(folder, PORTS[name])
  return { name, url: service.url, key: folder.key, stop: () => service.stop() }
}

/** One process of the vault beside a PostgreSQL 18 with its own defaults, on the same disk. */
async function onPostgres(folder: Folder): Promise<Engine> {
  const server = await ServerProcess.make({ parent: tmpdir() })
  await server.start()
  const engine = await onNode('postgres', { ...folder, databaseUrl: server.url })
  return {
    ...engine,
    async stop() {
      await engine.stop()
      await server.stop()
      server.discard()
    },
  }
}

/** One object in workerd, behind the proxy of `wrangler dev`. */
async function atTheEdge({ path }: Folder): Promise<Engine> {
  await sealedFolder(path)
  const service = await startEdge(path)
  const made = await fetch(`${EDGE_URL}/admin/tenants/default`, {
    method: 'PUT',
    headers: headers(ADMIN_SECRET),
  })
  const { credential: key } = (await made.json()) as { credential: string }
  return { name: 'edge', url: EDGE_URL, key, stop: () => service.stop() }
}

const STARTS: Readonly<Record<string, Start>> = {
  sqlite: (folder) => onNode('sqlite', folder),
  'sqlite-unwatched': (folder) => onNode('sqlite-unwatched', { ...folder, more: { CLOAKROOM_WATCH: 'off' } }),
  postgres: onPostgres,
  edge: atTheEdge,
}

/** @throws RangeError for an engine that there is not. */
export async function startEngine(name: string, folder: Folder): Promise<Engine> {
  const start = STARTS[name]
  if (!start) throw new RangeError(`no engine "${name}": there are ${Object.keys(STARTS).join(', ')}`)
  const own = { ...folder, path: join(folder.path, name) }
  mkdirSync(own.path)
  return start(own)
}
