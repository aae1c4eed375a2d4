import type { Content } from '../../law/rule.ts'

/** Whom a notice is for. `partners` are shops and whoever else keeps the persons' orders; `public` stands in for persons who cannot be reached. */
export const NOTICE_AUDIENCES = ['persons', 'authority', 'partners', 'public'] as const
export type NoticeAudience = (typeof NOTICE_AUDIENCES)[number]

/** What a notice can say, each a text of its own. Finer than `CONTENTS`, since some laws ask for one half of what others ask for whole. */
export const NOTICE_ITEMS = {
  sender: 'who sends it',
  nature: 'what happened',
  when: 'when it happened',
  discovered: 'when and how it was noticed',
  place: 'where it happened',
  cause: 'why it happened',
  police_delay: 'whether the police asked to wait',
  late_reasons: 'why it comes late',
  data_categories: 'what data',
  person_categories: 'what kinds of persons',
  numbers: 'how many persons and records',
  consequences: 'likely or possible harm',
  secondary_damage: 'further harm, or its risk',
  measures: 'measures taken or proposed',
  chronology: 'step by step what was done',
  prevention: 'measures against recurrence',
  response_to_persons: 'what was done towards the persons',
  publication: 'what was made public',
  notices_given: 'who was told, when, and how many',
  police_informed: 'whether the police know',
  perpetrator: 'what is known of who caused it',
  identity_service: 'help against identity theft',
  free_services: 'services that cost the persons nothing',
  self_help: 'what the person can do',
  remedy: 'how to complain or claim',
  credit_agencies: 'how to reach credit reporting agencies',
  agencies: 'public agencies that advise',
  contact: 'whom to ask',
  other: 'anything else of use',
  notice_date: 'date of the notice',
} as const
export type NoticeItem = keyof typeof NOTICE_ITEMS

/** What the law's own words come to, item by item. */
export const ITEMS_OF: Readonly<Record<Content, readonly NoticeItem[]>> = {
  nature: ['nature'],
  data_categories: ['data_categories'],
  person_categories: ['person_categories'],
  numbers: ['numbers'],
  cause: ['cause'],
  when_and_how: ['when', 'cause'],
  consequences: ['consequences'],
  secondary_damage: ['secondary_damage'],
  measures: ['measures'],
  self_help: ['self_help'],
  response_to_persons: ['response_to_persons'],
  remedy: ['measures', 'remedy'],
  publication: ['publication'],
  prevention: ['prevention'],
  contact: ['contact'],
  other: ['other'],
}

/** What some contents hang on. Whoever drafts says which of them are so. */
export const CONDITIONS = ['late', 'police_delay', 'government_id', 'free_services'] as const
export type Condition = (typeof CONDITIONS)[number]
