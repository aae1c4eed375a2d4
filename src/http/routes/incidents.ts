import { z } from '@hono/zod-openapi'
import { toRfc3339 } from '../../core/time.ts'
import { assessIncident } from '../../vault/incidents/assess.ts'
import { contain } from '../../vault/incidents/contain.ts'
import {
  CONTAINMENT_ACTIONS,
  INCIDENT_KINDS,
  INCIDENT_STATES,
  INCIDENT_STEPS,
  SEVERITIES,
} from '../../vault/incidents/incident.ts'
import type { Containment } from '../../vault/incidents/incident.ts'
import { release } from '../../vault/incidents/release.ts'
import { findScope } from '../../vault/incidents/scope.ts'
import { listScopeSubjects } from '../../vault/incidents/scope-subjects.ts'
import {
  closeIncident,
  findIncident,
  listIncidents,
  openIncident,
  reopenIncident,
} from '../../vault/incidents/service.ts'
import type { IncidentView } from '../../vault/incidents/service.ts'
import type { NamedSuspects } from '../../vault/incidents/suspects.ts'
import { endpoint, wireTime } from '../endpoint.ts'
import { FactsSchema, GivenFactsSchema, givenFacts, wireFacts } from '../schemas/facts.ts'
import { PartyIdSchema, idSchema, pathId } from '../schemas/ids.ts'
import { ScopeSchema, ScopedSubjectSchema, wireScope, wireScopedSubject } from '../schemas/scope.ts'
import { strict } from '../schemas/strict.ts'
import { CallerRef, Line, PagingQuery, Reason, Time, TimeOut, listOf, pageFrom } from '../schemas/words.ts'

/** Of each kind: an incident is about some, and a list of thousands is a window of everybody's. */
const MAX_SUSPECTS = 100

const Kind = z.enum(INCIDENT_KINDS)
const Action = z.enum(CONTAINMENT_ACTIONS)
const State = z.enum(INCIDENT_STATES)

/** A caller's own name: of one party, or wherever anybody uses it. */
const Name = z.union([CallerRef, strict({ party: PartyIdSchema, id: CallerRef })])

const KeyVersion = z.union([
  strict({ kind: z.literal('wrap'), version: z.int().min(1).max(1_000_000_000) }),
  strict({ kind: z.literal('root') }),
])

function upTo<Item extends z.ZodType>(item: Item) {
  return z.array(item).max(MAX_SUSPECTS).optional()
}

const SuspectsSchema = strict({
  credentials: upTo(idSchema('key')),
  parties: upTo(PartyIdSchema),
  operators: upTo(Name),
  devices: upTo(Name),
  subjects: upTo(idSchema('sub')),
  key_versions: upTo(KeyVersion),
}).openapi('Suspects', { description: 'Any of them is enough for an event to be in scope.' })

function namedSuspects(given: z.output<typeof SuspectsSchema> = {}): NamedSuspects {
  const { credentials = [], parties = [], operators = [], devices = [], subjects = [] } = given
  const name = (one: string | { party: z.output<typeof PartyIdSchema>; id: string }) =>
    typeof one === 'string' ? { id: one } : one
  return {
    credentials,
    parties,
    subjects,
    operators: operators.map(name),
    devices: devices.map(name),
    keys: given.key_versions ?? [],
  }
}

const ContainmentSchema = z
  .object({
    action: Action,
    state: z.enum(['running', 'done']),
    counts: z.record(z.string(), z.int()).openapi({ description: 'What it has changed so far, by name.' }),
  })
  .openapi('Containment')

function wireContainment({ action, state, counts }: Containment): z.input<typeof ContainmentSchema> {
  return { action, state, counts: { ...counts } }
}

const IncidentSchema = z
  .object({
    id: idSchema('inc'),
    title: z.string(),
    kind: Kind,
    state: State,
    severity: z.enum(SEVERITIES).nullable(),
    aware_at: TimeOut,
    occurred_from: TimeOut.nullable(),
    occurred_to: TimeOut.nullable(),
    opened_at: TimeOut,
    suspects: z.object({
      credentials: z.array(idSchema('key')),
      parties: z.array(PartyIdSchema),
      operators: z.array(z.string()),
      devices: z.array(z.string()),
      subjects: z.array(idSchema('sub')),
      key_versions: z.array(KeyVersion),
    }),
    containment: z.array(ContainmentSchema),
    facts: FactsSchema.openapi({ description: 'What was stated; null where nothing was.' }),
    timeline: z.array(
      z.object({
        step: z.enum(INCIDENT_STEPS),
        code: z.string().nullable(),
        at: TimeOut,
        event: idSchema('evt'),
        reason: z.string().nullable(),
      }),
    ),
    open_points: z
      .array(z.string())
      .openapi({ description: 'Why it is not closed without a reason; with `clocks_running` not at all.' }),
  })
  .openapi('Incident')

function wireIncident(view: IncidentView): z.input<typeof IncidentSchema> {
  const { id, title, kind, state, severity, suspects, operators, devices } = view
  return {
    id,
    title,
    kind,
    state,
    severity,
    aware_at: toRfc3339(view.awareAt),
    occurred_from: wireTime(view.occurredFrom),
    occurred_to: wireTime(view.occurredTo),
    opened_at: toRfc3339(view.openedAt),
    suspects: {
      credentials: [...suspects.credentials],
      parties: [...suspects.parties],
      operators: [...operators],
      devices: [...devices],
      subjects: [...suspects.subjects],
      key_versions: [...suspects.keys],
    },
    containment: view.containment.map(wireContainment),
    facts: wireFacts(view.facts),
    timeline: view.steps.map(({ at, ...step }) => ({ ...step, at: toRfc3339(at) })),
    open_points: [...view.openPoints],
  }
}

const WINDOW = {
  occurred_from: Time.optional(),
  occurred_to: Time.optional().openapi({ description: 'Both ends are in the window.' }),
}

type Window = z.output<ReturnType<typeof strict<typeof WINDOW>>>

function givenWindow({ occurred_from: occurredFrom, occurred_to: occurredTo }: Window) {
  return {
    ...(occurredFrom !== undefined && { occurredFrom }),
    ...(occurredTo !== undefined && { occurredTo }),
  }
}

const inPath = pathId('inc', 'incident')

export const incidentRoutes = [
  endpoint('POST /v1/incidents', {
    summary: 'Open an incident',
    body: strict({
      title: Line.openapi({ description: 'Kept sealed; never in the log.' }),
      kind: Kind,
      aware_at: Time,
      ...WINDOW,
      suspects: SuspectsSchema.optional(),
    }).openapi('NewIncident'),
    ok: {
      status: 201,
      description: 'The incident, open.',
      schema: z.object({ id: idSchema('inc'), state: State }),
    },
    async handle({ vault, call, body }) {
      const { title, kind, aware_at: awareAt } = body
      const suspects = namedSuspects(body.suspects)
      const incident = { title, kind, awareAt, suspects, ...givenWindow(body) }
      return { body: await openIncident(vault, call, incident) }
    },
  }),

  endpoint('GET /v1/incidents', {
    summary: 'List incidents',
    query: PagingQuery,
    ok: { status: 200, description: 'Newest first.', schema: listOf(IncidentSchema) },
    async handle({ vault, call, query }) {
      const { rows, next } = await listIncidents(vault, call.caller, pageFrom(query))
      return { body: { items: rows.map(wireIncident), next_cursor: next } }
    },
  }),

  endpoint('GET /v1/incidents/{id}', {
    summary: 'One incident, with its timeline and how far its containment has come',
    id: inPath,
    ok: { status: 200, description: 'The incident.', schema: IncidentSchema },
    async handle({ vault, call, id }) {
      return { body: wireIncident(await findIncident(vault, call.caller, id)) }
    },
  }),

  endpoint('POST /v1/incidents/{id}/assess', {
    summary: 'Say how bad it is, and what is known by now',
    description:
      'What is left out stays as it was; suspects that are given replace those before. A fact that is null is taken back.',
    id: inPath,
    body: strict({
      severity: z.enum(SEVERITIES),
      reason: Reason.optional(),
      ...WINDOW,
      suspects: SuspectsSchema.optional(),
      facts: GivenFactsSchema.optional(),
    }).openapi('Assessment'),
    ok: { status: 200, description: 'The incident.', schema: IncidentSchema },
    errors: ['state_conflict'],
    async handle({ vault, call, id, body }) {
      const { severity, reason, suspects, facts } = body
      const assessment = {
        severity,
        ...(reason !== undefined && { reason }),
        ...(suspects && { suspects: namedSuspects(suspects) }),
        ...(facts && { facts: givenFacts(facts) }),
        ...givenWindow(body),
      }
      return { body: wireIncident(await assessIncident(vault, call, id, assessment)) }
    },
  }),

  endpoint('GET /v1/incidents/{id}/scope', {
    summary: 'Whom it touches, from the log',
    id: inPath,
    ok: { status: 200, description: 'Counts, as of now.', schema: ScopeSchema },
    errors: ['state_conflict'],
    async handle({ vault, call, id }) {
      return { body: wireScope(await findScope(vault, call.caller, id)) }
    },
  }),

  endpoint('GET /v1/incidents/{id}/scope/subjects', {
    summary: 'The persons whom it touches',
    id: inPath,
    query: PagingQuery,
    ok: {
      status: 200,
      description: 'Each once; a page may be short and still name a next one.',
      schema: listOf(ScopedSubjectSchema),
    },
    errors: ['state_conflict'],
    async handle({ vault, call, id, query }) {
      const { rows, next } = await listScopeSubjects(vault, call.caller, id, pageFrom(query))
      return { body: { items: rows.map(wireScopedSubject), next_cursor: next } }
    },
  }),

  endpoint('POST /v1/incidents/{id}/contain', {
    summary: 'Stop it',
    description:
      'The suspects are denied from this answer on. What takes longer goes on by itself; asking again goes on too, and does nothing twice.',
    id: inPath,
    body: strict({ actions: z.array(Action).min(1).max(CONTAINMENT_ACTIONS.length) }),
    ok: {
      status: 200,
      description: 'What each action has done so far.',
      schema: z.object({ state: State, items: z.array(ContainmentSchema) }),
    },
    errors: ['state_conflict'],
    async handle({ vault, call, id, body }) {
      const { state, containment } = await contain(vault, call, id, body.actions)
      const asked = containment.filter(({ action }) => body.actions.includes(action))
      return { body: { state, items: asked.map(wireContainment) } }
    },
  }),

  endpoint('POST /v1/incidents/{id}/release', {
    summary: 'Let go of whom it holds',
    description:
      'Parties that it suspended become active again. What was revoked, retired or rotated stays so: give new ones.',
    id: inPath,
    body: strict({ reason: Reason }),
    ok: {
      status: 200,
      description: 'What was undone.',
      schema: z.object({ parties_reinstated: z.int() }),
    },
    errors: ['state_conflict'],
    async handle({ vault, call, id, body }) {
      const { partiesReinstated } = await release(vault, call, id, body.reason)
      return { body: { parties_reinstated: partiesReinstated } }
    },
  }),

  endpoint('POST /v1/incidents/{id}/close', {
    summary: 'Close it',
    description:
      'Refused while its containment runs or a clock does, and with other open points unless a reason is stated.',
    id: inPath,
    body: strict({ reason: Reason.optional() }),
    bodyOptional: true,
    ok: { status: 200, description: 'The incident.', schema: IncidentSchema },
    errors: ['state_conflict'],
    async handle({ vault, call, id, body }) {
      return { body: wireIncident(await closeIncident(vault, call, id, body.reason)) }
    },
  }),

  endpoint('POST /v1/incidents/{id}/reopen', {
    summary: 'Open a closed one again',
    id: inPath,
    body: strict({ reason: Reason }),
    ok: { status: 200, description: 'The incident.', schema: IncidentSchema },
    errors: ['state_conflict'],
    async handle({ vault, call, id, body }) {
      return { body: wireIncident(await reopenIncident(vault, call, id, body.reason)) }
    },
  }),
]
