import { z } from '@hono/zod-openapi'
import { toRfc3339 } from '../../core/time.ts'
import { DETECTORS } from '../../vault/watch/detectors/index.ts'
import { HOLD_MODES } from '../../vault/watch/hold.ts'
import type { HoldView, SignalView } from '../../vault/watch/service.ts'
import { ACTIONS } from '../../vault/watch/settings.ts'
import type { ActionsBySeverity } from '../../vault/watch/settings.ts'
import { MOST_HELD_SHARE } from '../../vault/watch/set-settings.ts'
import type { GivenSettings } from '../../vault/watch/set-settings.ts'
import { ALERT_CHANNELS, SIGNAL_SEVERITIES, SIGNAL_STATES } from '../../vault/watch/signal.ts'
import { wireTime } from '../endpoint.ts'
import { PartyIdSchema, idSchema } from './ids.ts'
import { strict } from './strict.ts'
import { TimeOut } from './words.ts'

const DETECTOR_NAMES = DETECTORS.map(({ name }) => name).join(', ')

/** Whom a signal or a hold is about. */
export const SuspectSchema = z.union([
  idSchema('key'),
  PartyIdSchema,
  idSchema('opr'),
  idSchema('dev'),
  idSchema('sub'),
])

const Severity = z.enum(SIGNAL_SEVERITIES)

export const SignalSchema = z
  .object({
    id: idSchema('sig'),
    detector: z.string().openapi({ description: `One of ${DETECTOR_NAMES}; or canary.` }),
    sentence: z.string().openapi({ description: 'What was found, with its figures. No data of persons.' }),
    figures: z.record(z.string(), z.union([z.number(), z.string()])),
    severity: Severity,
    state: z.enum(SIGNAL_STATES),
    about: SuspectSchema.nullable().openapi({ description: 'Null: the tenant as a whole.' }),
    implicated: z.object({
      party: PartyIdSchema.optional(),
      credential: idSchema('key').optional(),
      operator: idSchema('opr').optional(),
      device: idSchema('dev').optional(),
      subject: idSchema('sub').optional(),
    }),
    evidence: z.array(idSchema('evt')).openapi({ description: 'Of many, the first and the last ones.' }),
    count: z
      .int()
      .openapi({ description: 'How often it was found; at each doubling this is brought up to date.' }),
    first_at: TimeOut,
    last_at: TimeOut,
    actions: z
      .array(z.string())
      .openapi({ description: 'What was done; `not_held_…` and `held_already` say why nobody was held.' }),
    hold: idSchema('hld').nullable(),
    incident: idSchema('inc').nullable(),
    alerts: z.array(
      z.object({
        channel: z.enum(ALERT_CHANNELS),
        state: z.enum(['queued', 'sent', 'failed']),
        attempts: z.int(),
        code: z.string().nullable(),
      }),
    ),
    event: idSchema('evt'),
    settled_by: idSchema('key').nullable(),
    settled_at: TimeOut.nullable(),
    reason: z.string().nullable(),
  })
  .openapi('Signal')

export function wireSignal(view: SignalView): z.input<typeof SignalSchema> {
  const { id, detector, sentence, severity, state, about, implicated, count, hold, incident, event } = view
  return {
    id,
    detector,
    sentence,
    figures: { ...view.figures },
    severity,
    state,
    about,
    implicated,
    evidence: [...view.evidence],
    count,
    first_at: toRfc3339(view.firstAt),
    last_at: toRfc3339(view.lastAt),
    actions: [...view.actions],
    hold,
    incident,
    alerts: view.alerts.map(({ channel, state: how, attempts, code }) => ({
      channel,
      state: how,
      attempts,
      code,
    })),
    event,
    settled_by: view.settled?.by ?? null,
    settled_at: wireTime(view.settled?.at ?? null),
    reason: view.reason,
  }
}

export const HoldSchema = z
  .object({
    id: idSchema('hld'),
    suspect: SuspectSchema,
    mode: z
      .enum(HOLD_MODES)
      .openapi({ description: '`stop` denies with `risk_denied`; `slow` answers 429.' }),
    signal: idSchema('sig').nullable(),
    cause: z.string().nullable().openapi({ description: "The signal's sentence." }),
    reason: z.string().nullable().openapi({ description: 'What the person who placed it said.' }),
    placed_by: idSchema('key').nullable().openapi({ description: 'Null: the vault itself.' }),
    placed_at: TimeOut,
    until: TimeOut.nullable().openapi({ description: 'Null: until somebody clears it.' }),
    cleared_at: TimeOut.nullable(),
    cleared_by: idSchema('key').nullable().openapi({ description: 'Null: its time ended.' }),
    cleared_reason: z.string().nullable(),
    event: idSchema('evt'),
  })
  .openapi('Hold')

export function wireHold(view: HoldView): z.input<typeof HoldSchema> {
  const { id, suspect, mode, signal, cause, reason, event } = view
  return {
    id,
    suspect,
    mode,
    signal,
    cause,
    reason,
    placed_by: view.placedBy,
    placed_at: toRfc3339(view.placedAt),
    until: wireTime(view.until),
    cleared_at: wireTime(view.clearedAt),
    cleared_by: view.clearedBy,
    cleared_reason: view.clearedReason,
    event,
  }
}

const Actions = z.array(z.enum(ACTIONS)).max(ACTIONS.length)
const Name = z.string().regex(/^[a-z_]{1,40}$/)

const SETTINGS = {
  actions: z.record(
    Name,
    strict({
      low: Actions.optional(),
      medium: Actions.optional(),
      high: Actions.optional(),
      critical: Actions.optional(),
    }),
  ),
  hold_s: z.int().min(60).max(604_800),
  max_held_share: z.number().min(0).max(1),
  alert_channels: z.array(z.enum(ALERT_CHANNELS)).max(ALERT_CHANNELS.length),
  alert_email: z.email().max(254).nullable(),
  parameters: z.record(Name, z.record(Name, z.number().min(0).max(1_000_000))),
}

export const WatchSettingsSchema = strict(SETTINGS).openapi('WatchSettings', {
  description: `\`actions\` by detector (${DETECTOR_NAMES}, canary), \`all\` for those without an entry. \`max_held_share\`: of the active parties, how many the vault may hold by itself within an hour, at most ${MOST_HELD_SHARE}.`,
})

export function givenSettings(body: z.output<typeof WatchSettingsSchema>): GivenSettings {
  return {
    actions: body.actions as Readonly<Record<string, ActionsBySeverity>>,
    holdS: body.hold_s,
    maxHeldShare: body.max_held_share,
    alertChannels: [...new Set(body.alert_channels)],
    alertEmail: body.alert_email,
    parameters: body.parameters,
  }
}

export function wireSettings(settings: GivenSettings): z.input<typeof WatchSettingsSchema> {
  const actions = Object.fromEntries(
    Object.entries(settings.actions).map(([detector, by]) => [
      detector,
      Object.fromEntries(Object.entries(by).map(([severity, some]) => [severity, [...some]])),
    ]),
  )
  const parameters = Object.fromEntries(
    Object.entries(settings.parameters).map(([detector, values]) => [detector, { ...values }]),
  )
  return {
    actions,
    hold_s: settings.holdS,
    max_held_share: settings.maxHeldShare,
    alert_channels: [...settings.alertChannels],
    alert_email: settings.alertEmail,
    parameters,
  }
}
