import { Worker } from 'node:worker_threads'
import { VaultError } from '../../../core/errors.ts'
import { SECOND_MS } from '../../../core/time.ts'
import type { ReportDocument } from '../../../vault/incidents/report/blocks.ts'
import type { PrintPdf } from '../../../vault/incidents/report/print.ts'

/** As it stands, or as it was built. */
const THREAD = new URL(`./thread.${import.meta.url.endsWith('.ts') ? 'ts' : 'js'}`, import.meta.url)

/** Some seconds are much for a long report; what takes longer has gone wrong. */
const MAX_MS = 60 * SECOND_MS
const MAX_HEAP_MB = 512

let last: Promise<unknown> = Promise.resolve()

/**
 * On a thread of its own, so that nobody else’s request waits for it; one at a time, so that many who ask do not fill the memory.
 * @throws VaultError `unavailable` where it takes too long or too much.
 */
export const printPdf: PrintPdf = (document) => {
  const printed = last.then(() => printOnThread(document))
  last = printed.catch(() => undefined)
  return printed
}

function printOnThread(document: ReportDocument): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(THREAD, {
      workerData: document,
      resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MB },
    })
    const fail = (detail: string, cause?: unknown) =>
      reject(new VaultError('unavailable', 'The PDF could not be made; HTML can.', { detail, cause }))
    const timer = setTimeout(() => {
      fail(`not printed after ${MAX_MS} ms`)
      void worker.terminate()
    }, MAX_MS)
    worker.once('message', resolve)
    worker.once('error', (error) => fail('the printing thread failed', error))
    worker.once('exit', (code) => {
      clearTimeout(timer)
      // After an answer this changes nothing.
      fail(`the printing thread ended with ${code}`)
    })
  })
}
