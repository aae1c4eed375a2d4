import { VaultError } from '../../core/errors.ts'
import type { SubjectId } from '../../core/id.ts'
import { expectCaller, record } from '../audit/record.ts'
import type { Change } from '../changes.ts'
import { isFieldName, parsePerson } from '../fields/registry.ts'
import type { FieldName } from '../fields/registry.ts'
import type { FieldValue } from '../fields/field-type.ts'
import type { PersonCaller, PlatformCaller } from '../principals/principal.ts'
import { notFound, transact } from '../transact.ts'
import type { Call, Plan } from '../transact.ts'
import type { Vault } from '../vault.ts'
import { PersonDraft, parseContext, valuesOf } from './draft.ts'
import type { Subject } from './record.ts'

/** As the caller sent it. A field given is put, a field given as null is taken away, a field left out stays. */
export type Correction = Readonly<Record<string, unknown>>

export type Corrected = { subject: SubjectId; status: 'updated' | 'unchanged' }

/** Live tokens follow the new values. The person may do this, and the platform for the person. */
export async function correct(
  vault: Vault,
  call: Call<PlatformCaller | PersonCaller>,
  subject: SubjectId,
  correction: Correction,
): Promise<Corrected> {
  const { tenant } = call.caller
  const keys = await vault.keyring.tenantKeys(tenant)
  return transact(vault, call, async (): Promise<Plan<Corrected>> => {
    const person = await vault.store.findPerson(tenant, subject)
    if (!person || person.subject.state === 'erased') throw notFound('person')
    const values = readCorrection(correction, person.subject)
    const now = vault.clock.now()
    const draft = PersonDraft.of({ vault, keys, tenant, now }, { person, tokens: [], grants: [] })
    const different = draft.put(values, { locale: null, jurisdiction: null })
    if (!different) return { changes: [], result: { subject, status: 'unchanged' } }
    const versions = draft.changedVersions
    const { append } = record(vault, call.caller, now, { type: 'subject.updated', subject, versions })
    const changes: Change[] = [expectCaller(call.caller), ...draft.changes(), append]
    return { changes, result: { subject, status: 'updated' } }
  })
}

/** @throws VaultError `invalid_request` with a pointer to each field that cannot be taken. */
function readCorrection(correction: Correction, about: Subject): ReadonlyMap<FieldName, FieldValue | null> {
  const given = Object.entries(correction)
  const isRemoval = ([field, value]: [string, unknown]) => value === null && isFieldName(field)
  const removed = given.filter(isRemoval)
  const put = given.filter((entry) => !isRemoval(entry))
  const taken = removed.map(([field]) => [field as FieldName, null] as const)
  if (put.length === 0 && taken.length > 0) return new Map(taken)
  const parsed = parsePerson(Object.fromEntries(put), parseContext(about))
  if (parsed.ok) return new Map([...taken, ...valuesOf(parsed.person)])
  const errors = parsed.errors.map((error) => ({ ...error, pointer: `/person${error.pointer}` }))
  throw new VaultError('invalid_request', 'A value cannot be taken.', { errors })
}
