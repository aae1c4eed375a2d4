import { concat, fromUtf8, toHex, utf8 } from '../../../core/bytes.ts'
import type { Bytes } from '../../../core/bytes.ts'
import { VaultError } from '../../../core/errors.ts'
import { parseTenantId } from '../../../core/id.ts'
import type { TenantId } from '../../../core/id.ts'
import { parseRfc3339, toRfc3339 } from '../../../core/time.ts'
import type { Instant } from '../../../core/time.ts'

/** What stands inside age (docs/backup.md): magic, manifest, database, end. */
export const MAGIC = utf8('cloakroom-backup/1\n')
export const END = utf8('cloakroom-backup-end/1\n')
export const DIGEST_BYTES = 32
const FORMAT = 1
const LENGTH_BYTES = 4

/** A tenant takes some 500 bytes, its checkpoint included: room for a hundred thousand of them. */
export const MAX_MANIFEST_BYTES = 64 * 1024 * 1024

/** One tenant's log as the backup has it. */
export type LogFacts = {
  tenant: TenantId
  size: number
  /** RFC 6962 root over its leaves, lower-case hex. */
  root: string
  newestAt: Instant | null
  /** The newest signed checkpoint that the database holds; null before the first. */
  checkpoint: string | null
}

export type Manifest = {
  /** When the copy was complete: all that was acknowledged before is in it. */
  madeAt: Instant
  /** Which root key the tenants' keys are wrapped under. It is not in the backup. */
  rootKeyId: string
  /** Whose note key the end is sealed under, and which version of it. */
  seal: { tenant: TenantId; keyVersion: number }
  logs: readonly LogFacts[]
  database: { bytes: number; sha256: string }
  /** How far the file of tombstones had come; null where the service keeps none. */
  tombstones: { id: string; lines: number } | null
}

/** When anything was last logged by any tenant; null for a vault without events. */
export function newestEvent({ logs }: Pick<Manifest, 'logs'>): Instant | null {
  return logs.reduce<Instant | null>((newest, { newestAt }) => {
    if (newestAt === null) return newest
    return newest === null || newestAt > newest ? newestAt : newest
  }, null)
}

/** Everything before the database's bytes. */
export function formatHead(manifest: Manifest): Bytes {
  const text = utf8(JSON.stringify(toJson(manifest)))
  const length = new Uint8Array(LENGTH_BYTES)
  new DataView(length.buffer).setUint32(0, text.length)
  return concat(MAGIC, length, text)
}

function toJson({ madeAt, rootKeyId, seal, logs, database, tombstones }: Manifest) {
  return {
    format: FORMAT,
    made_at: toRfc3339(madeAt),
    root_key_id: rootKeyId,
    seal: { tenant: seal.tenant, key_version: seal.keyVersion },
    logs: logs.map(({ tenant, size, root, newestAt, checkpoint }) => ({
      tenant,
      size,
      root,
      newest_at: newestAt === null ? null : toRfc3339(newestAt),
      checkpoint,
    })),
    database,
    tombstones,
  }
}

/** @throws VaultError `backup_invalid` for a length that no manifest has. */
export function manifestLength(bytes: Uint8Array): number {
  const length = new DataView(bytes.buffer, bytes.byteOffset, LENGTH_BYTES).getUint32(0)
  if (length === 0 || length > MAX_MANIFEST_BYTES) throw invalidBackup('the manifest has no possible length')
  return length
}

export const HEAD_START_BYTES = MAGIC.length + LENGTH_BYTES

/** @throws VaultError `backup_invalid` for anything that `formatHead` does not write. */
export function parseManifest(bytes: Uint8Array): Manifest {
  try {
    const json = JSON.parse(fromUtf8(bytes)) as ReturnType<typeof toJson>
    if (json.format !== FORMAT) throw new TypeError(`format ${String(json.format)}`)
    return {
      madeAt: momentOf(json.made_at),
      rootKeyId: textOf(json.root_key_id),
      seal: { tenant: tenantOf(json.seal.tenant), keyVersion: countOf(json.seal.key_version) },
      logs: json.logs.map(parseLog),
      database: { bytes: countOf(json.database.bytes), sha256: hexOf(json.database.sha256) },
      tombstones: json.tombstones && {
        id: textOf(json.tombstones.id),
        lines: countOf(json.tombstones.lines),
      },
    }
  } catch (cause) {
    throw invalidBackup('its manifest cannot be read', cause)
  }
}

function parseLog(log: ReturnType<typeof toJson>['logs'][number]): LogFacts {
  return {
    tenant: tenantOf(log.tenant),
    size: countOf(log.size),
    root: hexOf(log.root),
    newestAt: log.newest_at === null ? null : momentOf(log.newest_at),
    checkpoint: log.checkpoint === null ? null : textOf(log.checkpoint),
  }
}

function textOf(value: unknown): string {
  if (typeof value !== 'string') throw new TypeError('not a text')
  return value
}

function countOf(value: unknown): number {
  if (!Number.isSafeInteger(value) || Number(value) < 0) throw new TypeError('not a count')
  return Number(value)
}

function hexOf(value: unknown): string {
  if (typeof value !== 'string' || !/^[0-9a-f]{64}$/.test(value)) throw new TypeError('not a digest')
  return value
}

function momentOf(value: unknown): Instant {
  const at = parseRfc3339(textOf(value))
  if (at === undefined) throw new TypeError('not a time')
  return at
}

function tenantOf(value: unknown): TenantId {
  const tenant = parseTenantId(textOf(value))
  if (tenant === undefined) throw new TypeError('not a tenant')
  return tenant
}

/** @param why what is wrong with it, as the end of a sentence. */
export function invalidBackup(why: string, cause?: unknown): VaultError {
  return new VaultError('backup_invalid', `This backup is not used: ${why}. Nothing was restored.`, { cause })
}

export function hexOfDigest(digest: Uint8Array): string {
  return toHex(digest)
}
