import type { Instant } from '../../../core/time.ts'
import { isOpen } from '../clocks/clocks.ts'
import type { Scope } from '../scope.ts'
import { fillForm } from './forms/fill.ts'
import { FORMS } from './forms/index.ts'
import { OPEN_POINTS } from './report.ts'
import type {
  FilledForm,
  FormCode,
  OpenPoint,
  OpenPointCode,
  Report,
  ReportParts,
  ReportScope,
} from './report.ts'

/** Pure: the same parts at the same instant are the same report, in whatever format it is shown. */
export function makeReport(parts: ReportParts, form: FormCode | null, now: Instant): Report {
  const { incident, scope, clocks, notices, log } = parts
  const { id, title, kind, state, severity, awareAt, occurredFrom, occurredTo, openedAt } = incident
  const unfilled: Report = {
    version: 1,
    madeAt: now,
    incident: { id, title, kind, state, severity, awareAt, occurredFrom, occurredTo, openedAt },
    timeline: incident.steps.map(({ step, code, at, event, reason }) => {
      return { step, code, at, event, reason, proof: log.steps.get(event) ?? null }
    }),
    scope: scope && reportScope(scope),
    measures: incident.containment.map(({ action, state: at, begunAt, counts }) => {
      return { action, state: at, begunAt, counts }
    }),
    clocks,
    notices,
    log: { vkey: log.vkey, checkpoint: log.checkpoint },
    form: null,
    openPoints: [],
  }
  const filled = form === null ? null : fillForm(FORMS[form], unfilled, parts.texts)
  return { ...unfilled, form: filled, openPoints: openPointsOf(unfilled, incident.openPoints, filled) }
}

function reportScope(scope: Scope): ReportScope {
  const { events, subjects, erased, firstAt, lastAt, byJurisdiction, byField, copied } = scope
  return {
    events,
    subjects,
    erased,
    firstAt,
    lastAt,
    byJurisdiction,
    byField: byField.map(({ field, view, counted }) => ({ field, view, ...counted })),
    parties: scope.byParty.length,
    credentials: scope.byCredential.length,
    operators: scope.byOperator.length,
    devices: scope.byDevice.length,
    copied: copied && { subjects: copied.subjects, opens: copied.opens },
  }
}

function openPointsOf(
  { timeline, scope, measures, clocks, notices }: Report,
  ofIncident: readonly string[],
  form: FilledForm | null,
): readonly OpenPoint[] {
  const point = (code: OpenPointCode, about: string | null = null): OpenPoint => ({ code, about })
  const known = (code: string): OpenPoint =>
    Object.hasOwn(OPEN_POINTS, code) ? point(code as OpenPointCode) : point('other', code)
  const incomplete = notices.filter(({ queued, bounced, failed }) => queued + bounced + failed > 0)
  return [
    // Each clock that runs has a point of its own.
    ...ofIncident.filter((code) => code !== 'clocks_running').map(known),
    ...(measures.some(({ state }) => state === 'running') ? [point('containment_running')] : []),
    ...(scope === null ? [point('scope_without_bounds')] : []),
    ...clocks.filter(isOpen).map(({ rule }) => point('clock_open', rule.id)),
    ...(notices.length === 0 ? [point('no_notice')] : []),
    ...incomplete.map(({ id }) => point('notice_incomplete', id)),
    ...(timeline.some(({ proof }) => proof?.covered !== true) ? [point('proof_pending')] : []),
    ...(form?.items ?? []).filter(({ open }) => open).map(({ number }) => point('form_item', number)),
  ]
}
