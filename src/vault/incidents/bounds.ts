import { VaultError } from '../../core/errors.ts'
import { hasNoSuspects } from './incident.ts'
import type { Incident } from './incident.ts'

/** Whose leak is one of the store or of keys, rather than of somebody who looked. */
export function isOfTheStore({ kind, suspects }: Incident): boolean {
  return kind === 'copied_store' || kind === 'key_compromise' || suspects.keys.length > 0
}

/** Whether there is a question to the log at all: a copied store need not have been looked into by anybody. */
export function asksTheLog(incident: Incident): boolean {
  return !isOfTheStore(incident) || !hasNoSuspects(incident.suspects)
}

/** A question without suspects is about everybody who looked: it needs a window, or it is about all that ever was. */
export function hasBounds(incident: Incident): boolean {
  const { suspects, occurredFrom, occurredTo } = incident
  return !asksTheLog(incident) || !hasNoSuspects(suspects) || (occurredFrom !== null && occurredTo !== null)
}

/** @throws VaultError `state_conflict` */
export function requireBounds(incident: Incident): void {
  if (hasBounds(incident)) return
  throw new VaultError('state_conflict', 'Name suspects or a whole window first: assess the incident.')
}
