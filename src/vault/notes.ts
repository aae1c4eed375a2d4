import { fromUtf8, utf8 } from '../core/bytes.ts'
import type { EventId, IncidentId, NoticeId, PartyId, ShipmentId, SubjectId, TenantId } from '../core/id.ts'
import type { Instant } from '../core/time.ts'
import { open, seal } from '../crypto/envelope.ts'
import type { SymmetricKey } from '../crypto/envelope.ts'
import { notePlace } from '../crypto/place.ts'
import type { Change } from './changes.ts'

/**
 * Reasons that people write are free text, and free text holds names and numbers sooner or later. So it is sealed: under the
 * person's own key where it is about a person, and gone when the person is erased; else under the tenant's.
 */
export function addNote(
  key: SymmetricKey,
  note: {
    tenant: TenantId
    about: SubjectId | PartyId | ShipmentId | EventId | IncidentId | NoticeId
    subject: SubjectId | null
    text: string
  },
  now: Instant,
): Change {
  const sealed = seal(
    key,
    utf8(note.text),
    notePlace({ tenant: note.tenant, kind: 'reason', id: note.about }),
  )
  return { type: 'note.insert', about: note.about, subject: note.subject, sealed, at: now }
}

export function readNote(key: SymmetricKey, tenant: TenantId, about: string, sealed: Uint8Array): string {
  return fromUtf8(open(key, sealed, notePlace({ tenant, kind: 'reason', id: about })))
}
