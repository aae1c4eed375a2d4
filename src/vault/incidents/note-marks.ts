import { SECOND_MS } from '../../core/time.ts'
import type { Instant } from '../../core/time.ts'
import type { EventId, TenantId } from '../../core/id.ts'
import { record } from '../audit/record.ts'
import type { Change } from '../changes.ts'
import type { PlatformCaller } from '../principals/principal.ts'
import type { Vault } from '../vault.ts'
import type { Clock } from './clocks/clocks.ts'
import type { ClockMark, Incident, IncidentStep } from './incident.ts'
import { clocksOfIncident, newlyLate, nextCheck } from './reckoning.ts'
import type { NewMark } from './reckoning.ts'
import { putIncident, systemEvent } from './steps.ts'

/** Who notes something; `system` where the vault does by itself. */
export type Noting = { vault: Vault; tenant: TenantId; now: Instant; by: PlatformCaller | 'system' }

/** The writes, and the events of the marks that were asked for, in their order. */
export type Noted = { changes: readonly Change[]; events: readonly EventId[] }

/**
 * Notes marks on an incident as it was read, and in the same commit which clocks are found late by the way, each with its
 * step and its event; puts when it is to be looked at next.
 */
export function noteMarks(noting: Noting, was: Incident, marks: readonly NewMark[]): Noted {
  const { now } = noting
  const clocks = clocksOfIncident({ ...was, clocks: [...was.clocks, ...marks] }, now)
  const late = newlyLate(was, clocks).map(({ rule }): NewMark => ({ rule: rule.id, kind: 'late', at: now }))
  const taken = [...late, ...marks].map((mark) => take(noting, was, mark, clocks))
  const after: Partial<Incident> = {
    clocks: [...was.clocks, ...taken.map(({ mark }) => mark)],
    steps: [...was.steps, ...taken.map(({ step }) => step)],
  }
  const checkAt = was.state === 'closed' ? null : nextCheck({ ...was, ...after }, now)
  return {
    changes: [putIncident(was, { ...after, checkAt }), ...taken.map(({ append }) => append)],
    events: taken.slice(late.length).map(({ step }) => step.event),
  }
}

type Taken = { mark: ClockMark; step: IncidentStep; append: Change }

function take(noting: Noting, { id }: Incident, mark: NewMark, clocks: readonly Clock[]): Taken {
  const { vault, tenant, now, by } = noting
  const step = `clock_${mark.kind}` as const
  const details = {
    type: `incident.${step}`,
    incident: id,
    code: mark.rule,
    ...(mark.notice && { notice: mark.notice }),
    ...countsOf(mark, clocks),
  } as const
  // That a clock is late is nobody's doing: the vault has found it so.
  const written =
    by === 'system' || mark.kind === 'late'
      ? systemEvent(vault, tenant, now, details)
      : recorded(vault, by, now, details)
  return {
    mark: { ...mark, event: written.id },
    step: { step, code: mark.rule, at: now, event: written.id },
    append: written.append,
  }
}

function recorded(vault: Vault, caller: PlatformCaller, now: Instant, details: Parameters<typeof record>[3]) {
  const { event, append } = record(vault, caller, now, details)
  return { id: event.id, append }
}

/** How late, in whole seconds begun, and when the notice was given, in Unix seconds. */
function countsOf(
  { kind, rule, at }: NewMark,
  clocks: readonly Clock[],
): { counts?: Record<string, number> } {
  const lateByMs = clocks.find((clock) => clock.rule.id === rule)?.lateByMs ?? 0
  const counts = {
    ...(lateByMs > 0 && kind !== 'reopened' && { late_s: Math.ceil(lateByMs / SECOND_MS) }),
    ...(kind === 'met' && { met_at_s: Math.floor(at / SECOND_MS) }),
  }
  return Object.keys(counts).length > 0 ? { counts } : {}
}
