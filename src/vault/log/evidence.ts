import { toBase64, toHex } from '../../core/bytes.ts'
import type { EventId, SubjectId, TenantId } from '../../core/id.ts'
import { toRfc3339 } from '../../core/time.ts'
import { formatVerifier } from '../../tlog/note.ts'
import { signStatement } from '../../tlog/statement.ts'
import { inclusionProofs } from '../../tlog/tree.ts'
import type { StoredEvent } from '../audit/event.ts'
import { expectCaller, record } from '../audit/record.ts'
import type { PersonCaller, PlatformCaller } from '../principals/principal.ts'
import { commitPlan, notFound } from '../transact.ts'
import type { Vault } from '../vault.ts'
import { integrateLog } from './integrate.ts'
import { coveringCheckpoint } from './proofs.ts'
import { logSigners } from './signer.ts'
import { tileReader } from './tiles.ts'

const EVENTS_A_PAGE = 1_000

/**
 * Everything that the log holds of one person, so that it can be checked without trusting whoever hands it over: leaves with
 * their proofs against one checkpoint, and the log's signed statement of how many there are and which. Who drops a row has to
 * change the statement and cannot; an operator that leaves one out signs something that the row itself disproves later.
 */
export type Evidence = {
  cloakroom: 'evidence'
  version: 1
  tenant: TenantId
  subject: SubjectId
  made_at: string
  /** The log's verifier key. A checker compares it with the one that it got elsewhere. */
  vkey: string
  checkpoint: string
  /** c2sp.org/signed-note over the list of entries (docs/log.md, "Evidence"). */
  statement: string
  entries: readonly EvidenceEntry[]
}

export type EvidenceEntry = {
  event: EventId
  index: number
  /** Base64 of the canonical bytes. */
  leaf: string
  /** Hex: with the subject's id it gives the commitment in the leaf. */
  subject_salt: string
  /** Base64 of each hash, from the leaf's sibling up. */
  proof: readonly string[]
}

/** @throws VaultError `not_found`; of an erased person the platform can still ask. */
export async function evidenceOf(
  vault: Vault,
  caller: PlatformCaller | PersonCaller,
  subject: SubjectId,
): Promise<Evidence> {
  await noteExport(vault, caller, subject)
  // What was asked for includes the asking.
  const { tenant } = caller
  await integrateLog(vault, tenant)
  const log = await vault.store.findLog(tenant)
  // Where witnesses lag behind, what is newest is worth more than their lines.
  const covering = log && coveringCheckpoint(log, log.size - 1)
  if (!log || !covering) throw notFound('log')
  const events = await eventsOf(vault, tenant, subject, covering.size)
  const proofs = await inclusionProofs(
    events.map(({ index }) => index),
    covering.size,
    tileReader(vault.store, tenant),
  )
  const entries = events.map((event, i) => entryOf(event, proofs[i] ?? []))
  const signers = await logSigners(vault, tenant, log.origin)
  const statement = await signStatement(
    { subject, size: covering.size, leafHashes: events.map(({ leafHash }) => leafHash) },
    ...signers,
  )
  return {
    cloakroom: 'evidence',
    version: 1,
    tenant,
    subject,
    made_at: toRfc3339(vault.clock.now()),
    vkey: formatVerifier(signers[0].verifier),
    checkpoint: covering.note,
    statement,
    entries,
  }
}

/** Handing it out is an access like any other: it is in the log first. */
async function noteExport(
  vault: Vault,
  caller: PlatformCaller | PersonCaller,
  subject: SubjectId,
): Promise<void> {
  await commitPlan(vault, { caller }, async () => {
    const person = await vault.store.findPerson(caller.tenant, subject)
    const gone = caller.kind === 'person' && person?.subject.state === 'erased'
    if (!person || gone) throw notFound('person')
    const details = { type: 'evidence.given', decision: 'allowed', subject } as const
    const { append } = record(vault, caller, vault.clock.now(), details)
    return { changes: [expectCaller(caller), append], result: null }
  })
}

async function eventsOf(
  vault: Vault,
  tenant: TenantId,
  subject: SubjectId,
  size: number,
): Promise<readonly StoredEvent[]> {
  const events: StoredEvent[] = []
  for (let after: string | null | undefined; after !== null;) {
    const page = { limit: EVENTS_A_PAGE, ...(after && { after }) }
    const listed = await vault.store.listEvents(tenant, { subject, order: 'oldest' }, page)
    events.push(...listed.rows.filter(({ index }) => index < size))
    after = listed.next
  }
  return events
}

function entryOf(
  { id, index, bytes, subjectSalt }: StoredEvent,
  hashes: readonly Uint8Array[],
): EvidenceEntry {
  return {
    event: id,
    index,
    leaf: toBase64(bytes),
    subject_salt: toHex(subjectSalt ?? new Uint8Array()),
    proof: hashes.map(toBase64),
  }
}
