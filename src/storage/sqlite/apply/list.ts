import { VaultError } from '../../../core/errors.ts'
import type { SubjectId } from '../../../core/id.ts'

/** What the changes of one commit list share while they are applied. */
export type ListContext = {
  /** The tenant's number; of a tenant that this very list inserts, set by that change. */
  tenant: number
  /** Persons met in this list: a person's fields, tokens and grants come together. */
  readonly persons: Map<SubjectId, number>
  /** How many events each tenant's log has, as far as this transaction has looked. */
  readonly logSizes: LogSizes
  /** Whether anything that a yes may rest on has moved since the list's reads: if not, its expectations hold. */
  readonly unmoved: boolean
}

/** By tenant's number. Shared by lists that stand or fall together, as none of them leaves a gap for another. */
export type LogSizes = Map<number, number>

/** @throws VaultError `conflict` unless the guarded statement did something. */
export function must(done: unknown): void {
  if (done === undefined) throw conflict()
}

export function conflict(cause?: unknown): VaultError {
  return new VaultError('conflict', 'Something this call rested on has changed meanwhile.', { cause })
}
