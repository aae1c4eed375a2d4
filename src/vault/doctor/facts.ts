import type { TenantId } from '../../core/id.ts'
import type { Instant } from '../../core/time.ts'
import type { Verifier } from '../../tlog/note.ts'
import type { KeyVersion } from '../keys/versions.ts'
import type { Rotation } from '../keys/rotation.ts'
import type { Severity } from './finding.ts'

/** How far an address that is listened on can be reached from. */
export type Reach = 'loopback' | 'private' | 'everywhere'

export type SettingsFacts = {
  environment: 'development' | 'production'
  engine: 'sqlite' | 'postgres' | 'durable_object'
  /** Undefined where somebody else listens, as at the edge. */
  listens: { host: string; port: number; reach: Reach } | undefined
  /** As it was set. */
  publicUrl: string | undefined
  logName: string
  /** `not_here`: another process asks them, if there are any. */
  witnesses: { quorum: number; count: number } | 'none' | 'not_here'
  tombstones: boolean
  bootstrapKey: boolean
  /** Undefined where no mail goes out. */
  smtp: { host: string; tls: 'implicit' | 'required' | 'opportunistic' | 'none'; reach: Reach } | undefined
  /** Ranges in CIDR notation that requests may go into. */
  ownNetworks: readonly string[]
  /** Whether the way to the database is encrypted, and how far it is; undefined where there is none. */
  database: { host: string; encrypted: boolean; reach: Reach } | undefined
}

export type RootKeyFacts = {
  sealed: boolean
  /** Ids of the root keys that the data was wrapped under. */
  needed: readonly string[]
  files: readonly {
    keyId: string
    path: string
    protection: 'none' | 'argon2id' | 'shamir'
    readableByOthers: boolean
    retired: boolean
  }[]
  /** Whether the files lie inside the data folder, whose copy then opens itself. */
  besideData: boolean
}

/** A file or folder that is for its owner alone. `mode` holds the permission bits. */
export type FileFacts = {
  kind: 'data_folder' | 'key_folder' | 'database' | 'secret_file'
  path: string
  mode: number
}

export type TenantFacts = {
  tenant: TenantId
  quotaPerDay: number | null
  keys: readonly KeyVersion[]
  rotations: readonly Rotation[]
  log: {
    size: number
    lastAt: Instant | null
    /** How many events a signed checkpoint covers. */
    covered: number
    coveredAt: Instant | null
    /** How many a checkpoint with enough cosignatures covers, and when it was cosigned last. */
    cosigned: number
    cosignedAt: Instant | null
  }
}

export type VersionFacts = {
  node: string | undefined
  sqlite: string | undefined
  /** `server_version`. */
  postgres: string | undefined
  schema: 'this' | 'older' | 'newer'
}

export type LimitFacts = {
  /** Undefined where the system does not say. */
  openFiles: number | undefined
  freeDiskBytes: number | undefined
  databaseBytes: number | undefined
}

/** A published fault in a package that is installed. */
export type Advisory = {
  id: string
  name: string
  version: string
  severity: Severity
  summary: string
  /** A version without it, if one is known. */
  fixedIn: string | undefined
}

/**
 * What the checks look at, gathered beforehand. An area that cannot be looked at from where the doctor stands is absent, and
 * said to be unseen.
 */
export type Facts = {
  now: Instant
  settings?: SettingsFacts
  root_keys?: RootKeyFacts
  files?: readonly FileFacts[]
  tenants?: readonly TenantFacts[]
  /** When the newest backup was made; null where there is none. */
  backup?: { newestAt: Instant | null }
  /** How far the system's time has moved against a clock that cannot be set, since this process started. */
  clock?: { movedMs: number; overMs: number }
  versions?: VersionFacts
  limits?: LimitFacts
  law?: { staleRules: readonly string[] }
  advisories?: readonly Advisory[]
}

/** What whoever runs the vault knows beside the store: all areas but those that lie in it. */
export type Surroundings = Omit<Facts, 'tenants' | 'law'> & {
  /** Whose cosignatures count. */
  witnesses: readonly Verifier[]
}
