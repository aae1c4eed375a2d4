import type { Instant } from '../../../core/time.ts'
import type { IncidentKind } from '../../../vault/incidents/incident.ts'

/** The kinds that a drill can make up an incident of. */
export const DRILL_KINDS = ['credential_leak', 'insider', 'lost_handheld', 'copied_store'] as const
export type DrillKind = Extract<IncidentKind, (typeof DRILL_KINDS)[number]>

/** As `POST /v1/incidents` takes them. */
export type Suspects = {
  credentials?: readonly string[]
  parties?: readonly string[]
  operators?: readonly string[]
  devices?: readonly string[]
  subjects?: readonly string[]
  key_versions?: readonly ({ kind: 'wrap'; version: number } | { kind: 'root' })[]
}

/** Whom a real vault's drill is about. */
export type RealCase = {
  folder: string
  /** May be left out where there is but one. */
  tenant: string | undefined
  suspects: Suspects
  from: Instant | undefined
  to: Instant | undefined
  /** Files with a share each, for a root key in shares. */
  shareFiles: readonly string[]
}

export type DrillOrder = {
  kind: DrillKind
  /** When somebody noticed; undefined for now. */
  aware: Instant | undefined
  /** An empty or new folder for report and letters; undefined to keep nothing. */
  out: string | undefined
  /** Made-up persons, or a copy of somebody's own vault. */
  on: { persons: number } | RealCase
}

/** One step as it is told: what was done, how long the vault took, and what came of it. Nobody's data is in it. */
export type Told = {
  title: string
  ms: number
  says: readonly string[]
  /** The first row is its head. */
  table?: readonly (readonly string[])[]
}

export type Tell = (told: Told) => void
