import { z } from '@hono/zod-openapi'
import type { IncidentId } from '../../core/id.ts'
import { findClocks, listClocks } from '../../vault/incidents/list-clocks.ts'
import { INCIDENT_RULES, markClocks } from '../../vault/incidents/mark-clocks.ts'
import type { Marking } from '../../vault/incidents/mark-clocks.ts'
import type { PlatformCaller } from '../../vault/principals/principal.ts'
import type { Call } from '../../vault/transact.ts'
import type { Vault } from '../../vault/vault.ts'
import { endpoint } from '../endpoint.ts'
import { ClocksSchema, IncidentRule, wireClocks } from '../schemas/clocks.ts'
import { pathId } from '../schemas/ids.ts'
import { strict } from '../schemas/strict.ts'
import { Reason, Time } from '../schemas/words.ts'

const inPath = pathId('inc', 'incident')

const Rules = z
  .array(IncidentRule)
  .min(1)
  .max(INCIDENT_RULES.length)
  .openapi({ description: 'All of them or none.' })

/** As many as a rule's exemptions ever are words for. */
const Exemption = z.string().regex(/^[a-z_]{1,64}$/)

const OK = {
  status: 200,
  description: 'These clocks, as of the last count of persons.',
  schema: ClocksSchema,
} as const

async function mark(vault: Vault, call: Call<PlatformCaller>, id: IncidentId, marking: Marking) {
  await markClocks(vault, call, id, marking)
  return { body: wireClocks(await findClocks(vault, call.caller, id, marking.rules)) }
}

export const incidentClockRoutes = [
  endpoint('GET /v1/incidents/{id}/clocks', {
    summary: 'The clocks of the law that run for it',
    description: 'Every rule, in order of urgency: those that do not apply come last and say why.',
    id: inPath,
    query: strict({
      all: z
        .enum(['true', 'false'])
        .optional()
        .openapi({ description: '`false` leaves out what does not apply.' }),
    }),
    ok: { status: 200, description: 'As of now.', schema: ClocksSchema },
    async handle({ vault, call, id, query }) {
      const view = await listClocks(vault, call.caller, id)
      const clocks = view.clocks.filter(({ state }) => query.all !== 'false' || state !== 'not_applicable')
      return { body: wireClocks({ ...view, clocks }) }
    },
  }),

  endpoint('POST /v1/incidents/{id}/clocks/met', {
    summary: 'Say that a notice was given',
    description: 'What was met stays as it was said first; saying it again changes nothing.',
    id: inPath,
    body: strict({ rules: Rules, at: Time, note: Reason.optional() }).openapi('ClocksMet'),
    ok: OK,
    errors: ['state_conflict'],
    async handle({ vault, call, id, body: { rules, at, note: reason } }) {
      return mark(vault, call, id, { kind: 'met', rules, at, ...(reason !== undefined && { reason }) })
    },
  }),

  endpoint('POST /v1/incidents/{id}/clocks/waived', {
    summary: 'Leave a notice out, or let it be late, for a reason',
    description: 'What was met stays met, and what was waived keeps its first reason.',
    id: inPath,
    body: strict({ rules: Rules, reason: Reason, exemption: Exemption.optional() }).openapi('ClocksWaived'),
    ok: OK,
    errors: ['state_conflict'],
    async handle({ vault, call, id, body: { rules, reason, exemption } }) {
      const marking = {
        kind: 'waived',
        rules,
        reason,
        ...(exemption !== undefined && { exemption }),
      } as const
      return mark(vault, call, id, marking)
    },
  }),

  endpoint('POST /v1/incidents/{id}/clocks/reopened', {
    summary: 'Take back what was said of a clock',
    description: 'It runs again; the log keeps what was said.',
    id: inPath,
    body: strict({ rules: Rules, reason: Reason }).openapi('ClocksReopened'),
    ok: OK,
    errors: ['state_conflict'],
    async handle({ vault, call, id, body: { rules, reason } }) {
      return mark(vault, call, id, { kind: 'reopened', rules, reason })
    },
  }),
]
