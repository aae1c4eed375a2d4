import type { EventType } from '../audit/event.ts'
import type { EventKind } from './policy.ts'

/**
 * How long each type of event is kept. What says that somebody was shown, handed or allowed something of a person, or refused
 * it, is a disclosure record, and so is what a parcel went through, which is also the record of a transaction. `kept`: a later
 * duty rests on it (what was erased must stay erased, a key's destruction and who approved it, what was cleaned away), and
 * nothing in it is about a living person. The map is total, so that a new type has to say; until it does, it is kept.
 */
const KIND_OF: Readonly<Record<EventType, EventKind | 'kept'>> = {
  'tenant.created': 'kept',
  'tenant.settings_changed': 'kept',
  'key.created': 'kept',
  'key.rotation_started': 'kept',
  'key.rotated': 'kept',
  'key.retired': 'kept',
  'key.destruction_asked': 'kept',
  'key.destroyed': 'kept',
  'party.created': 'kept',
  'party.status_changed': 'kept',
  'credential.issued': 'kept',
  'credential.revoked': 'kept',
  'credential.refused': 'other_events',
  'call.refused': 'other_events',
  'subject.stored': 'disclosure_events',
  'subject.updated': 'disclosure_events',
  'subject.erased': 'kept',
  'tokens.issued': 'disclosure_events',
  'tokens.validated': 'other_events',
  'tokens.compared': 'other_events',
  'tokens.searched': 'disclosure_events',
  'search.matched': 'disclosure_events',
  'shipment.created': 'disclosure_events',
  'shipment.moved': 'disclosure_events',
  'grant.given': 'disclosure_events',
  'grant.revoked': 'disclosure_events',
  'reveal.allowed': 'disclosure_events',
  'reveal.denied': 'disclosure_events',
  'reveal.replayed': 'disclosure_events',
  'mask.shown': 'disclosure_events',
  'mask.denied': 'disclosure_events',
  'session.opened': 'other_events',
  'session.ended': 'other_events',
  'person.viewed': 'other_events',
  'person.exported': 'other_events',
  'evidence.given': 'other_events',
  'retention.cleaned': 'kept',
  'tokens.retired': 'disclosure_events',
  'incident.opened': 'kept',
  'incident.assessed': 'kept',
  'incident.containing': 'kept',
  'incident.contained': 'kept',
  'incident.released': 'kept',
  'incident.clock_late': 'kept',
  'incident.clock_met': 'kept',
  'incident.clock_waived': 'kept',
  'incident.clock_reopened': 'kept',
  'incident.closed': 'kept',
  'incident.reopened': 'kept',
  'incident.notifying': 'kept',
  'notice.drafted': 'kept',
  'notice.edited': 'kept',
  'notice.omitted': 'kept',
  'notice.approved': 'kept',
  'notice.cancelled': 'kept',
  'notice.finished': 'kept',
  'notice.contact_opened': 'disclosure_events',
  'notice.sent': 'disclosure_events',
  'notice.delivered': 'disclosure_events',
  'notice.bounced': 'disclosure_events',
  'notice.failed': 'disclosure_events',
  'notice.skipped': 'disclosure_events',
  'signal.raised': 'kept',
  'signal.confirmed': 'kept',
  'signal.dismissed': 'kept',
  'hold.placed': 'kept',
  'hold.cleared': 'kept',
}

/** The types that one rule is about. */
export function eventTypesOf(kind: EventKind): readonly EventType[] {
  return (Object.keys(KIND_OF) as EventType[]).filter((type) => KIND_OF[type] === kind)
}
