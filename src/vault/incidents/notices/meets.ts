import { VaultError } from '../../../core/errors.ts'
import type { FieldError } from '../../../core/errors.ts'
import type { Instant } from '../../../core/time.ts'
import type { Clock } from '../clocks/clocks.ts'
import type { Incident } from '../incident.ts'
import { JURISDICTIONS } from '../law/index.ts'
import type { Audience, Jurisdiction, Rule } from '../law/rule.ts'
import { clocksOfIncident } from '../reckoning.ts'
import { isFor } from './notice.ts'
import type { Notice } from './notice.ts'
import type { NoticeAudience } from './templates/items.ts'

type About = Pick<Notice, 'audience' | 'jurisdiction'>

/** Whose clocks a notice can meet. A public one stands in for one to persons; a page of one's own tells no media. */
const AUDIENCE_OF: Readonly<Record<NoticeAudience, Audience>> = {
  persons: 'individual',
  public: 'individual',
  authority: 'authority',
  partners: 'controller',
}

const LAW_OF = new Map(
  JURISDICTIONS.flatMap((law) =>
    law.rules.filter(({ duty }) => duty === 'incident').map((rule) => [rule.id, { rule, law }] as const),
  ),
)

/** The rules that a draft says it meets, each once. @throws VaultError `invalid_request` with a pointer to each that it cannot meet. */
export function checkMeets(about: About, rules: readonly string[]): readonly string[] {
  const errors = rules.flatMap((id, i): FieldError[] => {
    const found = LAW_OF.get(id)
    const code = found === undefined ? 'unknown' : refusalOf(about, found.rule, found.law)
    return code === undefined ? [] : [{ pointer: `/meets/${i}`, code }]
  })
  if (errors.length > 0) {
    throw new VaultError('invalid_request', 'This notice cannot meet these clocks.', { errors })
  }
  return [...new Set(rules)]
}

function refusalOf({ audience, jurisdiction }: About, rule: Rule, law: Jurisdiction): string | undefined {
  if (rule.stage === 'assessment') return 'met_by_assessment'
  if (rule.audience !== AUDIENCE_OF[audience]) return 'wrong_audience'
  return touches(jurisdiction, law) ? undefined : 'wrong_jurisdiction'
}

/** Whether a notice for these jurisdictions is for anybody whom the law protects: one for `DE` is, of the EU's. */
function touches(jurisdiction: string | null, law: Jurisdiction): boolean {
  if (jurisdiction === null || isFor(law.code, jurisdiction)) return true
  return law.covers.some((code) => isFor(jurisdiction, code))
}

/** The rules whose clocks wait for a notice and that this one may state. */
export function couldMeet(about: About, incident: Incident, now: Instant): readonly string[] {
  return waiting(about, incident, now).map(({ rule }) => rule.id)
}

function waiting(about: About, incident: Incident, now: Instant): readonly Clock[] {
  const states: ReadonlySet<Clock['state']> = new Set(['pending', 'running', 'due_soon', 'late'] as const)
  return clocksOfIncident(incident, now).filter(({ rule, state }) => {
    const found = LAW_OF.get(rule.id)
    return states.has(state) && found !== undefined && refusalOf(about, rule, found.law) === undefined
  })
}

/**
 * What a draft meets where nobody says: only what can be told from audience and jurisdiction alone. First notices, never a
 * supplement or a final one; of persons where it is for all whom the law protects; of an authority where the law knows one.
 */
export function defaultMeets(about: About, incident: Incident, now: Instant): readonly string[] {
  return waiting(about, incident, now)
    .map(({ rule }) => rule)
    .filter((rule) => isFirst(rule) && isWhollyFor(about, rule))
    .map(({ id }) => id)
}

function isFirst({ stage }: Rule): boolean {
  return stage === 'initial'
}

function isWhollyFor({ audience, jurisdiction }: About, rule: Rule): boolean {
  const law = LAW_OF.get(rule.id)?.law
  if (law === undefined || jurisdiction === null) return false
  if (audience === 'authority') return jurisdiction === law.code && hasOneAuthority(law)
  return audience === 'persons' && law.covers.every((code) => isFor(jurisdiction, code))
}

/** Whether it applies or not: which of several a notice goes to only its writers know. */
function hasOneAuthority({ rules }: Jurisdiction): boolean {
  const first = rules.filter((rule) => rule.audience === 'authority' && isFirst(rule))
  return new Set(first.map(({ recipient }) => recipient)).size === 1
}
