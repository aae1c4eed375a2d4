import { z } from '@hono/zod-openapi'
import { toRfc3339 } from '../../core/time.ts'
import type { Clock } from '../../vault/incidents/clocks/clocks.ts'
import { TimeOut } from './words.ts'

const CLOCK_STATES = ['not_applicable', 'pending', 'running', 'due_soon', 'late', 'met', 'waived'] as const
const WARNINGS = ['unverified', 'stale', 'counted_from_awareness', 'calendar_unknown'] as const

/** Of a clock what a reader of the report needs; why a rule applies or not is told where the clocks are. */
export const ReportClockSchema = z.object({
  rule: z.string(),
  jurisdiction: z.string(),
  instrument: z.string(),
  article: z.string(),
  audience: z.string(),
  recipient: z.string(),
  applies: z.enum(['yes', 'no', 'unclear']),
  state: z.enum(CLOCK_STATES),
  due_at: TimeOut.nullable(),
  due_local: z.string().nullable(),
  zone: z.string(),
  met_at: TimeOut.nullable(),
  waived: z.string().nullable().openapi({ description: 'The reason.' }),
  late_by_s: z.int(),
  grade: z.string().nullable(),
  mark: z.enum(['R', 'Q', 'S', 'K']),
  warnings: z.array(z.enum(WARNINGS)),
})

export function wireReportClock(clock: Clock): z.input<typeof ReportClockSchema> {
  const { rule, applies, state, dueAt, due, zone, metAt, waiver, lateByMs, grade, warnings } = clock
  const { id, jurisdiction, instrument, article, audience, recipient, mark } = rule
  return {
    rule: id,
    jurisdiction,
    instrument,
    article,
    audience,
    recipient,
    applies,
    state,
    due_at: dueAt === undefined ? null : toRfc3339(dueAt),
    due_local: due?.local ?? null,
    zone,
    met_at: metAt === undefined ? null : toRfc3339(metAt),
    waived: waiver?.reason ?? null,
    late_by_s: Math.ceil(lateByMs / 1000),
    grade: grade ?? null,
    mark,
    warnings: [...warnings],
  }
}
