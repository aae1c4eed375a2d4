import { concat, equalBytes } from '../../../core/bytes.ts'
import type { Bytes } from '../../../core/bytes.ts'
import type { TenantId } from '../../../core/id.ts'
import { parseRfc3339 } from '../../../core/time.ts'
import { HASH_BYTES, emptyRoot, leafHash } from '../../../tlog/merkle.ts'
import { commitToSubject, readLeaf } from '../../audit/event.ts'
import { cleanedBy, isEmptied } from './emptied.ts'
import type { Cleaned } from './emptied.ts'
import type { Fault } from './finding.ts'
import type { EventRow } from './reader.ts'
import { saidBy } from './said.ts'
import type { Leaf, Said } from './said.ts'

export type Examined = {
  /** Of the bytes: what the tree is derived from. */
  hash: Bytes
  faults: readonly Fault[]
  /** What the event says of the store's state; nothing if its bytes are not what was logged. */
  said: readonly Said[]
  /** That retention has emptied this event. */
  emptied?: boolean
  cleaned?: Cleaned
}

/** One event by itself: its hash, and whether all that stands beside its bytes is what they say. */
export function examineEvent(tenant: TenantId, row: EventRow): Examined {
  if (isEmptied(row)) return examineEmptied(row)
  const hash = leafHash(row.bytes)
  const id = `${row.id} at ${row.index}`
  const leaf = parseLeaf(row.bytes)
  const differs: Fault[] = equalBytes(hash, row.leafHash)
    ? []
    : [{ code: 'leaf_differs', id, seen: 'the bytes do not hash to the hash beside them' }]
  if (!leaf) {
    const unreadable: Fault = {
      code: 'leaf_unreadable',
      id,
      seen: 'the bytes are no leaf of a known version',
    }
    return { hash, faults: [...differs, unreadable], said: [] }
  }
  const subject = subjectFaults(row, leaf, id)
  const faults = [...differs, ...columnFaults(tenant, row, leaf, id), ...subject]
  // What was changed says nothing, and of a person only what has been opened.
  const said = differs.length > 0 ? [] : saidBy(leaf, subject.length > 0 ? null : row.subject)
  const cleaned = differs.length > 0 ? undefined : cleanedBy(leaf)
  return { hash, faults, said: said.filter((one) => one.id !== ''), ...(cleaned && { cleaned }) }
}

/** Of an emptied event the hash is all that the tree can be derived from; the checkpoint says whether it is right. */
function examineEmptied(row: EventRow): Examined {
  const id = `${row.id} at ${row.index}`
  const isWhole = row.leafHash.length === HASH_BYTES
  const isBare = row.bytes.length === 0 && !row.namesPerson && row.subjectSalt === null && row.party === null
  const faults: Fault[] = []
  if (!isWhole) faults.push({ code: 'leaf_differs', id, seen: 'the event is empty and its hash is none' })
  if (!isBare) faults.push({ code: 'column_differs', id, seen: 'the event is empty, but not all of it' })
  return { hash: isWhole ? concat(row.leafHash) : emptyRoot(), faults, said: [], emptied: true }
}

function parseLeaf(bytes: Uint8Array): Leaf | undefined {
  try {
    const leaf: unknown = readLeaf(bytes)
    return typeof leaf === 'object' && leaf !== null ? (leaf as Leaf) : undefined
  } catch {
    // Not UTF-8, not JSON, not a version that is known: the same finding.
    return undefined
  }
}

function columnFaults(tenant: TenantId, row: EventRow, leaf: Leaf, id: string): Fault[] {
  const at = typeof leaf['at'] === 'string' ? parseRfc3339(leaf['at']) : undefined
  const differing = [
    ...(leaf['id'] === row.id ? [] : ['id']),
    ...(at === row.at ? [] : ['at']),
    ...(leaf['type'] === row.type ? [] : ['type']),
    ...((leaf['party'] ?? null) === row.party ? [] : ['party']),
  ]
  const faults = differing.map((column): Fault => {
    return { code: 'column_differs', id, seen: `\`${column}\` is not what the leaf says` }
  })
  if (leaf['tenant'] === tenant) return faults
  return [...faults, { code: 'leaf_of_another_tenant', id, seen: 'the leaf names another tenant' }]
}

function subjectFaults(row: EventRow, leaf: Leaf, id: string): Fault[] {
  const commitment = leaf['subject']
  if (commitment === undefined && !row.namesPerson && row.subjectSalt === null) return []
  if (commitment === undefined)
    return [{ code: 'subject_not_committed', id, seen: 'the row names a person, the leaf none' }]
  if (row.namesPerson && row.subject === null)
    return [{ code: 'subject_unknown', id, seen: 'the row names a person who is not there' }]
  const opens =
    row.subject !== null &&
    row.subjectSalt !== null &&
    commitToSubject(row.subjectSalt, row.subject) === commitment
  return opens
    ? []
    : [{ code: 'subject_not_committed', id, seen: 'salt and person do not open the commitment in the leaf' }]
}
