import { createHmac } from 'node:crypto'
import { join } from 'node:path'
import { equalBytes } from '../../../core/bytes.ts'
import { VaultError } from '../../../core/errors.ts'
import { toRfc3339 } from '../../../core/time.ts'
import type { Instant } from '../../../core/time.ts'
import { openCheckpoint, parseCheckpoint } from '../../../tlog/checkpoint.ts'
import { ed25519Signer, parseNote } from '../../../tlog/note.ts'
import type { Vault } from '../../../vault/vault.ts'
import { openVault } from '../compose.ts'
import type { Config } from '../config.ts'
import { DATABASE_FILE } from '../sqlite.ts'
import { unsealWith } from '../unseal-with.ts'
import { readIdentities } from './age.ts'
import { sealKeyFor } from './authenticity.ts'
import { invalidBackup, newestEvent } from './format.ts'
import type { LogFacts, Manifest } from './format.ts'
import { Unsound, inspectLogs, openAlone, requireWhole } from './inspect.ts'
import { readNewer } from './newer-log.ts'
import type { Newer } from './newer-log.ts'
import { peekManifest, readBackup } from './read.ts'
import type { ReadBackup } from './read.ts'
import { replay, requireEnded } from './replay.ts'
import type { Replayed } from './replay.ts'
import { takeFolder } from './restore-folder.ts'
import { withoutRetiredBefore } from './retired-before.ts'

export type RestoreOrder = {
  file: string
  identityFile: string
  folder: string
  /** Files of tombstones, by path or URL, and folders of the vault that was lost. */
  newerLogs: readonly string[]
  /** Restore although what ended after the backup is not, or not wholly, known. */
  acceptLoss: boolean
  /** Files with a share each, for a root key in shares. */
  shareFiles: readonly string[]
}

export type Restored = {
  manifest: Manifest
  newer: readonly Newer[]
  replayed: Replayed
  /** How much time of the log is lost, as far as anything given knows; null where nothing newer was given. */
  lostMs: number | null
  newestBackedUp: Instant | null
  newestKnown: Instant | null
}

/**
 * Makes a data folder of a backup: everything is verified, and what ended after it is ended again, before a service could open
 * it. After a failure the folder is as empty as it was.
 * @param config where the root key is; its data folder and database are not looked at.
 * @throws VaultError `folder_not_empty`, `data_folder_in_use`, `backup_invalid`, `log_damaged`, `root_key_wrong`,
 *   `share_invalid`, `shares_missing`, `invalid_request` if what ended after the backup is not known and no loss is accepted.
 */
export async function restoreBackup(config: Config, order: RestoreOrder): Promise<Restored> {
  const identities = await readIdentities(order.identityFile)
  const folder = await takeFolder(order.folder)
  try {
    if (order.newerLogs.length === 0 && !order.acceptLoss) {
      throw lossNotAccepted(await peekManifest(order.file, identities))
    }
    const database = join(folder.work, DATABASE_FILE)
    const read = await readBackup(order.file, identities, database)
    inspectRestored(database, read.manifest)
    const restored = await bringUpToDate(
      { ...config, dataFolder: folder.work, databaseUrl: undefined },
      order,
      read,
    )
    await folder.publish()
    return restored
  } catch (error) {
    await folder.clear()
    throw error
  } finally {
    folder.release()
  }
}

function lossNotAccepted(manifest: Manifest): VaultError {
  return new VaultError(
    'invalid_request',
    `${unknownSince(manifest)} Give what is newer with --newer-log, or say --accept-loss.`,
  )
}

/** The line that says which erasures cannot be known. */
export function unknownSince(manifest: Manifest): string {
  const since = newestEvent(manifest) ?? manifest.madeAt
  return `What was erased or revoked after ${toRfc3339(since)} is not known: it would be served again.`
}

/** Integrity, schema and the whole of every log, against the manifest. @throws VaultError `backup_invalid` */
function inspectRestored(path: string, manifest: Manifest): void {
  try {
    const client = openAlone(path)
    try {
      requireWhole(client)
      requireSameLogs(inspectLogs(client), manifest.logs)
    } finally {
      client.close()
    }
  } catch (cause) {
    throw invalidBackup(cause instanceof Unsound ? cause.message : 'its database cannot be read', cause)
  }
}

function requireSameLogs(found: readonly LogFacts[], said: readonly LogFacts[]): void {
  // Both are in the order of the tenants' numbers, and made by the same function.
  if (found.length === 0) throw new Unsound('it holds no tenant')
  if (JSON.stringify(found) !== JSON.stringify(said)) {
    throw new Unsound('its logs are not those that its manifest says')
  }
}

async function bringUpToDate(config: Config, order: RestoreOrder, read: ReadBackup): Promise<Restored> {
  const { manifest } = read
  const opened = await openVault(config, { maySeal: order.shareFiles.length > 0 })
  try {
    const { vault } = opened
    await unsealWith(opened.keys, order.shareFiles)
    await requireOurs(vault, read)
    await requireSigned(vault, manifest.logs)
    const newer: Newer[] = []
    for (const source of order.newerLogs)
      newer.push(await readNewer(source, { vault, manifest }, config.dataFolder))
    requireNoGap(newer, order, manifest)
    const found = newer.flatMap((one) => one.tombstones)
    const tombstones = await withoutRetiredBefore(vault, manifest, found)
    const replayed = await replay(vault, tombstones)
    await requireEnded(vault, tombstones)
    return { manifest, newer, replayed, ...lossOf(manifest, newer) }
  } finally {
    await opened.close()
  }
}

/** The seal was made by somebody who had the root key. @throws VaultError `backup_invalid` */
async function requireOurs(vault: Vault, { manifest, digest, seal }: ReadBackup): Promise<void> {
  const key = await sealKeyFor(vault, manifest.seal, 'cloakroom/backup')
  if (equalBytes(createHmac('sha256', key).update(digest).digest(), seal)) return
  throw invalidBackup('it was not made by a vault with this root key, or was changed since')
}

/** @throws VaultError `backup_invalid` unless each checkpoint is signed by its log's own key. */
async function requireSigned(vault: Vault, logs: readonly LogFacts[]): Promise<void> {
  for (const { tenant, checkpoint } of logs) {
    if (checkpoint === null) continue
    const origin = parseCheckpoint(parseNote(checkpoint)?.text ?? '')?.origin ?? ''
    const { log } = await vault.keyring.tenantKeys(tenant)
    const isSigned = log.all.some(({ key }) => {
      const { verifier } = ed25519Signer(origin, 1, key.material.exposeSecret())
      return openCheckpoint(checkpoint, verifier) !== undefined
    })
    if (!isSigned) throw invalidBackup(`the checkpoint of ${tenant} is not signed by its log's key`)
  }
}

/** One source that knows everything is enough. */
function requireNoGap(newer: readonly Newer[], order: RestoreOrder, manifest: Manifest): void {
  if (order.acceptLoss || newer.some(({ gap }) => gap === undefined)) return
  const gaps = newer.map(({ from, gap }) => `${from}: ${gap}.`).join(' ')
  throw new VaultError(
    'invalid_request',
    `${gaps} ${unknownSince(manifest)} To restore nevertheless, say --accept-loss.`,
  )
}

function lossOf(manifest: Manifest, newer: readonly Newer[]) {
  const newestBackedUp = newestEvent(manifest)
  const times = newer.map(({ newestAt }) => newestAt).filter((at) => at !== null)
  const newestKnown = times.reduce<Instant | null>(
    (latest, at) => (latest === null || at > latest ? at : latest),
    null,
  )
  const since = newestBackedUp ?? manifest.madeAt
  const lostMs = newestKnown === null ? null : Math.max(0, newestKnown - since)
  return { lostMs, newestBackedUp, newestKnown }
}
