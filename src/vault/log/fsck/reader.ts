import type { PartyId, ShipmentId, SubjectId, TenantId } from '../../../core/id.ts'
import type { Listed } from '../../store.ts'
import type { TenantKeyRecord } from '../../keys/tenant-key.ts'
import type { LogState } from '../log.ts'
import type { Noun } from './finding.ts'
import type { Said } from './said.ts'

/** An event's row as it lies there. Nothing in it is believed. */
export type EventRow = {
  index: number
  id: string
  at: number
  type: string
  party: string | null
  /** Whether the row names a person at all. */
  namesPerson: boolean
  /** Who that is; null also if this tenant has nobody of that number. */
  subject: SubjectId | null
  subjectSalt: Uint8Array | null
  bytes: Uint8Array
  leafHash: Uint8Array
}

/** What the log said of something: with which terms it began, and the last word since. Null: nothing. */
export type Told = { born: string | null; word: string | null }

type Held = { id: string; told: Told }

/** What the store holds of each noun, beside what the log said of it. */
export type HeldRows = {
  tenant: Held
  party: Held & { status: string }
  credential: Held & { party: PartyId | null; revoked: boolean }
  subject: Held & {
    createdAt: number
    erased: boolean
    /** All zero, as erasing leaves it; null if the row is missing. */
    keyIsZero: boolean | null
    /** What is left of a person who is said to be erased, in rows; 0 for all others, for whom nobody counts. */
    left: { data: number; liveTokens: number; liveGrants: number }
  }
  grant: Held & {
    origin: string
    subject: SubjectId | null
    party: PartyId
    purpose: string
    fields: Readonly<Record<string, string>>
    shipment: ShipmentId | null
    createdAt: number
    revokedAt: number | null
    /** Whether the log says that the person was erased. */
    personErased: boolean
  }
  shipment: Held & {
    merchant: PartyId
    order: string
    subject: SubjectId | null
    grant: string
    stage: string
    stageAt: number
    createdAt: number
  }
  session: Held & { subject: SubjectId; ended: boolean }
}

/** A page of rows: `after` and `next` are opaque. */
export type FromPage = { limit: number; after?: string }

/**
 * What the check of a whole store reads: one state of it, however long that takes, and everything in pages, so that no log
 * has to fit into memory. It writes nothing but notes of its own, which are gone with it.
 */
export type FsckReader = {
  /** What the engine finds wrong with its own files: a line each, the first hundred. */
  examineFiles(): Promise<readonly string[]>
  /** Rows whose tenant is not there, by table. */
  countStrays(): Promise<readonly { table: string; rows: number }[]>
  listTenants(): Promise<readonly TenantId[]>
  /** How many events there are of all tenants. */
  countEvents(): Promise<number>
  /** From index `from` on. */
  listEvents(tenant: TenantId, from: number, limit: number): Promise<readonly EventRow[]>
  /** Indices of events that are emptied, from `from` on. */
  listEmptied(tenant: TenantId, from: number, limit: number): Promise<readonly number[]>
  findLog(tenant: TenantId): Promise<LogState | undefined>
  findTile(tenant: TenantId, tile: { level: number; index: number }): Promise<Uint8Array | undefined>
  /** All of the tenant's tiles by name. */
  listTiles(tenant: TenantId, page: FromPage): Promise<Listed<{ level: number; index: number }>>
  listTenantKeys(tenant: TenantId): Promise<readonly TenantKeyRecord[]>
  /** Notes what an event says. A later word takes the place of an earlier one; how a thing began is kept from the first. */
  note(tenant: TenantId, said: readonly Said[]): Promise<void>
  /** The last word on a tenant's key, `<kind> <version>`. */
  findKeyWord(tenant: TenantId, key: string): Promise<string | null>
  listHeld<N extends Noun>(tenant: TenantId, noun: N, page: FromPage): Promise<Listed<HeldRows[N]>>
  /** What the log spoke of and the store does not hold. */
  listGone(tenant: TenantId, noun: Noun, page: FromPage): Promise<Listed<string>>
}
