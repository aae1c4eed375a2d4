import type { CredentialId, Id, SubjectId } from '../../core/id.ts'
import type { Instant } from '../../core/time.ts'
import type { FieldName } from '../fields/registry.ts'
import type { WrappedDataKey } from '../records/record.ts'
import type { KeyKind } from './tenant-key.ts'

/** What can be rotated: the root key over all tenants' keys, kinds of a tenant's keys, and all persons' data keys. */
export const ROTATION_LEVELS = ['root', 'wrap', 'index', 'note', 'session', 'log', 'data'] as const
export type RotationLevel = (typeof ROTATION_LEVELS)[number]

export function isRotationLevel(text: string): text is RotationLevel {
  return ROTATION_LEVELS.some((level) => level === text)
}

/** A tenant's last rotation of one level: where it stands, so that it goes on from there after a kill at any point. */
export type Rotation = {
  level: RotationLevel
  /** The version that is new; of `root` the id of the root key, of `data` empty. */
  target: string
  state: 'running' | 'done'
  /** Commits so far: two that walk beside each other do not both count. */
  steps: number
  /** The number of the last row that the present walk has passed. Opaque. */
  cursor: number
  /** Whether the present walk has met anything to change: then another follows it. */
  again: boolean
  /** Rows changed so far, and rows there were at the start. */
  done: number
  total: number
  startedAt: Instant
  finishedAt: Instant | null
}

/** A living person's key with the row's number, in whose order rotations walk. */
export type NumberedDataKey = { no: number; subject: SubjectId; dataKey: WrappedDataKey }

/** Under which version of the index key a field's number is, with the row's own. */
export type NumberedIndexRow = {
  no: number
  subject: SubjectId
  field: FieldName
  version: number
  keyVersion: number
}

/** A sealed note with its row's number; `about` is part of its place. */
export type NumberedNote = { no: number; about: string; sealed: Uint8Array }

/** A tenant's wish to destroy a version of a key: nothing happens until somebody else approves. */
export type KeyDestruction = {
  id: Id<'req'>
  kind: KeyKind
  version: number
  askedBy: CredentialId
  askedAt: Instant
  expiresAt: Instant
  approvedBy: CredentialId | null
  approvedAt: Instant | null
}
