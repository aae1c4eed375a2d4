import { z } from '@hono/zod-openapi'
import { findEvent, findLeaf, listEvents } from '../../vault/audit/queries.ts'
import type { EventQuery, EventView } from '../../vault/audit/queries.ts'
import { endpoint } from '../endpoint.ts'
import { PartyIdSchema, idSchema, pathId } from '../schemas/ids.ts'
import { strict } from '../schemas/strict.ts'
import { PAGING, Time, TimeOut, listOf, pageFrom } from '../schemas/words.ts'

const EventSchema = z
  .looseObject({
    id: idSchema('evt'),
    index: z.int().nullable().openapi({ description: "The leaf's place in the log; null for up to 1 s." }),
    at: TimeOut,
    type: z.string(),
    decision: z.enum(['allowed', 'denied']).optional(),
    code: z.string().optional(),
    party: PartyIdSchema.optional(),
    credential: idSchema('key').optional(),
    operator: z.object({ id: z.string().optional(), device: z.string().optional() }).optional(),
    subject: idSchema('sub').optional().openapi({ description: 'To the platform only.' }),
    grant: idSchema('grt').optional(),
    shipment: idSchema('shp').optional(),
    purpose: z.string().optional(),
    fields: z.record(z.string(), z.string()).optional(),
  })
  .openapi('Event')

/** The leaf's own words; `EventSchema` names those that are promised. */
function wireEvent(event: EventView): z.input<typeof EventSchema> {
  return event as z.input<typeof EventSchema>
}

const EventsQuery = strict({
  ...PAGING,
  subject: idSchema('sub').optional(),
  party: PartyIdSchema.optional(),
  from: Time.optional(),
  to: Time.optional(),
})

function eventQuery({ subject, party, from, to }: z.output<typeof EventsQuery>): EventQuery {
  return {
    ...(subject && { subject }),
    ...(party && { party }),
    ...(from !== undefined && { from }),
    ...(to !== undefined && { to }),
  }
}

export const eventRoutes = [
  endpoint('GET /v1/events', {
    summary: 'The log',
    description: 'The platform sees all of it, a party its own part.',
    query: EventsQuery,
    ok: {
      status: 200,
      description: 'Oldest first; a page may be short and still name a next one.',
      schema: listOf(EventSchema),
    },
    async handle({ vault, call, query }) {
      const { rows, next } = await listEvents(vault, call.caller, eventQuery(query), pageFrom(query))
      return { body: { items: rows.map(wireEvent), next_cursor: next } }
    },
  }),

  endpoint('GET /v1/events/{id}', {
    summary: 'One event',
    id: pathId('evt', 'event'),
    ok: { status: 200, description: 'The event.', schema: EventSchema },
    async handle({ vault, call, id }) {
      return { body: wireEvent(await findEvent(vault, call.caller, id)) }
    },
  }),

  endpoint('GET /v1/events/{id}/leaf', {
    summary: 'The canonical bytes that were hashed',
    id: pathId('evt', 'event'),
    ok: {
      status: 200,
      description: "The leaf: SHA-256 of a zero byte and these is its hash in the log's tree.",
      schema: z.any().openapi({ type: 'string', format: 'binary' }),
      type: 'application/octet-stream',
    },
    async handle({ vault, call, id }) {
      return { bytes: await findLeaf(vault, call.caller, id) }
    },
  }),
]
