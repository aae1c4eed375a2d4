import type { EventId, MerchantId, SubjectId } from '../../core/id.ts'
import type { Instant } from '../../core/time.ts'

/**
 * A person whom the platform made up. Nothing of the person's own rows says so: the mark lies in a table of its own, which no
 * answer to a party is made from.
 */
export type Canary = {
  subject: SubjectId
  /** The shop that it was planted with. */
  party: MerchantId
  plantedAt: Instant
  /** From then on touches raise nothing. */
  retiredAt: Instant | null
  touches: number
  touchedAt: Instant | null
}

/** What can be done to a canary: part of the HTTP contract. */
export const CANARY_VERBS = [
  'reveal',
  'mask',
  'search',
  'compare',
  'validate',
  'label',
  'move',
  'view',
  'grant',
  'mail',
] as const
export type CanaryVerb = (typeof CANARY_VERBS)[number]

/** A touch by a call whose event names nobody: noted in the commit of that event. */
export type NotedTouch = { event: EventId; subject: SubjectId; verb: CanaryVerb }

/** An event about a canary, as the log has it. */
export type CanaryEvent = { index: number; id: EventId; subject: SubjectId; bytes: Uint8Array }
