/**
 * The law as data: what a rule is. Rules are evidence that was gathered, not legal advice; each says how it is known.
 * **R** read in the statute's text, **Q** official text quoted in a checked note, **S** secondary source, **K** general
 * knowledge. What a mark does not cover stands in the rule's `notes`, with a mark of its own where it is known at all.
 */
export type Mark = 'R' | 'Q' | 'S' | 'K'

/** `in_force`; `promulgated`: made, and in force from a date on, if it has one; `proposed`: a bill. */
export type Status = 'in_force' | 'promulgated' | 'proposed'

/** `controller` is whom a processor answers to. */
export type Audience = 'authority' | 'individual' | 'controller' | 'media'

/**
 * What starts the clock. `determination` falls back to awareness while nothing was determined, which is earlier;
 * `notice_sent` is the notice of another rule (`after`); `year_end` is 31 December of the year of awareness.
 */
export type Trigger =
  | 'awareness'
  | 'determination'
  | 'assessment_complete'
  | 'handling_complete'
  | 'notice_sent'
  | 'year_end'
  | 'request_received'

/** An `assessment` is a duty to find out; nothing is sent, and it ends with the assessment. */
export type Stage = 'assessment' | 'initial' | 'update' | 'final'

/** Coarser than any statute: where the statute's own definition is finer, the rule's notes say so. */
export const DATA_CLASSES = [
  'name',
  'phone',
  'email',
  'address',
  'order_details',
  'government_id',
  'financial_account',
  'health',
  'biometric',
  'account_credentials',
  'location',
  'child',
  'other_sensitive',
] as const
export type DataClass = (typeof DATA_CLASSES)[number]

/** From less to more. Statutes have words of their own; `HarmTest.words` says which ones a level stands for. */
export const HARM_LEVELS = ['unlikely', 'risk', 'high_risk'] as const
export type Harm = (typeof HARM_LEVELS)[number]

export const ROLES = [
  'controller',
  'processor',
  'network_operator',
  'critical_infrastructure',
  'central_organ',
  'express_company',
  'hipaa_covered_entity',
] as const
export type Role = (typeof ROLES)[number]

/** What is true, false or not known yet of an incident (or, for `extended`, of a person's request). */
export const CIRCUMSTANCES = [
  'encrypted',
  'mitigated',
  'malicious',
  'outside_intrusion',
  'national_security_vulnerability',
  'material_by_sector_rule',
  'ordered_by_authority',
  'extended',
] as const
export type Circumstance = (typeof CIRCUMSTANCES)[number]

export type HarmTest = { atLeast: Harm; words: string }

/** All of its members together. `count` is of persons whom the jurisdiction covers; `classes` wants any one of them. */
export type Clause = {
  count?: { min?: number; max?: number }
  classes?: readonly DataClass[]
  harm?: HarmTest
  all?: readonly Circumstance[]
  none?: readonly Circumstance[]
}

/** Any one clause suffices; null where every incident counts. */
export type Threshold = { any: readonly Clause[] } | null

/** The law's own word for how fast, where there is more than a number or none. */
export const QUALIFIERS = {
  within: 'within the time',
  immediately: 'immediately',
  without_undue_delay: 'without undue delay',
  promptly: 'promptly',
  no_delay: 'without delay',
  as_soon_as_possible: 'as soon as possible',
  as_soon_as_practicable: 'as soon as practicable',
  as_soon_as_feasible: 'as soon as feasible',
  after_ascertaining: 'after ascertaining the facts',
  with_or_after_authority: 'with the notice to the authority or after it',
  with_individual_notice: 'with the notice to individuals',
  not_stated: 'time not in the evidence',
} as const
export type Qualifier = keyof typeof QUALIFIERS

/** `notAfter` names a rule: once its notice went out, the clock ends with that local day at the latest. */
export type Limit =
  | {
      n: number
      unit: 'h' | 'calendar_day' | 'business_day' | 'month'
      qualifier: Qualifier
      notAfter?: string
    }
  | { n: null; unit: 'none'; qualifier: Qualifier }

/**
 * How days are counted, for limits in days and months. `excluded`: the day of the trigger is not counted, day one is the
 * next. `stays`: an end on a day off is the end; a later one would have to be claimed by whoever knows that law.
 */
export type Counting = {
  firstDay: 'excluded' | 'included'
  dayOff: 'stays' | 'next_business_day'
  mark: Mark
  basis: string
}

export const CONTENTS = {
  nature: 'what happened',
  data_categories: 'categories of data',
  person_categories: 'categories of persons',
  numbers: 'numbers of persons and records',
  cause: 'cause',
  when_and_how: 'when and how it happened',
  consequences: 'likely or possible harm',
  secondary_damage: 'secondary damage or its risk',
  measures: 'measures taken or proposed',
  self_help: 'what the person can do',
  response_to_persons: 'what was done towards the persons',
  remedy: 'response and remedy',
  publication: 'what was made public',
  prevention: 'measures against recurrence',
  contact: 'contact',
  other: 'anything else of use',
} as const
export type Content = keyof typeof CONTENTS

/** May be stated when one of `when` is so and none of `unless`; leaving the notice out stays a decision of people. */
export type Exemption = {
  code: string
  words: string
  when: readonly Circumstance[]
  unless?: readonly Circumstance[]
}

export type Note = { text: string; mark?: Mark }

/** `YYYY-MM-DD`, or `YYYY-MM` where the day is not known. */
export type LawDate = string

export type Rule = {
  /** Stable: notices and waivers name it. */
  id: string
  duty: 'incident' | 'request'
  /** `voluntary` is recommended by the authority, not asked for by law. */
  binding: 'duty' | 'voluntary'
  jurisdiction: string
  instrument: string
  article: string
  status: Status
  /** First day in force, in the jurisdiction's own zone; null where the evidence has no date. */
  effectiveFrom: LawDate | null
  /** Last day in force. */
  effectiveTo: LawDate | null
  audience: Audience
  recipient: string
  stage: Stage
  /** Whether what is not known yet may be handed in later. */
  staged: boolean
  trigger: Trigger
  /** With `notice_sent`: the rule whose notice starts this clock. */
  after?: string
  /** Any of these roles, and none of those. */
  who: { any: readonly Role[]; none?: readonly Role[] }
  /** Whether a leak that only may have happened counts. If not, that it happened has to be established. */
  coversPossible: boolean
  threshold: Threshold
  /** Names for sizes, by persons, from small to large. */
  grades?: readonly { min: number; name: string }[]
  limit: Limit
  counting: Counting | null
  /** Empty where the evidence does not list them. */
  content: readonly Content[]
  exemptions: readonly Exemption[]
  recordRetention: { n: number; unit: 'month' | 'year' } | null
  source: string
  checkedOn: LawDate
  mark: Mark
  notes: readonly Note[]
}

/** One file of this folder. */
export type Jurisdiction = {
  /** ISO 3166-1 or 3166-2, or EU. */
  code: string
  name: string
  /** IANA zone in which its days begin and end: the authority's seat. */
  zone: string
  zoneNote?: string
  /** ISO 3166 codes of the persons whom its rules protect. `US` takes in `US-CA`. */
  covers: readonly string[]
  rules: readonly Rule[]
}
