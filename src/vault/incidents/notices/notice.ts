import { toHex, lengthPrefixed } from '../../../core/bytes.ts'
import type { CredentialId, IncidentId, NoticeId } from '../../../core/id.ts'
import { sha256 } from '../../../core/sha256.ts'
import type { Instant } from '../../../core/time.ts'
import type { FieldName } from '../../fields/registry.ts'
import { JURISDICTIONS } from '../law/index.ts'
import { UNKNOWN } from '../people.ts'
import type { NoticeAudience } from './templates/items.ts'

/** `page`: the person's own, under /v1/me/notices. `public`: a page for everybody. */
export const NOTICE_CHANNELS = ['email', 'sms', 'voice', 'webhook', 'page', 'public'] as const
export type NoticeChannel = (typeof NOTICE_CHANNELS)[number]

export const NOTICE_STATES = ['draft', 'approved', 'sending', 'sent', 'cancelled', 'omitted'] as const
export type NoticeState = (typeof NOTICE_STATES)[number]

/** `no_contact` and `erased`: nobody can be reached, and so nothing is tried. */
export const DELIVERY_STATES = [
  'queued',
  'sent',
  'delivered',
  'bounced',
  'failed',
  'no_contact',
  'erased',
] as const
export type DeliveryState = (typeof DELIVERY_STATES)[number]

/** One text to one audience over one channel. What it says, and to which addresses beyond persons', is sealed in notes about it. */
export type Notice = {
  id: NoticeId
  incident: IncidentId
  audience: NoticeAudience
  /** Null for everybody in scope; `unknown` for those of whom it is not known. */
  jurisdiction: string | null
  channel: NoticeChannel
  state: NoticeState
  draftedBy: CredentialId
  draftedAt: Instant
  /** Whose words they are now. */
  editedBy: CredentialId
  approvedBy: CredentialId | null
  approvedAt: Instant | null
  /** 128 random bits in hex: what message ids are made from. */
  seed: string
  /** The number of the last person of the scope that was looked at. Opaque. */
  cursor: number
  version: number
}

/** How it went with one recipient: a person by the number of its row, else an address by its place in the notice, from 1. */
export type Delivery = {
  recipient: number
  state: DeliveryState
  /** Attempts that were begun. */
  attempts: number
  /** When the next one may begin; null once nothing more is tried. */
  nextAt: Instant | null
  /** Why, in a word or a reply's number; never what a server wrote, as it may repeat the address. */
  code: string | null
  /** Since when it is queued; from then on counts how long it is tried. */
  since: Instant
  at: Instant
}

export type Enrolled = Pick<Delivery, 'recipient' | 'state'>

const CHANNELS_OF: Readonly<Record<NoticeAudience, readonly NoticeChannel[]>> = {
  persons: ['email', 'sms', 'voice', 'webhook', 'page'],
  authority: ['email', 'sms', 'voice'],
  partners: ['email', 'sms', 'voice'],
  public: ['public'],
}

/** The first is what an audience gets where nobody says otherwise. */
export function channelsOf(audience: NoticeAudience): readonly NoticeChannel[] {
  return CHANNELS_OF[audience]
}

const CONTACTS: Readonly<Record<NoticeChannel, FieldName | null>> = {
  email: 'email',
  sms: 'phone',
  voice: 'phone',
  webhook: null,
  page: null,
  public: null,
}

/** The one field of a person that has to be opened to reach it; null where nothing is. */
export function contactField(channel: NoticeChannel): FieldName | null {
  return CONTACTS[channel]
}

/** Published by the vault itself: there is nothing to send. */
export function isPublished(channel: NoticeChannel): channel is 'page' | 'public' {
  return channel === 'page' || channel === 'public'
}

/** Whether there is work left for the job. */
export function isAtWork({ state }: Pick<Notice, 'state'>): boolean {
  return state === 'approved' || state === 'sending'
}

/** Whether a notice for these jurisdictions is for a person of this one. */
export function isFor(asked: string | null, jurisdiction: string | null): boolean {
  if (asked === null) return true
  if (jurisdiction === null) return asked === UNKNOWN
  const covers = JURISDICTIONS.find(({ code }) => code === asked)?.covers ?? [asked]
  return covers.some((code) => jurisdiction === code || jurisdiction.startsWith(`${code}-`))
}

const ID_BYTES = 16

/**
 * The same at each attempt, so that a receiver knows a repetition; two recipients' say nothing of each other, and nothing of
 * how many there are. 32 hex digits.
 */
export function messageId({ seed }: Pick<Notice, 'seed'>, recipient: number): string {
  return toHex(sha256(lengthPrefixed(seed, String(recipient))).subarray(0, ID_BYTES))
}
