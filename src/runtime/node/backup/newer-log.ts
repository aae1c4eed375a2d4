import Database from 'better-sqlite3'
import { copyFile, readFile, stat } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { toHex } from '../../../core/bytes.ts'
import { VaultError } from '../../../core/errors.ts'
import type { TenantId } from '../../../core/id.ts'
import { SECOND_MS, instant, parseRfc3339 } from '../../../core/time.ts'
import type { Instant } from '../../../core/time.ts'
import { readLeaf } from '../../../vault/audit/event.ts'
import type { Vault } from '../../../vault/vault.ts'
import { DATABASE_FILE } from '../sqlite.ts'
import { sealKeyFor } from './authenticity.ts'
import type { Manifest } from './format.ts'
import { newestEvent } from './format.ts'
import { Unsound, inspectLogs } from './inspect.ts'
import type { OnEvent } from './inspect.ts'
import { newestIn } from './keep-tombstones.ts'
import { fromJson, tombstoneOf } from './tombstone.ts'
import type { Said, Tombstone } from './tombstone.ts'
import { readLines } from './tombstone-lines.ts'

/** What is known of the time after a backup. */
export type Newer = {
  from: string
  tombstones: readonly Tombstone[]
  /** When the newest event that it knows of was made; null if it knows of none. */
  newestAt: Instant | null
  /** Undefined if it knows everything that ended; else why not, as the end of a sentence. */
  gap: string | undefined
}

/** A few hundred bytes a line: a million of them. */
const MAX_DOWNLOAD_BYTES = 512 * 1024 * 1024
const DOWNLOAD_TIMEOUT_MS = 60 * SECOND_MS

/**
 * A file of tombstones, by path or URL, or the folder that was lost, as far as it can be read.
 * @param workFolder where a copy of a database may lie.
 * @throws VaultError `log_damaged`, `invalid_request`
 */
export async function readNewer(
  source: string,
  restored: { vault: Vault; manifest: Manifest },
  workFolder: string,
): Promise<Newer> {
  if (/^https?:\/\//.test(source)) return readTombstones(source, await download(source), restored)
  const stats = await stat(source).catch((cause: unknown) => {
    throw new VaultError('invalid_request', `There is nothing to read at ${source}.`, { cause })
  })
  if (stats.isDirectory()) return readLostFolder(source, restored.manifest, workFolder)
  return readTombstones(source, await readFile(source), restored)
}

async function download(url: string): Promise<Uint8Array> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(DOWNLOAD_TIMEOUT_MS), redirect: 'error' })
    if (!response.ok || !response.body) throw new Error(`answered ${response.status}`)
    const chunks: Uint8Array[] = []
    let bytes = 0
    for await (const chunk of response.body) {
      chunks.push(chunk)
      bytes += chunk.length
      if (bytes > MAX_DOWNLOAD_BYTES) throw new Error('too long')
    }
    return Buffer.concat(chunks)
  } catch (cause) {
    throw new VaultError('invalid_request', `${url} could not be fetched.`, { cause })
  }
}

async function readTombstones(
  from: string,
  bytes: Uint8Array,
  { vault, manifest }: { vault: Vault; manifest: Manifest },
): Promise<Newer> {
  const read = await readLines(bytes, (header) => sealKeyFor(vault, header, 'cloakroom/tombstones'))
  if (!read) throw new VaultError('log_damaged', `${from} is empty: no file of tombstones.`)
  const newest = read.lines.reduce((latest, line) => Math.max(latest, newestIn(line) ?? 0), 0)
  return {
    from,
    tombstones: read.lines.map(fromJson).filter((one) => one !== undefined),
    newestAt: newest === 0 ? null : instant(newest),
    gap: gapOf(read.header.id, read.lines.length, manifest),
  }
}

/** The backup knows which file there was and how far it had come: a shorter one is an old copy, or was cut. */
function gapOf(id: string, lines: number, { tombstones }: Manifest): string | undefined {
  if (tombstones === null) return 'the vault kept no file of tombstones when the backup was made'
  if (tombstones.id !== id) return 'the vault kept another file of tombstones when the backup was made'
  if (lines < tombstones.lines)
    return `it has ${lines} lines, and had ${tombstones.lines} when the backup was made`
  return undefined
}

/** Reads copies: what is left of a vault is evidence, and opening a database writes. */
async function readLostFolder(source: string, manifest: Manifest, workFolder: string): Promise<Newer> {
  const copy = join(workFolder, 'lost.sqlite')
  const database = join(source, DATABASE_FILE)
  if (!existsSync(database))
    throw new VaultError('invalid_request', `There is no ${DATABASE_FILE} in ${source}.`)
  await copyFile(database, copy)
  if (existsSync(`${database}-wal`)) await copyFile(`${database}-wal`, `${copy}-wal`)
  const found: Found = { tombstones: [], newestAt: 0, joined: new Set(), emptied: 0 }
  const gap = readDatabase(copy, manifest, found)
  const { tombstones, newestAt } = found
  return { from: source, tombstones, newestAt: newestAt === 0 ? null : instant(newestAt), gap }
}

type Found = {
  tombstones: Tombstone[]
  newestAt: number
  joined: Set<TenantId>
  /** Events after the backup that retention has emptied since. */
  emptied: number
}

/** @returns why it may not be all, as the end of a sentence. */
function readDatabase(path: string, manifest: Manifest, found: Found): string | undefined {
  let client: Database.Database | undefined
  try {
    client = new Database(path, { timeout: 0 })
    client.pragma('locking_mode = EXCLUSIVE')
    const logs = inspectLogs(client, collect(manifest, found))
    const newest = newestEvent({ logs })
    found.newestAt = Math.max(found.newestAt, newest ?? 0)
    const missing = manifest.logs.find(({ tenant, size }) => size > 0 && !found.joined.has(tenant))
    const lengths = new Map(logs.map(({ tenant, size, root }) => [tenant, { size, root }]))
    for (const { tenant, size, root } of manifest.logs) {
      const there = lengths.get(tenant)
      if (there?.size === size && there.root === root) found.joined.add(tenant)
    }
    if (missing && !found.joined.has(missing.tenant))
      return `the log of ${missing.tenant} does not go on from the backup's`
    if (found.emptied > 0)
      return `retention has emptied ${found.emptied} events since the backup, and what they ended is not known`
    return undefined
  } catch (error) {
    if (error instanceof Unsound) return error.message
    if (error instanceof Database.SqliteError) return `its database is damaged (${error.code})`
    throw error
  } finally {
    client?.close()
  }
}

/** Takes what comes after the backup's last event, once the log up to there was seen to be the backup's own. */
function collect(manifest: Manifest, found: Found): OnEvent {
  const backed = new Map(manifest.logs.map((log) => [log.tenant as string, log]))
  return ({ tenant, root }, { index, bytes, subject }) => {
    const log = backed.get(tenant)
    if (!log || index < log.size) return
    if (index === log.size) {
      if (toHex(root.root()) !== log.root)
        throw new Unsound(`the log of ${tenant} is not the one that was backed up`)
      found.joined.add(log.tenant)
    }
    if (bytes.length === 0) {
      found.emptied += 1
      return
    }
    const leaf = readLeaf(bytes)
    const at = parseRfc3339(String(leaf['at']))
    if (at === undefined) throw new Unsound(`event ${index} of ${tenant} has no time`)
    found.newestAt = Math.max(found.newestAt, at)
    const tombstone = tombstoneOf(log.tenant, { ...(leaf as Said), at, subject })
    if (tombstone) found.tombstones.push(tombstone)
  }
}
