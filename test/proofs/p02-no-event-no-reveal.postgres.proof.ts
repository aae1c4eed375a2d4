import { ServerProcess } from '../postgres/server-process.ts'
import { figuresOf } from './p02-no-event-no-reveal.proof.ts'
import type { Size } from './p02-no-event-no-reveal.proof.ts'
import { SmallDisk } from './p02-p03-faults.ts'
import { connectionsCut, databaseKilled, diskFull, readOnly, rowLocked } from './p02-postgres-troubles.ts'
import { KILL, provoke } from './p02-provoked.ts'
import type { Trouble } from './p02-provoked.ts'
import { onServer } from './postgres-deployment.ts'
import type { ProofReport } from './report.ts'
import { CLOAKROOM, broken } from './service-process.ts'

// P2 over two nodes on one PostgreSQL: they are killed, and so is the database, which fails in every way that it has.

const DISK_MB = 1_024
/** What it keeps for itself must not fill the disk by itself. */
const FLAGS = ['-c', 'max_wal_size=64MB', '-c', 'min_wal_size=32MB']

const CONTROL_PATIENCE_MS = 200

export function short(): Promise<ProofReport> {
  const size = { reveals: 1_400, people: 10, lanes: 16, revealsATrouble: 200 }
  return onOwnServer(size, { program: broken('p02-impatient-service.ts'), missing: 'skipped' })
}

export function full(): Promise<ProofReport> {
  const size = { reveals: 100_000, people: 200, lanes: 32, revealsATrouble: 800 }
  return onOwnServer(size, { program: CLOAKROOM, missing: 'failure' })
}

type How = {
  program: readonly string[]
  /** What it is when a fault cannot be made on this machine. */
  missing: 'skipped' | 'failure'
}

async function onOwnServer(size: Size, how: How): Promise<ProofReport> {
  const disk = SmallDisk.mount(DISK_MB)
  const server = await ServerProcess.make({ flags: FLAGS, ...(disk && { parent: disk.folder }) })
  try {
    await server.start()
    return await prove(size, how, server, disk)
  } finally {
    await server.kill()
    server.discard()
    disk?.unmount()
  }
}

async function prove(
  size: Size,
  { program, missing }: How,
  server: ServerProcess,
  disk: SmallDisk | undefined,
): Promise<ProofReport> {
  const troubles: Trouble[] = [KILL, databaseKilled(server), readOnly(server), connectionsCut(server)]
  troubles.push(rowLocked(server), ...(disk ? [diskFull(server, disk)] : []))
  const leftOut = disk ? [] : ['a full disk: mounting is not allowed here']
  const deploy = onServer(server)
  const run = await provoke({ ...size, deploy, program, troubles })
  const control = await provoke({
    deploy,
    program: broken('p02-early-service.ts'),
    reveals: 300,
    people: 10,
    lanes: size.lanes,
    troubles: [databaseKilled(server, CONTROL_PATIENCE_MS)],
    revealsATrouble: 100,
  })
  return {
    figures: {
      nodes: 2,
      'troubles of these kinds': troubles.map(({ name }) => name).join(', '),
      ...(leftOut.length > 0 && { skipped: leftOut.join('; ') }),
      ...figuresOf([run]),
    },
    failures: [...run.failures, ...(missing === 'failure' ? leftOut : [])],
    control: { broken: 'an answer before the commit', found: control.bytesWithoutEvent },
  }
}
