import type { EventId, SubjectId, TenantId } from '../../core/id.ts'
import type { Change } from '../changes.ts'
import type { Vault } from '../vault.ts'
import type { CanaryVerb } from './canary.ts'

/** An event that does not name the person whom it was about, or one of them. */
export type Unnamed = { event: EventId; subject: SubjectId }

/**
 * What is committed beside events that name nobody, or nobody but the caller's own: a note for each canary among those whom they were
 * about, which no party can see.
 */
export async function noteTouches(
  vault: Vault,
  tenant: TenantId,
  verb: CanaryVerb,
  unnamed: readonly Unnamed[],
): Promise<readonly Change[]> {
  if (unnamed.length === 0) return []
  const asked = [...new Set(unnamed.map(({ subject }) => subject))]
  const found = new Set(await vault.store.whichCanaries(tenant, asked))
  return unnamed
    .filter(({ subject }) => found.has(subject))
    .map(({ event, subject }) => ({ type: 'canary.touch', touch: { event, subject, verb } }))
}

/** The persons of these rows, as those whom one event was about. */
export function unnamedBy(
  event: EventId,
  rows: Iterable<{ person: { subject: { id: SubjectId } } }>,
): readonly Unnamed[] {
  return [...rows].map(({ person }) => ({ event, subject: person.subject.id }))
}
