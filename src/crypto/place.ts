import type { SubjectId, TenantId } from '../core/id.ts'

/**
 * Where a ciphertext belongs. It opens there and nowhere else. The first part names the kind, so that no two kinds can
 * give the same list; the parts of one kind never change in number or order (docs/formats.md).
 */
export type Place =
  | readonly ['field', tenant: TenantId, subject: SubjectId, field: string, version: string]
  | readonly ['data-key', tenant: TenantId, subject: SubjectId]
  | readonly ['tenant-key', tenant: TenantId, kind: string, version: string]
  | readonly ['note', tenant: TenantId, kind: string, id: string]
  | readonly ['root-key']

/** One value of one field of one person. `version` rises with each correction, so that an old value cannot come back. */
export function fieldPlace(at: {
  tenant: TenantId
  subject: SubjectId
  field: string
  version: number
}): Place {
  return ['field', at.tenant, at.subject, at.field, String(at.version)]
}

/** A person's data key, wrapped by a tenant key. */
export function dataKeyPlace(at: { tenant: TenantId; subject: SubjectId }): Place {
  return ['data-key', at.tenant, at.subject]
}

/** A key of the tenant, wrapped by the root key. `kind` says what it is for: wrapping, index, sessions … */
export function tenantKeyPlace(at: { tenant: TenantId; kind: string; version: number }): Place {
  return ['tenant-key', at.tenant, at.kind, String(at.version)]
}

/** Free text or another small secret that one row holds. `kind` names the table and column, `id` the row. */
export function notePlace(at: { tenant: TenantId; kind: string; id: string }): Place {
  return ['note', at.tenant, at.kind, at.id]
}

/** The root key in its file, wrapped by the key that a passphrase gives. Its own id is bound by `wrapKey`. */
export const ROOT_KEY_PLACE: Place = ['root-key']
