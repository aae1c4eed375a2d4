import type { Instant } from '../../core/time.ts'

/**
 * A tenant's log as far as its tree is made and signed. Events that came after it have their places already and are covered
 * by the next checkpoint, within a second.
 */
export type LogState = {
  /** The first line of each checkpoint. Chosen with the first one and never changed: a log is known by it. */
  origin: string
  /** How many leaves the checkpoint covers. */
  size: number
  root: Uint8Array
  /** The newest checkpoint, a signed note. */
  checkpoint: string
  madeAt: Instant
  /** The newest checkpoint that enough witnesses have cosigned, with their lines; null before the first. */
  cosigned: { size: number; note: string } | null
}

/** What a tile holds now: 32 bytes for each of its hashes, 1 to 256 of them. It only grows, at its end. */
export type StoredTile = { level: number; index: number; bytes: Uint8Array }
