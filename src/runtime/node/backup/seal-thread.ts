import { parentPort, workerData } from 'node:worker_threads'
import { isVaultError } from '../../../core/errors.ts'
import { sealBackup } from './seal.ts'
import type { SealJob } from './seal.ts'
import type { FromThread } from './in-thread.ts'

// Runs in a thread of its own: checking, hashing and encrypting take minutes of a large vault, and requests must not wait.

// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port has no origins
const say = (message: FromThread) => parentPort?.postMessage(message)

try {
  const sealed = await sealBackup(workerData as SealJob, (progress) => say({ progress }))
  say({ done: sealed })
} catch (error) {
  const message = error instanceof Error ? error.message : String(error)
  say({ failed: { code: isVaultError(error) ? error.code : undefined, message } })
}
