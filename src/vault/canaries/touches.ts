import type { CredentialId, DeviceId, EventId, OperatorId, PartyId, SubjectId } from '../../core/id.ts'
import type { Actor, EventType } from '../audit/event.ts'
import type { CanaryVerb } from './canary.ts'

/** What somebody did to a canary, by the event that says so. */
export type Touch = {
  event: EventId
  subject: SubjectId
  verb: CanaryVerb
  party?: PartyId
  credential?: CredentialId
  operator?: OperatorId
  device?: DeviceId
}

type Leaf = Pick<Touch, 'party' | 'credential' | 'operator' | 'device'> & { type: EventType; actor: Actor }

const BY_OTHERS: readonly Actor[] = ['party', 'person']
/** Whoever at the platform looks for somebody, or lets somebody in as that person, has no reason to with one who is not there. */
const BY_ANYBODY: readonly Actor[] = ['party', 'person', 'platform', 'system']

/**
 * Which events touch a canary, and by whose hand. The platform's own care of its canaries (planting, parcels on their way, grants,
 * retiring) does not; all that parties do does.
 */
const TOUCHES: Readonly<Partial<Record<EventType, { verb: CanaryVerb; by: readonly Actor[] }>>> = {
  'reveal.allowed': { verb: 'reveal', by: BY_OTHERS },
  'reveal.denied': { verb: 'reveal', by: BY_OTHERS },
  'reveal.replayed': { verb: 'reveal', by: BY_OTHERS },
  'mask.shown': { verb: 'mask', by: BY_OTHERS },
  'search.matched': { verb: 'search', by: BY_ANYBODY },
  'shipment.created': { verb: 'label', by: BY_OTHERS },
  'shipment.moved': { verb: 'move', by: BY_OTHERS },
  'session.opened': { verb: 'view', by: BY_ANYBODY },
  'session.ended': { verb: 'view', by: BY_OTHERS },
  'person.viewed': { verb: 'view', by: BY_OTHERS },
  'person.exported': { verb: 'view', by: BY_OTHERS },
  'evidence.given': { verb: 'view', by: BY_OTHERS },
  'subject.updated': { verb: 'view', by: BY_OTHERS },
  'subject.erased': { verb: 'view', by: BY_OTHERS },
  'grant.revoked': { verb: 'grant', by: BY_OTHERS },
  'notice.contact_opened': { verb: 'mail', by: BY_ANYBODY },
  'canary.mailed': { verb: 'mail', by: BY_ANYBODY },
}

/** @returns undefined for an event that is nobody's touch. Pure. */
export function touchOf(
  event: EventId,
  subject: SubjectId,
  leaf: Record<string, unknown>,
): Touch | undefined {
  const { type, actor, ...who } = leaf as Leaf
  const rule = TOUCHES[type]
  if (!rule?.by.includes(actor)) return undefined
  // What a person does about a grant names the party that had it, which did nothing.
  const { party: _had, ...alone } = who
  return touchBy(event, subject, rule.verb, actor === 'person' ? alone : who)
}

/** Of a touch that was noted beside an event which names nobody. */
export function notedTouch(
  noted: { event: EventId; subject: SubjectId; verb: CanaryVerb },
  leaf: Record<string, unknown>,
): Touch {
  return touchBy(noted.event, noted.subject, noted.verb, leaf)
}

function touchBy(event: EventId, subject: SubjectId, verb: CanaryVerb, who: Partial<Leaf>): Touch {
  const { party, credential, operator, device } = who
  return {
    event,
    subject,
    verb,
    ...(party && { party }),
    // Whoever hands mail in is not the one who sent it.
    ...(credential && verb !== 'mail' && { credential }),
    ...(operator && { operator }),
    ...(device && { device }),
  }
}
