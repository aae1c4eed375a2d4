import { z } from '@hono/zod-openapi'
import { toBase64 } from '../../core/bytes.ts'
import { toRfc3339 } from '../../core/time.ts'
import {
  CONTAINMENT_ACTIONS,
  INCIDENT_KINDS,
  INCIDENT_STATES,
  INCIDENT_STEPS,
  SEVERITIES,
} from '../../vault/incidents/incident.ts'
import { NOTICE_AUDIENCES } from '../../vault/incidents/notices/templates/items.ts'
import { FORM_CODES, OPEN_POINTS } from '../../vault/incidents/report/report.ts'
import type { FilledForm, Report, ReportScope, ReportStep } from '../../vault/incidents/report/report.ts'
import { wireTime } from '../endpoint.ts'
import { ClockSchema, wireClock } from './clocks.ts'
import { idSchema } from './ids.ts'
import { TimeOut } from './words.ts'

const OPEN_POINT_CODES = Object.keys(OPEN_POINTS) as [keyof typeof OPEN_POINTS]

const ProofSchema = z.object({
  index: z.int(),
  leaf_hash: z.string().openapi({ description: 'Base64; RFC 6962.' }),
  covered: z.boolean().openapi({ description: 'Whether the checkpoint covers it already.' }),
  path: z.array(z.string()).openapi({ description: 'Base64 of each hash, from the leaf’s sibling up.' }),
})

const ReportScopeSchema = z.object({
  events: z.int(),
  subjects: z.int(),
  erased: z.int(),
  first_at: TimeOut.nullable(),
  last_at: TimeOut.nullable(),
  by_jurisdiction: z.record(z.string(), z.int()),
  by_field: z.array(z.object({ field: z.string(), view: z.string(), events: z.int(), subjects: z.int() })),
  parties: z.int(),
  credentials: z.int(),
  operators: z.int(),
  devices: z.int(),
  copied: z.object({ subjects: z.int(), opens: z.int() }).nullable(),
})

const NoticeFiguresSchema = z.object({
  notice: z.string(),
  meets: z.array(z.string()),
  audience: z.enum(NOTICE_AUDIENCES),
  jurisdiction: z.string(),
  approved_at: TimeOut,
  first_sent_at: TimeOut.nullable(),
  last_sent_at: TimeOut.nullable(),
  queued: z.int(),
  sent: z.int(),
  delivered: z.int(),
  bounced: z.int(),
  failed: z.int(),
  left_out: z.int(),
})

const FormSchema = z.object({
  code: z.enum(FORM_CODES),
  title: z.string(),
  original: z.string().nullable().openapi({ description: 'In the language of the form.' }),
  instrument: z.string(),
  mark: z
    .enum(['R', 'Q', 'S', 'K'])
    .openapi({ description: 'How the items are known; S and K are unverified.' }),
  note: z.string(),
  items: z.array(
    z.object({
      number: z.string(),
      label: z.string(),
      original: z.string().nullable(),
      open: z.boolean(),
      parts: z.array(z.object({ label: z.string(), lines: z.array(z.string()), open: z.boolean() })),
    }),
  ),
})

export const ReportSchema = z
  .object({
    version: z.literal(1),
    made_at: TimeOut,
    incident: z.object({
      id: idSchema('inc'),
      title: z.string(),
      kind: z.enum(INCIDENT_KINDS),
      state: z.enum(INCIDENT_STATES),
      severity: z.enum(SEVERITIES).nullable(),
      aware_at: TimeOut,
      occurred_from: TimeOut.nullable(),
      occurred_to: TimeOut.nullable(),
      opened_at: TimeOut,
    }),
    form: FormSchema.nullable(),
    open_points: z.array(
      z.object({
        code: z.enum(OPEN_POINT_CODES),
        about: z.string().nullable().openapi({ description: 'A rule, a notice, or an item of the form.' }),
      }),
    ),
    scope: ReportScopeSchema.nullable().openapi({ description: 'Null without suspects or a whole window.' }),
    measures: z.array(
      z.object({
        action: z.enum(CONTAINMENT_ACTIONS),
        state: z.enum(['running', 'done']),
        begun_at: TimeOut,
        counts: z.record(z.string(), z.int()),
      }),
    ),
    clocks: z.array(ClockSchema),
    notices: z.array(NoticeFiguresSchema),
    timeline: z.array(
      z.object({
        at: TimeOut,
        step: z.enum(INCIDENT_STEPS),
        code: z.string().nullable(),
        reason: z.string().nullable(),
        event: idSchema('evt'),
        proof: ProofSchema.nullable(),
      }),
    ),
    log: z.object({
      vkey: z.string().nullable().openapi({ description: 'Compare it with one that you got elsewhere.' }),
      checkpoint: z
        .object({ size: z.int(), note: z.string().openapi({ description: 'A signed note.' }) })
        .nullable(),
    }),
  })
  .openapi('IncidentReport', { description: 'docs/report.md.' })

export function wireReport(report: Report): z.input<typeof ReportSchema> {
  const { version, madeAt, incident, form, openPoints, scope, measures, clocks, notices, timeline, log } =
    report
  const { awareAt, occurredFrom, occurredTo, openedAt, ...named } = incident
  return {
    version,
    made_at: toRfc3339(madeAt),
    incident: {
      ...named,
      aware_at: toRfc3339(awareAt),
      occurred_from: wireTime(occurredFrom),
      occurred_to: wireTime(occurredTo),
      opened_at: toRfc3339(openedAt),
    },
    form: form && wireForm(form),
    open_points: openPoints.map((point) => ({ ...point })),
    scope: scope && wireScope(scope),
    measures: measures.map(({ begunAt, counts, ...rest }) => {
      return { ...rest, begun_at: toRfc3339(begunAt), counts: { ...counts } }
    }),
    clocks: clocks.map(wireClock),
    notices: notices.map(({ id, rules, approvedAt, firstSentAt, lastSentAt, leftOut, ...rest }) => ({
      notice: id,
      meets: [...rules],
      ...rest,
      approved_at: toRfc3339(approvedAt),
      first_sent_at: wireTime(firstSentAt),
      last_sent_at: wireTime(lastSentAt),
      left_out: leftOut,
    })),
    timeline: timeline.map(wireStep),
    log: { ...log },
  }
}

function wireScope({
  firstAt,
  lastAt,
  byJurisdiction,
  byField,
  ...rest
}: ReportScope): z.input<typeof ReportScopeSchema> {
  return {
    ...rest,
    first_at: wireTime(firstAt),
    last_at: wireTime(lastAt),
    by_jurisdiction: Object.fromEntries(byJurisdiction),
    by_field: byField.map((row) => ({ ...row })),
  }
}

function wireForm({ openWord: _openWord, items, ...rest }: FilledForm): z.input<typeof FormSchema> {
  return {
    ...rest,
    items: items.map((item) => ({
      ...item,
      parts: item.parts.map((part) => ({ ...part, lines: [...part.lines] })),
    })),
  }
}

function wireStep({ at, proof, ...rest }: ReportStep) {
  return {
    ...rest,
    at: toRfc3339(at),
    proof: proof && {
      index: proof.index,
      leaf_hash: toBase64(proof.leafHash),
      covered: proof.covered,
      path: proof.proof.map(toBase64),
    },
  }
}
