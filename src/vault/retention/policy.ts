import type { EventId } from '../../core/id.ts'
import { DAY_MS, HOUR_MS, after } from '../../core/time.ts'
import type { Instant } from '../../core/time.ts'
import type { TenantSettings } from '../principals/principal.ts'
import { PAID_FOR_MS } from '../quota/quota.ts'
import { IDEMPOTENCY_LIVES_MS } from '../requests/idempotency.ts'
import type { Stage } from '../shipments/shipment.ts'

/** What a rule of the log is about, and what one of anything else is about. */
export const EVENT_KINDS = ['disclosure_events', 'other_events'] as const
export const ROW_KINDS = [
  'expired_tokens',
  'ended_sessions',
  'idempotency',
  'paid_items',
  'closed_parcels',
] as const
export type EventKind = (typeof EVENT_KINDS)[number]
export type RowKind = (typeof ROW_KINDS)[number]
export type RetentionKind = EventKind | RowKind

/** From these stages on nobody is shown anything of a parcel any more, at the latest 48 h later. */
export const SETTLED_STAGES = [
  'delivered',
  'returned',
  'cancelled',
  'closed',
] as const satisfies readonly Stage[]

/**
 * How well a rule's source is known: `R` read in the statute's text, `Q` official text quoted in a checked note, `S` secondary
 * source, `K` general knowledge, so unverified; `own` where no law is known to set a floor and the product chose.
 */
export type Mark = 'R' | 'Q' | 'S' | 'K' | 'own'

export type RetentionRule = {
  kind: RetentionKind
  /** From when the time counts. */
  since: string
  /** The default. */
  keepMs: number
  /** What law or contract asks for at least; 0 if nothing does. */
  floorMs: number
  source: string
  mark: Mark
  /** `2026-11`: when source and mark were checked. */
  checkedOn: string
  /**
   * How long what is due may wait for others, so that a quiet tenant's log does not fill with events about single rows. Nothing
   * counts for longer by it.
   */
  waitMs: number
}

/** No three calendar years have more days. */
const THREE_YEARS_MS = 1_096 * DAY_MS
/** No six calendar months have more days. */
const SIX_MONTHS_MS = 184 * DAY_MS
const ONE_YEAR_MS = 366 * DAY_MS

/** Data, not law itself: shared by all tenants; a tenant's own settings go before the default, not before the floor. */
export const RETENTION_RULES: readonly RetentionRule[] = [
  {
    kind: 'disclosure_events',
    since: 'the event',
    keepMs: THREE_YEARS_MS,
    floorMs: THREE_YEARS_MS,
    source: 'CN network data security regulations 12; PIPL 56; E-commerce Law 31: 3 years',
    mark: 'R',
    checkedOn: '2026-11',
    waitMs: DAY_MS,
  },
  {
    kind: 'other_events',
    since: 'the event',
    keepMs: ONE_YEAR_MS,
    floorMs: SIX_MONTHS_MS,
    source: 'CN Cybersecurity Law, network logs: 6 months',
    mark: 'K',
    checkedOn: '2026-11',
    waitMs: DAY_MS,
  },
  {
    kind: 'expired_tokens',
    since: 'running out or being retired',
    keepMs: 90 * DAY_MS,
    floorMs: 0,
    source: 'as long as the token lived: until then it still says why it is refused',
    mark: 'own',
    checkedOn: '2026-11',
    waitMs: DAY_MS,
  },
  {
    kind: 'ended_sessions',
    since: 'ending or running out',
    keepMs: HOUR_MS,
    floorMs: 0,
    source: 'no session lives longer than an hour, so its token has run out by then',
    mark: 'own',
    checkedOn: '2026-11',
    waitMs: HOUR_MS,
  },
  {
    kind: 'idempotency',
    since: 'the first call',
    keepMs: IDEMPOTENCY_LIVES_MS,
    floorMs: IDEMPOTENCY_LIVES_MS,
    source: 'the HTTP contract: kept for 24 h',
    mark: 'own',
    checkedOn: '2026-11',
    waitMs: HOUR_MS,
  },
  {
    kind: 'paid_items',
    since: 'the charge',
    keepMs: PAID_FOR_MS,
    floorMs: PAID_FOR_MS,
    source: 'the HTTP contract: costs nothing more within the hour',
    mark: 'own',
    checkedOn: '2026-11',
    waitMs: HOUR_MS,
  },
  {
    kind: 'closed_parcels',
    since: 'delivery, return, cancellation or closing',
    keepMs: 180 * DAY_MS,
    floorMs: 0,
    source: 'twice the 90 days that a shop may search back; what accounts need stays',
    mark: 'own',
    checkedOn: '2026-11',
    waitMs: DAY_MS,
  },
]

export function ruleOf(kind: RetentionKind): RetentionRule {
  const rule = RETENTION_RULES.find((one) => one.kind === kind)
  if (!rule) throw new Error(`no rule for ${kind}`)
  return rule
}

export function isEventKind(kind: RetentionKind): kind is EventKind {
  return EVENT_KINDS.some((one) => one === kind)
}

export function parseRetentionKind(text: string): RetentionKind | undefined {
  return [...EVENT_KINDS, ...ROW_KINDS].find((kind) => kind === text)
}

/** A tenant's own time for one kind. `reason` is the event of the change, under whose id the words themselves are sealed. */
export type RetentionSetting = { kind: RetentionKind; days: number; override?: { reason: EventId } }

/** A hundred years. */
const MAX_DAYS = 36_525

export type SettingRefusal = 'days_invalid' | 'below_floor' | 'override_needless'

/**
 * Whether a tenant may have this time. An override is for going below a floor of the law, and for nothing else. What the HTTP
 * contract promises cannot be gone below at all: no promise is longer than the one day that is the least.
 */
export function judgeSetting(
  kind: RetentionKind,
  days: number,
  overridden: boolean,
): SettingRefusal | undefined {
  if (!Number.isInteger(days) || days < 1 || days > MAX_DAYS) return 'days_invalid'
  if (days * DAY_MS >= ruleOf(kind).floorMs) return overridden ? 'override_needless' : undefined
  return overridden ? undefined : 'below_floor'
}

/** How long a tenant's rows of a kind are kept. A setting that may not be counts as none. */
export function keepMsOf(settings: TenantSettings, rule: RetentionRule): number {
  const own = settings.retention?.find(({ kind }) => kind === rule.kind)
  if (!own || judgeSetting(rule.kind, own.days, own.override !== undefined)) return rule.keepMs
  return own.days * DAY_MS
}

/** What counts from before this moment is due: at exactly the kept time it is not yet. */
export function dueBefore(settings: TenantSettings, rule: RetentionRule, now: Instant): Instant {
  return after(now, -keepMsOf(settings, rule))
}

/** Whether due rows are cleaned now: enough for a bite of their own, or the oldest has waited for long enough. */
export function isWorthwhile(
  rule: RetentionRule,
  due: { oldest: Instant; before: Instant; full: boolean },
): boolean {
  return due.full || due.before - due.oldest >= rule.waitMs
}
