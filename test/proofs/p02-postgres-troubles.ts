import { randomInt } from 'node:crypto'
import { chownSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import type { ServerProcess } from '../postgres/server-process.ts'
import { allReady } from './deployment.ts'
import type { Deployment } from './deployment.ts'
import type { SmallDisk } from './p02-p03-faults.ts'
import { someRefused } from './p02-provoked.ts'
import type { Trouble } from './p02-provoked.ts'

// What can go wrong with a PostgreSQL on which services run.

const JITTER_MS = 20
const PATIENCE_MS = 10_000
/** Longer than a commit waits for a row. */
const LOCK_PATIENCE_MS = 15_000

export function databaseKilled(server: ServerProcess, patienceMs = PATIENCE_MS): Trouble {
  return {
    name: 'kill -9 of the database',
    async happen({ deployment, book }) {
      await pause(randomInt(JITTER_MS))
      await server.kill()
      await someRefused(book, patienceMs)
      await server.start()
      await allReady(deployment)
    },
  }
}

/** Reads go on, and nothing can be written: as after a failover that the services do not know of. */
export function readOnly(server: ServerProcess): Trouble {
  const standby = join(server.dataFolder, 'standby.signal')
  return {
    name: 'a server that is read-only',
    async happen({ deployment, book }) {
      const T = performance.now()
      const L = (x: string) => console.log('   ', x, Math.round(performance.now() - T))
      await server.stop()
      L('stopped')
      writeFileSync(standby, '')
      const { uid, gid } = statSync(server.dataFolder)
      chownSync(standby, uid, gid)
      await server.start()
      L('standby')
      await someRefused(book, PATIENCE_MS)
      L('refused')
      await server.stop()
      L('stopped')
      rmSync(standby)
      await server.start()
      await allReady(deployment)
    },
  }
}

const CUTS = 10

export function connectionsCut({ url }: ServerProcess): Trouble {
  return {
    name: 'connections ended by the server',
    async happen({ deployment }) {
      const client = new pg.Client({ connectionString: url })
      await client.connect()
      for (let i = 0; i < CUTS; i++) {
        await client.query(
          `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'cloakroom'`,
        )
        await pause(randomInt(JITTER_MS))
      }
      await client.end()
      await allReady(deployment)
    },
  }
}

/** Data and write-ahead log are on it: the server refuses, or stops, and is started again once there is room. */
export function diskFull(server: ServerProcess, disk: SmallDisk): Trouble {
  return {
    name: 'a full disk',
    async happen({ deployment, book }) {
      const T = performance.now()
      const L = (x: string) => console.log('   ', x, Math.round(performance.now() - T))
      disk.fill()
      L('filled')
      await someRefused(book, PATIENCE_MS)
      L('refused ' + book.refused + ' ' + book.asked + server.said.slice(-600))
      disk.makeRoom()
      await goOn(server, deployment)
      L('goneon')
    },
  }
}

/** A server that could not even write its log ends some time after that, by itself. */
async function goOn(server: ServerProcess, deployment: Deployment): Promise<void> {
  const ready = allReady(deployment).then(() => true)
  while (!(await Promise.race([ready, pause(JITTER_MS).then(() => false)]))) {
    if (!server.isRunning) await server.start()
  }
}

/** Another transaction holds the row that every commit needs. */
export function rowLocked(server: ServerProcess): Trouble {
  return {
    name: 'a lock that is not let go',
    async happen({ deployment, book }) {
      const client = new pg.Client({ connectionString: deployment.databaseUrl ?? server.url })
      await client.connect()
      await client.query('begin')
      await client.query('select 1 from tenants for update')
      await someRefused(book, LOCK_PATIENCE_MS)
      await client.query('rollback')
      await client.end()
    },
  }
}
