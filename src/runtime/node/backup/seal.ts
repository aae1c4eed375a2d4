import { createHash, createHmac } from 'node:crypto'
import type { Hash } from 'node:crypto'
import { createReadStream, existsSync } from 'node:fs'
import { open, rename, rm } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { VaultError } from '../../../core/errors.ts'
import type { Instant } from '../../../core/time.ts'
import { encrypterFor } from './age.ts'
import { END, formatHead, newestEvent } from './format.ts'
import type { Manifest } from './format.ts'
import { Unsound, inspectLogs, openAlone, requireWhole } from './inspect.ts'

/** What it takes to turn a copy of the database into a backup; all of it can be handed to another thread. */
export type SealJob = Pick<Manifest, 'madeAt' | 'rootKeyId' | 'seal' | 'tombstones'> & {
  copy: string
  target: string
  recipients: readonly string[]
  /** 32 bytes that only a holder of the root key can have (authenticity.ts). */
  sealKey: Uint8Array
}

/** Bytes of the database that are written, of so many. */
export type SealProgress = { bytes: number; of: number }

export type Sealed = {
  file: string
  /** Of the encrypted file. */
  bytes: number
  madeAt: Instant
  newestEventAt: Instant | null
  tenants: number
  events: number
  rootKeyId: string
}

const READ_BYTES = 1024 * 1024
const REPORT_EVERY_BYTES = 16 * 1024 * 1024

/**
 * Checks the copy and writes it, encrypted, to the target, which appears only whole and on disk.
 * @throws VaultError `state_conflict` where there is a file of that name, `database_unreadable` if the copy is not sound.
 */
export async function sealBackup(job: SealJob, report: (progress: SealProgress) => void): Promise<Sealed> {
  const target = resolve(job.target)
  refuseExisting(target)
  const encrypter = encrypterFor(job.recipients)
  const logs = inspectCopy(job.copy)
  const database = await digestOf(job.copy)
  const manifest: Manifest = { ...job, logs, database }
  const plain = ReadableStream.from(plaintext(job, manifest, report))
  const bytes = await writeWhole(target, await encrypter.encrypt(plain))
  return {
    file: target,
    bytes,
    madeAt: job.madeAt,
    newestEventAt: newestEvent(manifest),
    tenants: logs.length,
    events: logs.reduce((sum, { size }) => sum + size, 0),
    rootKeyId: job.rootKeyId,
  }
}

/** @throws VaultError `state_conflict` */
export function refuseExisting(target: string): void {
  if (!existsSync(target)) return
  throw new VaultError('state_conflict', `There is already a file at ${target}. It was left as it is.`)
}

/** A backup of a database that is damaged would replace the last good one. */
function inspectCopy(path: string): Manifest['logs'] {
  const client = openAlone(path)
  try {
    requireWhole(client)
    return inspectLogs(client)
  } catch (cause) {
    if (!(cause instanceof Unsound)) throw cause
    const message = `No backup was written: of the running vault, ${cause.message}.`
    throw new VaultError('database_unreadable', message, { cause })
  } finally {
    client.close()
  }
}

async function digestOf(path: string): Promise<Manifest['database']> {
  const hash = createHash('sha256')
  let bytes = 0
  for await (const chunk of chunksOf(path)) {
    hash.update(chunk)
    bytes += chunk.length
  }
  return { bytes, sha256: hash.digest('hex') }
}

function chunksOf(path: string): AsyncIterable<Buffer> {
  return createReadStream(path, { highWaterMark: READ_BYTES })
}

/** docs/backup.md: head, database, end; then the digest of all that and its seal. */
async function* plaintext(
  job: SealJob,
  manifest: Manifest,
  report: (progress: SealProgress) => void,
): AsyncGenerator<Uint8Array> {
  const hash = createHash('sha256')
  const { bytes: of } = manifest.database
  yield hashed(hash, formatHead(manifest))
  let bytes = 0
  let reported = 0
  for await (const chunk of chunksOf(job.copy)) {
    bytes += chunk.length
    yield hashed(hash, chunk)
    if (bytes - reported < REPORT_EVERY_BYTES) continue
    reported = bytes
    report({ bytes, of })
  }
  if (bytes !== of) throw new Error('the copy changed while it was read')
  yield hashed(hash, END)
  const digest = hash.digest()
  yield digest
  yield createHmac('sha256', job.sealKey).update(digest).digest()
}

function hashed(hash: Hash, bytes: Uint8Array): Uint8Array {
  hash.update(bytes)
  return bytes
}

/** Under another name until it is whole and on disk. @returns its length in bytes. */
async function writeWhole(target: string, chunks: AsyncIterable<Uint8Array>): Promise<number> {
  const part = `${target}.part`
  await rm(part, { force: true })
  const handle = await open(part, 'wx', 0o600)
  let bytes = 0
  try {
    for await (const chunk of chunks) {
      await handle.writeFile(chunk)
      bytes += chunk.length
    }
    await handle.sync()
    await handle.close()
    refuseExisting(target)
    await rename(part, target)
  } catch (error) {
    await handle.close().catch(() => undefined)
    await rm(part, { force: true })
    throw error
  }
  await syncFolder(dirname(target))
  return bytes
}

/** fsync(2): a file's own fsync says nothing of its entry in the folder. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
