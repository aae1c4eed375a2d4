import type { MerchantId } from '../../core/id.ts'
import type { Instant } from '../../core/time.ts'
import type { SuspectId } from '../incidents/incident.ts'
import type { Told } from '../watch/raise.ts'
import type { Touch } from './touches.ts'

/** A touch with when it was, and the shop that the canary was planted with. */
export type DatedTouch = Touch & { at: Instant; plantedWith: MerchantId }

/** No dismissal moves a limit here: nobody ever has a reason to touch somebody who is not there. */
const BEYOND_ANY_LIMIT = Infinity

/** Whom it is about. Mail is about whoever the address was given to: the shop. */
function aboutOf({ verb, credential, party, subject, plantedWith }: DatedTouch): SuspectId {
  return verb === 'mail' ? plantedWith : (credential ?? party ?? subject)
}

/** What a round came upon, a signal for each whom it is about. Pure. */
export function alarmsOf(touches: readonly DatedTouch[]): readonly Told[] {
  return [...Map.groupBy(touches, aboutOf)].flatMap(([about, group]) => {
    const [first, last] = [group[0], group.at(-1)]
    return first && last ? { ...alarmOf(about, last, group), since: first.at } : []
  })
}

function alarmOf(about: SuspectId, last: DatedTouch, group: readonly DatedTouch[]): Omit<Told, 'since'> {
  const { verb, party, credential, operator, device, subject, at } = last
  const who = [
    ...(party ? [`party ${party}`] : []),
    ...(credential ? [`credential ${credential}`] : []),
    ...(operator ? [`operator ${operator}`] : []),
    ...(device ? [`device ${device}`] : []),
  ]
  const isMail = verb === 'mail'
  const implicated = isMail ? { party: last.plantedWith } : { party, credential, operator, device }
  const known = Object.fromEntries(Object.entries(implicated).filter(([, id]) => id !== undefined))
  return {
    found: {
      detector: 'canary',
      code: isMail ? 'canary_mail' : 'canary',
      figures: { verb, who: who.length > 0 ? who.join(', ') : 'the person’s own session', canary: subject },
      severity: 'critical',
      about,
      implicated: { ...known, subject },
      evidence: group.map(({ event }) => event),
      at,
    },
    score: BEYOND_ANY_LIMIT,
    times: group.length,
  }
}
