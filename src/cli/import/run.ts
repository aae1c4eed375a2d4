import { batchesOf } from './batch.ts'
import type { Batch } from './batch.ts'
import { decodeFile } from './decode.ts'
import type { Format } from './format.ts'
import { inOrder } from './in-order.ts'
import { identify } from './journal.ts'
import type { Job, Progress } from './journal.ts'
import type { Service } from './post.ts'
import { openExport } from './read-orders.ts'
import { readRows } from './read-rows.ts'
import { Results } from './results.ts'
import type { Paths } from './results.ts'
import { sendOrders } from './send.ts'
import type { Terms } from './send.ts'

/** Enough that the service never waits for this side's disk; few enough that a resume repeats little. */
const BATCHES_UNDER_WAY = 3

export type ImportJob = {
  file: string
  format: Format
  paths: Paths
  terms: Terms
  overwrite: boolean
  service: Omit<Service, 'runId'>
}

/** Called as things come: bytes of the export, and how far the outputs are. */
export type Watcher = {
  started: (totalBytes: number, from: Progress) => void
  read: (bytes: number) => void
  written: (progress: Progress) => void
}

async function jobOf({ file, format, terms, service }: ImportJob): Promise<Job> {
  return { ...(await identify(file)), format: format.name, url: service.url, ...terms }
}

/**
 * Reads, asks, writes. The whole file is read also on a resume: which recipient an order shares, and whether its number
 * stood before, is known only from what comes ahead of it.
 */
export async function runImport(job: ImportJob, watch: Watcher): Promise<Progress> {
  const { file, format, terms } = job
  const identity = await jobOf(job)
  const text = decodeFile(file, format.encoding, watch.read)
  const { columns, entries } = await openExport(readRows(text), format)
  await using results = await Results.open(job.paths, identity, job.overwrite)
  watch.started(identity.size, results.progress)
  await results.writeHeaders({ columns, markRejects: format.encoding !== 'utf-8' })

  const service: Service = { ...job.service, runId: results.runId }
  const send = async (batch: Batch) => ({ batch, outcomes: await sendOrders(service, terms, batch.orders) })
  const answered = inOrder(batchesOf(entries, results.progress.done), BATCHES_UNDER_WAY, send)
  for await (const { batch, outcomes } of answered) {
    await results.write(batch, outcomes, columns.length)
    watch.written(results.progress)
  }
  await results.finish()
  return results.progress
}
