import { z } from '@hono/zod-openapi'
import { HOLD_MODES } from '../../vault/watch/hold.ts'
import {
  clearHold,
  findSignal,
  listHolds,
  listSignals,
  placeHold,
  settleSignal,
} from '../../vault/watch/service.ts'
import { findSettings, putSettings } from '../../vault/watch/set-settings.ts'
import { SIGNAL_STATES } from '../../vault/watch/signal.ts'
import { endpoint } from '../endpoint.ts'
import { pathId } from '../schemas/ids.ts'
import { strict } from '../schemas/strict.ts'
import {
  HoldSchema,
  SignalSchema,
  SuspectSchema,
  WatchSettingsSchema,
  givenSettings,
  wireHold,
  wireSettings,
  wireSignal,
} from '../schemas/watch.ts'
import { PAGING, Reason, Time, listOf, pageFrom } from '../schemas/words.ts'

const signalInPath = pathId('sig', 'signal')
const holdInPath = pathId('hld', 'hold')

export const watchRoutes = [
  endpoint('GET /v1/signals', {
    summary: 'What the watch over the log has found',
    query: strict({
      ...PAGING,
      state: z.enum(SIGNAL_STATES).optional(),
      detector: z
        .string()
        .regex(/^[a-z_]{1,40}$/)
        .optional(),
    }),
    ok: { status: 200, description: 'Newest first.', schema: listOf(SignalSchema) },
    async handle({ vault, call, query }) {
      const { state, detector } = query
      const filter = { ...(state && { state }), ...(detector !== undefined && { detector }) }
      const { rows, next } = await listSignals(vault, call.caller, filter, pageFrom(query))
      return { body: { items: rows.map(wireSignal), next_cursor: next } }
    },
  }),

  endpoint('GET /v1/signals/{id}', {
    summary: 'One signal, with what it rests on',
    id: signalInPath,
    ok: { status: 200, description: 'The signal.', schema: SignalSchema },
    async handle({ vault, call, id }) {
      return { body: wireSignal(await findSignal(vault, call.caller, id)) }
    },
  }),

  endpoint('POST /v1/signals/{id}/confirm', {
    summary: 'Say that it was right',
    id: signalInPath,
    body: strict({ reason: Reason.optional() }),
    bodyOptional: true,
    ok: { status: 200, description: 'The signal.', schema: SignalSchema },
    errors: ['state_conflict'],
    async handle({ vault, call, id, body }) {
      return { body: wireSignal(await settleSignal(vault, call, id, 'confirmed', body?.reason)) }
    },
  }),

  endpoint('POST /v1/signals/{id}/dismiss', {
    summary: 'Say that it was nothing',
    description:
      'Whom it held is let go of, and the limit for it is moved by half, four times at the most in all; nothing else moves it.',
    id: signalInPath,
    body: strict({ reason: Reason }),
    ok: { status: 200, description: 'The signal.', schema: SignalSchema },
    errors: ['state_conflict'],
    async handle({ vault, call, id, body }) {
      return { body: wireSignal(await settleSignal(vault, call, id, 'dismissed', body.reason)) }
    },
  }),

  endpoint('GET /v1/holds', {
    summary: 'Who is held, why, and how long',
    query: strict({ ...PAGING, active: z.enum(['true', 'false']).optional() }),
    ok: { status: 200, description: 'Newest first.', schema: listOf(HoldSchema) },
    async handle({ vault, call, query }) {
      const filter = { active: query.active === 'true' }
      const { rows, next } = await listHolds(vault, call.caller, filter, pageFrom(query))
      return { body: { items: rows.map(wireHold), next_cursor: next } }
    },
  }),

  endpoint('POST /v1/holds', {
    summary: 'Hold a credential, a party, an operator, a device or a person',
    description:
      'Reveals of it, or by it, are denied with `risk_denied` from this answer on, or slowed down.',
    body: strict({
      suspect: SuspectSchema,
      mode: z.enum(HOLD_MODES).optional(),
      until: Time.nullable().optional(),
      reason: Reason,
    }).openapi('NewHold'),
    ok: { status: 201, description: 'The hold.', schema: HoldSchema },
    async handle({ vault, call, body }) {
      const { suspect, mode = 'stop', until = null, reason } = body
      return { body: wireHold(await placeHold(vault, call, { suspect, mode, until, reason })) }
    },
  }),

  endpoint('POST /v1/holds/{id}/clear', {
    summary: 'Let go',
    id: holdInPath,
    body: strict({ reason: Reason }),
    ok: { status: 200, description: 'The hold, over.', schema: HoldSchema },
    errors: ['state_conflict'],
    async handle({ vault, call, id, body }) {
      return { body: wireHold(await clearHold(vault, call, id, body.reason)) }
    },
  }),

  endpoint('GET /v1/watch/settings', {
    summary: 'What signals set off',
    ok: {
      status: 200,
      description: 'The settings; the defaults where none were set.',
      schema: WatchSettingsSchema,
    },
    async handle({ vault, call }) {
      return { body: wireSettings(await findSettings(vault, call.caller.tenant)) }
    },
  }),

  endpoint('PUT /v1/watch/settings', {
    summary: 'Set what signals set off',
    description: 'All of it at once. Settings that would stop everybody are refused.',
    body: WatchSettingsSchema,
    ok: { status: 200, description: 'The settings.', schema: WatchSettingsSchema },
    async handle({ vault, call, body }) {
      return { body: wireSettings(await putSettings(vault, call, givenSettings(body))) }
    },
  }),
]
