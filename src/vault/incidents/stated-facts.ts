import { VaultError } from '../../core/errors.ts'
import type { FieldError } from '../../core/errors.ts'
import type { Instant } from '../../core/time.ts'
import { checkFacts } from './clocks/facts.ts'
import type { Facts } from './clocks/facts.ts'
import type { Incident } from './incident.ts'

/** What people have said of an incident, beside what the incident and the log tell. Absent is not known yet, and never no. */
export type StatedFacts = Partial<Omit<Facts, 'awareAt' | 'occurredFrom' | 'occurredTo'>>

type Taken<Map> = { [Key in keyof Map]?: Map[Key] | null | undefined }
type ByName = 'harmIn' | 'zones' | 'circumstances'

/** What is said now: null takes back what was said before. Of what is said by name each name counts for itself. */
export type GivenFacts = Taken<Omit<StatedFacts, ByName>> & {
  [Name in ByName]?: Taken<NonNullable<StatedFacts[Name]>>
}

/** We decide what is done with the data, unless it is said that we do it for others. */
const USUAL_ROLES: Facts['roles'] = ['controller']

export function stateFacts(before: StatedFacts, given: GivenFacts): StatedFacts {
  return withoutNulls<StatedFacts>({
    ...before,
    ...given,
    harmIn: overlaid(before.harmIn, given.harmIn),
    zones: overlaid(before.zones, given.zones),
    circumstances: overlaid(before.circumstances, given.circumstances),
  })
}

function overlaid<Map extends object>(before: Map | undefined, given: Taken<Map> | undefined): Map | null {
  const all = withoutNulls<Map>({ ...before, ...given })
  return Object.keys(all).length > 0 ? all : null
}

function withoutNulls<Map extends object>(given: Taken<Map>): Map {
  return Object.fromEntries(
    Object.entries(given).filter(([, value]) => value !== null && value !== undefined),
  ) as Map
}

export type FactSource = Pick<Incident, 'awareAt' | 'occurredFrom' | 'occurredTo' | 'facts' | 'counted'>

/** All that the clocks hang on. Persons are those that were stated, else those of the last count; nobody knows: absent. */
export function factsOf(incident: FactSource): Facts {
  const { awareAt, occurredFrom, occurredTo, facts, counted } = incident
  const persons = facts.persons ?? counted.persons
  return {
    occurrence: 'possible',
    roles: USUAL_ROLES,
    circumstances: {},
    ...facts,
    awareAt,
    ...(occurredFrom !== null && { occurredFrom }),
    ...(occurredTo !== null && { occurredTo }),
    ...(persons !== null && { persons }),
  }
}

const UNTIL_NOW = ['determinedAt', 'assessedAt', 'handledAt'] as const

/** @throws VaultError `invalid_request` with a pointer into the request to each fact that cannot be. */
export function refuseSenselessFacts(incident: Incident, now: Instant): void {
  const facts = factsOf(incident)
  const errors: FieldError[] = [
    ...checkFacts(facts).map(({ pointer, code }) => ({ pointer: wirePointer(pointer), code })),
    ...UNTIL_NOW.filter((name) => (facts[name] ?? now) > now).map((name) => ({
      pointer: wirePointer(`/${name}`),
      code: 'in_the_future',
    })),
  ]
  if (errors.length > 0) throw new VaultError('invalid_request', 'These facts cannot be.', { errors })
}

const OF_THE_INCIDENT = new Set(['/aware_at', '/occurred_from', '/occurred_to'])

function wirePointer(pointer: string): string {
  const [, member = '', ...rest] = pointer.split('/')
  const name = `/${member.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}`
  return OF_THE_INCIDENT.has(name) ? name : ['/facts', name, ...rest.map((part) => `/${part}`)].join('')
}
