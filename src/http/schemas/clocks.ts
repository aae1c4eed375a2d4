import { z } from '@hono/zod-openapi'
import { SECOND_MS, toRfc3339 } from '../../core/time.ts'
import type { ClocksView, ClockView } from '../../vault/incidents/list-clocks.ts'
import { INCIDENT_RULES } from '../../vault/incidents/mark-clocks.ts'
import { isVerified } from '../../vault/incidents/law/freshness.ts'
import { CONTENTS, DATA_CLASSES, QUALIFIERS } from '../../vault/incidents/law/rule.ts'
import { wireTime } from '../endpoint.ts'
import { FactsSchema, wireFacts } from './facts.ts'
import { idSchema } from './ids.ts'
import { TimeOut } from './words.ts'

/** One of the rules that an incident can have clocks of. */
export const IncidentRule = z.enum(INCIDENT_RULES).openapi('IncidentRule')

const Holds = z.enum(['yes', 'no', 'unclear'])
const Coded = z.object({ code: z.string(), words: z.string() })

const Said = z
  .object({
    at: TimeOut,
    event: idSchema('evt'),
    reason: z.string().nullable(),
    exemption: z.string().nullable(),
    notice: idSchema('ntc').nullable().openapi({ description: 'The notice that met it by being sent.' }),
  })
  .nullable()

export const ClockSchema = z
  .object({
    rule: z.string().openapi({ example: 'eu-gdpr-33-1' }),
    jurisdiction: z.string(),
    instrument: z.string(),
    article: z.string(),
    audience: z.enum(['authority', 'individual', 'controller', 'media']),
    recipient: z.string(),
    stage: z.enum(['assessment', 'initial', 'update', 'final']),
    staged: z.boolean().openapi({ description: 'Whether what is not known yet may follow.' }),
    binding: z.enum(['duty', 'voluntary']),
    state: z.enum(['not_applicable', 'pending', 'running', 'due_soon', 'late', 'met', 'waived']),
    applies: Holds.openapi({ description: 'By the facts; `unclear` runs like `yes`.' }),
    reasons: z.array(Coded.extend({ holds: Holds, clause: z.int().nullable() })),
    in_force: z
      .boolean()
      .openapi({ description: 'False where the law does not bind this incident for sure.' }),
    force: Coded.extend({ holds: Holds }),
    starts_at: TimeOut.nullable(),
    due_at: TimeOut.nullable().openapi({
      description: 'The last instant in time; null where the law has no number.',
    }),
    due_local: TimeOut.nullable().openapi({ description: 'The same instant in `zone`.' }),
    zone: z.string(),
    limit: z.object({ n: z.int().nullable(), unit: z.string(), words: z.string() }),
    late_s: z.int(),
    met_at: TimeOut.nullable().openapi({ description: 'Of an assessment: when it was complete.' }),
    met: Said,
    waived: Said,
    grade: z.string().nullable(),
    exemptions: z.array(Coded.extend({ available: Holds })),
    content: z.array(Coded),
    source: z.string(),
    mark: z.enum(['R', 'Q', 'S', 'K']),
    verified: z.boolean(),
    checked_on: z.string(),
    checked_days_ago: z.int(),
    warnings: z.array(z.enum(['unverified', 'stale', 'counted_from_awareness', 'calendar_unknown'])),
    notes: z.array(z.object({ text: z.string(), mark: z.enum(['R', 'Q', 'S', 'K']).nullable() })),
  })
  .openapi('Clock')

export const ClocksSchema = z
  .object({
    items: z.array(ClockSchema),
    persons: z.object({
      from: z.enum(['stated', 'scope', 'nobody']),
      as_of: TimeOut.openapi({ description: 'When the scope was counted.' }),
      by_jurisdiction: z.record(z.string(), z.int()).nullable(),
    }),
    facts: FactsSchema.openapi({ description: 'What they were reckoned from.' }),
    proposed_data_classes: z
      .array(z.enum(DATA_CLASSES))
      .openapi({ description: 'What the scope shows; nothing is reckoned from it until it is stated.' }),
  })
  .openapi('Clocks')

function wireSaid(said: ClockView['said'], kind: 'met' | 'waived'): z.input<typeof Said> {
  if (said?.kind !== kind) return null
  const { at, event, reason, exemption = null, notice = null } = said
  return { at: toRfc3339(at), event, reason, exemption, notice }
}

function wireRule({ rule }: ClockView) {
  const { id, jurisdiction, instrument, article, audience, recipient, stage, staged, binding } = rule
  const { n, unit, qualifier } = rule.limit
  return {
    rule: id,
    jurisdiction,
    instrument,
    article,
    audience,
    recipient,
    stage,
    staged,
    binding,
    limit: { n, unit, words: QUALIFIERS[qualifier] },
    content: rule.content.map((code) => ({ code, words: CONTENTS[code] })),
    source: rule.source,
    mark: rule.mark,
    verified: isVerified(rule),
    checked_on: rule.checkedOn,
    notes: rule.notes.map(({ text, mark = null }) => ({ text, mark })),
  }
}

export function wireClock(clock: ClockView): z.input<typeof ClockSchema> {
  const { state, applies, inForce, due, said, zone } = clock
  return {
    ...wireRule(clock),
    state,
    applies,
    reasons: clock.reasons.map(({ code, words, holds, clause = null }) => ({ code, words, holds, clause })),
    in_force: inForce.holds !== 'no',
    force: { ...inForce },
    starts_at: wireTime(clock.startsAt ?? null),
    due_at: due?.utc ?? null,
    due_local: due?.local ?? null,
    zone,
    late_s: Math.ceil(clock.lateByMs / SECOND_MS),
    met_at: wireTime(clock.metAt ?? null),
    met: wireSaid(said, 'met'),
    waived: wireSaid(said, 'waived'),
    grade: clock.grade ?? null,
    exemptions: clock.exemptions.map((one) => ({ ...one })),
    checked_days_ago: clock.checkedDaysAgo,
    warnings: [...clock.warnings],
  }
}

export function wireClocks({
  clocks,
  facts,
  counted,
  personsFrom,
}: ClocksView): z.input<typeof ClocksSchema> {
  return {
    items: clocks.map(wireClock),
    persons: {
      from: personsFrom,
      as_of: toRfc3339(counted.at),
      by_jurisdiction: facts.persons ? { ...facts.persons } : null,
    },
    facts: wireFacts(facts),
    proposed_data_classes: [...counted.classes],
  }
}
