import { unreachable } from '../../core/errors.ts'
import type { TenantId } from '../../core/id.ts'
import { blindIndex } from '../../crypto/blind-index.ts'
import { open, seal } from '../../crypto/envelope.ts'
import type { SymmetricKey } from '../../crypto/envelope.ts'
import { notePlace } from '../../crypto/place.ts'
import type { Change } from '../changes.ts'
import type { Person } from '../records/record.ts'
import { indexTerm, openPerson, personKey, putField } from '../records/values.ts'
import type { Vault } from '../vault.ts'
import { newDataKey, openDataKey, wrapDataKey } from './keyring.ts'
import type { TenantKeys } from './keyset.ts'
import type { NumberedIndexRow, RotationLevel } from './rotation.ts'

/** One step of a walk over the rows that a rotation is about. */
export type Step = {
  changes: readonly Change[]
  /** How many rows the changes are about. */
  changed: number
  /** The last row's number; null when there was none left. */
  cursor: number | null
}

/** Reads the next rows after `cursor`, at most `limit`, and says what to do to those that are not as they should be. */
export type Walk = (vault: Vault, tenant: TenantId, cursor: number, limit: number) => Promise<Step>

type Walking = {
  walk: Walk
  /** How many rows a step takes: a few milliseconds of work, behind which no request waits long. */
  rows: number
  /** Walks again until one walk has met nothing to do, as a request under way may still have stored something old. */
  untilClean: boolean
}

/** Undefined for a level with nothing to walk over: what is old runs out, or stays readable. */
export function walkingOf(level: RotationLevel): Walking | undefined {
  switch (level) {
    case 'root':
      return { walk: walkTenantKeys, rows: 1, untilClean: true }
    case 'wrap':
      return { walk: walkDataKeys, rows: 200, untilClean: true }
    case 'index':
      return { walk: walkIndex, rows: 200, untilClean: true }
    case 'note':
      return { walk: walkNotes, rows: 100, untilClean: true }
    // Whoever comes in meanwhile has a fresh key anyway.
    case 'data':
      return { walk: walkPersons, rows: 25, untilClean: false }
    case 'session':
    case 'log':
      return undefined
    default:
      return unreachable(level)
  }
}

/** All of a tenant's keys in one step: they are few, and half of them under another root key helps nobody. */
async function walkTenantKeys(vault: Vault, tenant: TenantId, cursor: number): Promise<Step> {
  if (cursor > 0) return { changes: [], changed: 0, cursor: null }
  const records = await vault.store.listTenantKeys(tenant)
  const living = records.filter(({ state }) => state !== 'destroyed')
  const changes = await Promise.all(
    living.map(async (record): Promise<Change | undefined> => {
      const rewrapped = await vault.keyring.rewrapped(tenant, record)
      if (!rewrapped) return undefined
      const { kind, version, rootKeyId, wrapped } = rewrapped
      return {
        type: 'tenant_key.rewrap',
        kind,
        version,
        expectedRootKeyId: record.rootKeyId,
        rootKeyId,
        wrapped,
      }
    }),
  )
  const due = changes.filter((change) => change !== undefined)
  return { changes: due, changed: due.length, cursor: 1 }
}

/** Puts persons' data keys under the primary. The keys themselves, and all that is sealed under them, stay. */
const walkDataKeys: Walk = async (vault, tenant, cursor, limit) => {
  const keys = await vault.keyring.tenantKeys(tenant)
  const rows = await vault.store.listDataKeys(tenant, cursor, limit)
  const primary = keys.wrap.primary.version
  const due = rows.filter(({ dataKey }) => dataKey.tenantKeyVersion !== primary)
  const changes = due.map(({ subject, dataKey: from }): Change => {
    const at = { tenant, subject }
    const dataKey = wrapDataKey(keys, at, openDataKey(keys, at, from))
    return { type: 'data_key.rewrap', subject, from: from.tenantKeyVersion, dataKey }
  })
  return { changes, changed: due.length, cursor: rows.at(-1)?.no ?? null }
}

/** Gives index rows their number under the primary. */
const walkIndex: Walk = async (vault, tenant, cursor, limit) => {
  const keys = await vault.keyring.tenantKeys(tenant)
  const rows = await vault.store.listIndexRows(tenant, cursor, limit)
  const primary = keys.index.primary.version
  const due = Map.groupBy(
    rows.filter(({ keyVersion }) => keyVersion !== primary),
    ({ subject }) => subject,
  )
  const persons = await vault.store.findPersons(tenant, [...due.keys()])
  const changes = persons.flatMap((person) => {
    const fields = due.get(person.subject.id) ?? []
    return rekeyFields(keys, tenant, person, fields)
  })
  return { changes, changed: changes.length, cursor: rows.at(-1)?.no ?? null }
}

/** One that was erased in between has neither a key nor fields. */
function rekeyFields(
  keys: TenantKeys,
  tenant: TenantId,
  person: Person,
  due: readonly NumberedIndexRow[],
): readonly Change[] {
  if (!person.dataKey) return []
  const { version: keyVersion, key } = keys.index.primary
  const values = openPerson(personKey(keys, tenant, person), tenant, person)
  return due.flatMap(({ field, version }): Change[] => {
    const value = values.get(field)
    if (value === undefined) return []
    const hash = blindIndex(key, field, indexTerm(field, value))
    return [{ type: 'index.rekey', subject: person.subject.id, field, version, index: { keyVersion, hash } }]
  })
}

/** A data key is as old as its person. Whatever is sealed under it is sealed anew under a fresh one, in the same commit. */
const walkPersons: Walk = async (vault, tenant, cursor, limit) => {
  const keys = await vault.keyring.tenantKeys(tenant)
  const { persons, last } = await personsAfter(vault, tenant, cursor, limit)
  const changes = await Promise.all(persons.map((person) => rekeyPerson(vault, keys, tenant, person)))
  return { changes: changes.flat(), changed: persons.length, cursor: last }
}

async function rekeyPerson(
  vault: Vault,
  keys: TenantKeys,
  tenant: TenantId,
  person: Person,
): Promise<readonly Change[]> {
  const { id, version: expectedVersion } = person.subject
  const at = { tenant, subject: id }
  const old = personKey(keys, tenant, person)
  const { key, wrapped: dataKey } = newDataKey(keys, at, vault.random)
  const values = openPerson(old, tenant, person)
  const fields = person.fields.map(({ field, version }): Change => {
    const value = values.get(field)
    if (value === undefined) throw new Error('a field that was not opened')
    return putField(keys, key, at, { field, version, value })
  })
  const notes = await vault.store.listNotesNumbered(tenant, id, 0, MAX_NOTES_A_PERSON)
  return [
    { type: 'data_key.replace', id, expectedVersion, dataKey },
    ...fields,
    ...notes.map(({ no, about, sealed }) =>
      resealNote(no, sealed, resealed(old, key, notePlaceOf(tenant, about), sealed)),
    ),
  ]
}

/** Reasons that were written down about one person and its parcels: a handful. */
const MAX_NOTES_A_PERSON = 100_000

type PersonsPage = { persons: readonly Person[]; last: number | null }

async function personsAfter(
  vault: Vault,
  tenant: TenantId,
  cursor: number,
  limit: number,
): Promise<PersonsPage> {
  const rows = await vault.store.listDataKeys(tenant, cursor, limit)
  const found = await vault.store.findPersons(
    tenant,
    rows.map(({ subject }) => subject),
  )
  return { persons: found.filter(({ dataKey }) => dataKey !== null), last: rows.at(-1)?.no ?? null }
}

/** The house's own notes, and with the first of them the parties' contacts. */
const walkNotes: Walk = async (vault, tenant, cursor, limit) => {
  const { note } = await vault.keyring.tenantKeys(tenant)
  const primary = note.primary.key
  const contacts = cursor === 0 ? await resealContacts(vault, tenant) : []
  const rows = await vault.store.listNotesNumbered(tenant, null, cursor, limit)
  const changes = rows.flatMap(({ no, about, sealed }): Change[] => {
    const old = note.opening(sealed)
    return old.id === primary.id
      ? []
      : [resealNote(no, sealed, resealed(old, primary, notePlaceOf(tenant, about), sealed))]
  })
  const last = rows.at(-1)?.no ?? null
  // Contacts alone are something too: the walk goes on, and ends at the next step.
  const cursorAfter = last ?? (contacts.length > 0 ? cursor + 1 : null)
  return {
    changes: [...contacts, ...changes],
    changed: contacts.length + changes.length,
    cursor: cursorAfter,
  }
}

async function resealContacts(vault: Vault, tenant: TenantId): Promise<readonly Change[]> {
  const { note } = await vault.keyring.tenantKeys(tenant)
  const primary = note.primary.key
  const changes: Change[] = []
  for (let after: string | null | undefined; after !== null;) {
    const page = await vault.store.listParties(tenant, {}, { limit: 1_000, ...(after && { after }) })
    for (const { id, contact: from } of page.rows) {
      const old = from && note.opening(from)
      if (!from || !old || old.id === primary.id) continue
      const place = notePlace({ tenant, kind: 'contact', id })
      changes.push({ type: 'contact.reseal', id, from, contact: resealed(old, primary, place, from) })
    }
    after = page.next
  }
  return changes
}

function notePlaceOf(tenant: TenantId, about: string) {
  return notePlace({ tenant, kind: 'reason', id: about })
}

function resealed(
  old: SymmetricKey,
  key: SymmetricKey,
  place: ReturnType<typeof notePlace>,
  sealed: Uint8Array,
): Uint8Array {
  return seal(key, open(old, sealed, place), place)
}

function resealNote(no: number, from: Uint8Array, sealed: Uint8Array): Change {
  return { type: 'note.reseal', no, from, sealed }
}
