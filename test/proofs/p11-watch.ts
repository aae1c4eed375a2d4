import { parseId, parseTenantId, timedId } from '../../src/core/id.ts'
import { addNote } from '../../src/vault/notes.ts'
import type { Hold } from '../../src/vault/watch/hold.ts'
import type { Signal } from '../../src/vault/watch/signal.ts'
import type { Harness } from '../http/harness.ts'
import type { Estate } from './p11-estates.ts'

/** A signal about a credential, and a hold on it that is written down and stops nobody, with a reason. */
export async function makeWatched(
  { vault, store, now }: Harness,
  tenantName: string,
  of: { credentialId: string; event: string },
  reason: string,
): Promise<Pick<Estate, 'signal' | 'hold'>> {
  const tenant = parseTenantId(tenantName)!
  const { note } = await vault.keyring.tenantKeys(tenant)
  const [credential, event] = [parseId('key', of.credentialId)!, parseId('evt', of.event)!]
  const signal: Signal = {
    id: timedId('sig', vault.random, now()),
    detector: 'pace',
    code: 'pace_credential',
    figures: { persons: 90, usual: 10, limit: 80 },
    severity: 'medium',
    state: 'open',
    about: credential,
    implicated: {},
    evidence: [],
    count: 1,
    firstAt: now(),
    lastAt: now(),
    actions: [],
    hold: null,
    incident: null,
    alerts: [],
    event,
    settled: null,
    version: 1,
  }
  const hold: Hold = {
    id: timedId('hld', vault.random, now()),
    suspect: credential,
    mode: 'stop',
    signal: null,
    placedBy: credential,
    placedAt: now(),
    until: null,
    event,
    clearedAt: null,
    clearedBy: null,
    clearedEvent: null,
    version: 1,
  }
  await store.commit(tenant, [
    { type: 'signal.insert', signal },
    { type: 'risk_hold.insert', hold },
    addNote(note.primary.key, { tenant, about: event, subject: null, text: reason }, now()),
  ])
  return { signal: signal.id, hold: hold.id }
}
