import type { Purpose } from '../../core/purpose.ts'
import type { Instant } from '../../core/time.ts'
import type { View } from '../fields/field-type.ts'
import { lesserView } from '../fields/registry.ts'
import type { FieldName } from '../fields/registry.ts'
import { PURPOSE_FIELDS, covers } from '../grants/defaults.ts'
import type { FieldViews, GrantTerms } from '../grants/grant.ts'
import type { Recipient } from '../records/record.ts'
import type { TokenLife } from '../tokens/token.ts'
import { tokenStatus } from '../tokens/token.ts'
import type { Stop } from '../watch/hold.ts'

/** Why an item is denied: part of the HTTP contract. */
export type DenialCode =
  | 'token_unknown'
  | 'token_expired'
  | 'token_retired'
  | 'token_stale'
  | 'context_required'
  | 'grant_missing'
  | 'grant_revoked'
  | 'grant_expired'
  | 'grant_exhausted'
  | 'purpose_not_allowed'
  | 'stage_not_allowed'
  | 'shipment_closed'
  | 'subject_restricted'
  | 'subject_erased'
  | 'quota_exhausted'
  | 'risk_denied'
  | 'contained'

/** Why a single field of an allowed item is held back. */
export type HeldBack = 'grant' | 'stage' | 'purpose' | 'token' | 'absent'

export type FieldVerdict = { view: View; reason?: HeldBack }

export type Decision =
  | { allowed: true; grant: GrantTerms; fields: ReadonlyMap<FieldName, FieldVerdict> }
  | { allowed: false; code: DenialCode; grant?: GrantTerms; stop?: Stop }

/** All that a decision on one item rests on, as it was read. */
export type Asked = {
  purpose: Purpose
  subject: Recipient['subject']
  /** What holds the caller, who looks for it, or the person. */
  stop: Stop | undefined
  /** The tokens that stand for the fields; a shop's own, or the recipient's of a parcel. */
  tokens: readonly TokenLife[]
  /** Which fields have a value at all. */
  present: readonly FieldName[]
  /** For a parcel its own one; else all that the party holds on the person. */
  grants: readonly GrantTerms[]
  /** What the parcel's stage allows; `closed` when its journey is over; undefined where there is no parcel. */
  stage: FieldViews | 'closed' | undefined
  /** Which fields were asked for; what the tokens stand for if none were named. */
  wanted: readonly FieldName[]
}

/** Pure: no I/O, no clock. The order of checks is fixed, so the reason that is logged is stable. */
export function judge(asked: Asked, now: Instant): Decision {
  if (asked.subject.state === 'erased') return { allowed: false, code: 'subject_erased' }
  if (asked.stop) return { allowed: false, code: asked.stop.code, stop: asked.stop }
  const { grant, code: grantCode } = chooseGrant(asked.grants, asked.purpose, now)
  const denied = (code: DenialCode): Decision => ({ allowed: false, code, ...(grant && { grant }) })
  if (grantCode) return denied(grantCode)
  const tokenCode = firstTokenRefusal(asked, now)
  if (tokenCode) return denied(tokenCode)
  if (asked.subject.state === 'restricted') return denied('subject_restricted')
  if (asked.stage === 'closed') return denied('shipment_closed')
  if (!grant) return denied('grant_missing')
  const stage = asked.stage
  const fields = new Map(asked.wanted.map((field) => [field, viewOf(field, asked, grant, stage)]))
  const verdicts = [...fields.values()]
  if (verdicts.every(({ view }) => view === 'none')) return denied(whyNothing(verdicts))
  return { allowed: true, grant, fields }
}

/** The live grant that covers the purpose and shows most; else the most telling reason why there is none. */
function chooseGrant(
  grants: readonly GrantTerms[],
  purpose: Purpose,
  now: Instant,
): { grant?: GrantTerms; code?: DenialCode } {
  const covering = grants.filter((grant) => covers(grant.purpose, purpose))
  const live = covering.filter((grant) => grantRefusal(grant, now) === undefined)
  const best = live.toSorted((a, b) => rank(b, purpose) - rank(a, purpose))[0]
  if (best) return { grant: best }
  const last = covering.toSorted((a, b) => b.createdAt - a.createdAt)[0]
  const code = last && grantRefusal(last, now)
  if (last && code) return { grant: last, code }
  const otherwiseLive = grants.some((grant) => grantRefusal(grant, now) === undefined)
  return { code: otherwiseLive ? 'purpose_not_allowed' : (firstRefusal(grants, now) ?? 'grant_missing') }
}

/** A grant for exactly this purpose was given for a reason, so it goes before a standing one. */
function rank(grant: GrantTerms, purpose: Purpose): number {
  return grant.purpose === purpose ? 1 : 0
}

function firstRefusal(grants: readonly GrantTerms[], now: Instant): DenialCode | undefined {
  const newest = grants.toSorted((a, b) => b.createdAt - a.createdAt)[0]
  return newest && grantRefusal(newest, now)
}

export function grantRefusal(grant: GrantTerms, now: Instant): DenialCode | undefined {
  if (grant.revokedAt !== null) return 'grant_revoked'
  if (grant.from > now) return 'grant_missing'
  if (grant.until !== null && grant.until <= now) return 'grant_expired'
  if (grant.usesMax !== null && grant.uses >= grant.usesMax) return 'grant_exhausted'
  return undefined
}

function firstTokenRefusal(asked: Asked, now: Instant): DenialCode | undefined {
  for (const token of asked.tokens) {
    const status = tokenStatus(token, asked.present.includes(token.field), now)
    if (status === 'live') continue
    // One field of a parcel that has lost its value does not stop the others.
    if (status === 'stale' && asked.tokens.length > 1) continue
    if (status !== 'unknown') return `token_${status}`
  }
  return undefined
}

function viewOf(
  field: FieldName,
  asked: Asked,
  grant: GrantTerms,
  stage: FieldViews | undefined,
): FieldVerdict {
  if (!asked.tokens.some((token) => token.field === field)) return { view: 'none', reason: 'token' }
  if (!PURPOSE_FIELDS[asked.purpose].includes(field)) return { view: 'none', reason: 'purpose' }
  const granted = grant.fields[field] ?? 'none'
  if (granted === 'none') return { view: 'none', reason: 'grant' }
  const staged = stage ? (stage[field] ?? 'none') : granted
  if (staged === 'none') return { view: 'none', reason: 'stage' }
  if (!asked.present.includes(field)) return { view: 'none', reason: 'absent' }
  return { view: lesserView(field, granted, staged) }
}

function whyNothing(verdicts: readonly FieldVerdict[]): DenialCode {
  if (verdicts.some(({ reason }) => reason === 'stage')) return 'stage_not_allowed'
  if (verdicts.some(({ reason }) => reason === 'absent')) return 'token_stale'
  if (verdicts.some(({ reason }) => reason === 'purpose')) return 'purpose_not_allowed'
  return 'grant_missing'
}
