import { parseId, parsePartyId, timedId } from '../../core/id.ts'
import type { IncidentId, TenantId } from '../../core/id.ts'
import type { Instant } from '../../core/time.ts'
import type { Change } from '../changes.ts'
import type { Incident, IncidentKind, Suspects } from '../incidents/incident.ts'
import { systemEvent } from '../incidents/steps.ts'
import { addNote } from '../notes.ts'
import type { Vault } from '../vault.ts'
import type { Found } from './signal.ts'

/** What an incident is, by which detector found it. */
const KINDS: Readonly<Record<string, IncidentKind>> = {
  newcomer: 'credential_leak',
  refusals: 'credential_leak',
  search: 'insider',
  canary: 'canary',
}

/** An incident that the vault opens by itself, with the suspect filled in and the signal's sentence as its title. */
export async function incidentOf(
  { vault, tenant, now, sentence }: { vault: Vault; tenant: TenantId; now: Instant; sentence: string },
  found: Found,
): Promise<{ id: IncidentId; changes: readonly Change[] }> {
  const { note } = await vault.keyring.tenantKeys(tenant)
  const id = timedId('inc', vault.random, now)
  const kind = KINDS[found.detector] ?? 'insider'
  const { id: event, append } = systemEvent(vault, tenant, now, {
    type: 'incident.opened',
    incident: id,
    code: kind,
  })
  const incident: Incident = {
    id,
    kind,
    state: 'open',
    severity: null,
    awareAt: now,
    occurredFrom: null,
    occurredTo: null,
    suspects: suspectsOf(found),
    containment: [],
    facts: {},
    clocks: [],
    counted: { at: now, persons: null, classes: [] },
    checkAt: now,
    steps: [{ step: 'opened', at: now, event, code: kind }],
    openedAt: now,
    version: 1,
  }
  const title = addNote(note.primary.key, { tenant, about: id, subject: null, text: sentence }, now)
  return { id, changes: [{ type: 'incident.insert', incident }, title, append] }
}

/** Whom the signal is about, and nobody else: whoever assesses the incident may add those whom the evidence names. */
function suspectsOf({ about }: Found): Suspects {
  const none: Suspects = { credentials: [], parties: [], operators: [], devices: [], subjects: [], keys: [] }
  if (about === null) return none
  const [credential, party] = [parseId('key', about), parsePartyId(about)]
  const [operator, device, subject] = [parseId('opr', about), parseId('dev', about), parseId('sub', about)]
  return {
    ...none,
    ...(credential && { credentials: [credential] }),
    ...(party && { parties: [party] }),
    ...(operator && { operators: [operator] }),
    ...(device && { devices: [device] }),
    ...(subject && { subjects: [subject] }),
  }
}
