import { Worker } from 'node:worker_threads'
import { VaultError } from '../../../core/errors.ts'
import type { ErrorCode } from '../../../core/errors.ts'
import type { SealJob, SealProgress, Sealed } from './seal.ts'

/** What the thread says, in this order: any number of `progress`, then one of the others. */
export type FromThread =
  { progress: SealProgress } | { done: Sealed } | { failed: { code: ErrorCode | undefined; message: string } }

/** The sources run as they are, and so does what they are built to. */
const THREAD = new URL(`./seal-thread${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url)

/** `sealBackup` in a thread of its own, which ends with it. @throws as `sealBackup`. */
export async function sealInThread(job: SealJob, report: (progress: SealProgress) => void): Promise<Sealed> {
  const thread = new Worker(THREAD, { workerData: job })
  try {
    return await new Promise<Sealed>((resolve, reject) => {
      thread.on('message', (message: FromThread) => {
        if ('progress' in message) report(message.progress)
        else if ('done' in message) resolve(message.done)
        else reject(errorOf(message.failed))
      })
      thread.once('error', reject)
      thread.once('exit', () => reject(new Error('the thread that writes the backup ended by itself')))
    })
  } finally {
    await thread.terminate()
  }
}

function errorOf({ code, message }: { code: ErrorCode | undefined; message: string }): Error {
  return code === undefined ? new Error(message) : new VaultError(code, message)
}
