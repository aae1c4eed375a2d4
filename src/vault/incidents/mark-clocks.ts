import { VaultError } from '../../core/errors.ts'
import type { FieldError } from '../../core/errors.ts'
import type { IncidentId, NoticeId } from '../../core/id.ts'
import type { Instant } from '../../core/time.ts'
import { expectCaller } from '../audit/record.ts'
import type { Change } from '../changes.ts'
import { addNote } from '../notes.ts'
import type { PlatformCaller } from '../principals/principal.ts'
import { transact } from '../transact.ts'
import type { Call, Plan } from '../transact.ts'
import type { Vault } from '../vault.ts'
import { countPersons } from './count-persons.ts'
import type { Incident } from './incident.ts'
import { JURISDICTIONS } from './law/index.ts'
import { noteMarks } from './note-marks.ts'
import { clocksOfIncident, standingMark } from './reckoning.ts'
import type { NewMark } from './reckoning.ts'
import { mustFindIncident, notWhenClosed, requireRoom } from './service.ts'

/** What somebody says of clocks: a notice was given, it is left out or late for a reason, or neither was so after all. */
export type Marking = { rules: readonly string[] } & (
  | { kind: 'met'; at: Instant; reason?: string }
  | { kind: 'waived'; reason: string; exemption?: string }
  | { kind: 'reopened'; reason: string }
)

const RULES = new Map(
  JURISDICTIONS.flatMap(({ rules }) => rules)
    .filter(({ duty }) => duty === 'incident')
    .map((rule) => [rule.id, rule] as const),
)

/** The rules that an incident can have clocks of. */
export const INCIDENT_RULES: readonly string[] = [...RULES.keys()]

/** All of the marks or none. One that says what stands already changes nothing, so two who say it at once have said it once. */
export async function markClocks(
  vault: Vault,
  call: Call<PlatformCaller>,
  id: IncidentId,
  marking: Marking,
): Promise<void> {
  const { tenant } = call.caller
  const { note } = await vault.keyring.tenantKeys(tenant)
  await transact(vault, call, async (): Promise<Plan<null>> => {
    const now = vault.clock.now()
    const incident = await mustFindIncident(vault, tenant, id)
    if (incident.state === 'closed') throw notWhenClosed()
    requireRoom(incident)
    refuseSenselessMarks(incident, marking, now)
    const marks = marksToMake(incident, marking, now)
    if (marks.length === 0) return { changes: [expectCaller(call.caller)], result: null }
    const counted = await countPersons(vault, tenant, incident)
    const noting = { vault, tenant, now, by: call.caller }
    const { changes, events } = noteMarks(noting, { ...incident, counted }, marks)
    const { reason: text } = marking
    const notes = text === undefined ? [] : events.map((about) => ({ tenant, about, subject: null, text }))
    return {
      changes: [
        expectCaller(call.caller),
        ...changes,
        ...notes.map((one): Change => addNote(note.primary.key, one, now)),
      ],
      result: null,
    }
  })
}

/**
 * For a notice that the vault itself has sent: as of `at` its rules are met, whatever state the incident is in. What is met already
 * stays as it was said first, and of a rule that the law does not have any more there is nothing to mark.
 */
export function marksOfNotice(
  incident: Incident,
  notice: NoticeId,
  rules: readonly string[],
  at: Instant,
): readonly NewMark[] {
  const marking: Marking = { kind: 'met', rules: rules.filter((rule) => RULES.has(rule)), at }
  return marksToMake(incident, marking, at).map((mark) => ({ ...mark, notice }))
}

/** A notice that was given is given, whatever is said later of leaving it out. */
function marksToMake(incident: Incident, marking: Marking, now: Instant): readonly NewMark[] {
  const { kind } = marking
  const at = kind === 'met' ? marking.at : now
  const exemption = kind === 'waived' ? marking.exemption : undefined
  return [...new Set(marking.rules)]
    .filter((rule) => {
      const stands = standingMark(incident.clocks, rule)?.kind
      if (kind === 'reopened') return stands !== undefined
      return kind === 'met' ? stands !== 'met' : stands === undefined
    })
    .map((rule) => ({ rule, kind, at, ...(exemption !== undefined && { exemption }) }))
}

function refuseSenselessMarks(incident: Incident, marking: Marking, now: Instant): void {
  const errors: FieldError[] = [...wrongRules(marking), ...wrongTime(incident, marking, now)]
  if (errors.length === 0) errors.push(...wrongExemption(incident, marking, now))
  if (errors.length > 0) {
    throw new VaultError('invalid_request', 'These clocks cannot be marked so.', { errors })
  }
}

/** A duty to find out is met by the assessment itself, of which the incident says when it was complete. */
function wrongRules({ rules, kind }: Marking): readonly FieldError[] {
  return rules.flatMap((id, i): FieldError[] => {
    const rule = RULES.get(id)
    if (rule === undefined) return [{ pointer: `/rules/${i}`, code: 'unknown' }]
    const asksAssessment = kind === 'met' && rule.stage === 'assessment'
    return asksAssessment ? [{ pointer: `/rules/${i}`, code: 'met_by_assessment' }] : []
  })
}

function wrongTime({ awareAt }: Incident, marking: Marking, now: Instant): readonly FieldError[] {
  if (marking.kind !== 'met') return []
  if (marking.at > now) return [{ pointer: '/at', code: 'in_the_future' }]
  return marking.at < awareAt ? [{ pointer: '/at', code: 'before_awareness' }] : []
}

function wrongExemption(incident: Incident, marking: Marking, now: Instant): readonly FieldError[] {
  if (marking.kind !== 'waived' || marking.exemption === undefined) return []
  const clocks = clocksOfIncident(incident, now).filter(({ rule }) => marking.rules.includes(rule.id))
  const found = clocks.map(({ exemptions }) => exemptions.find(({ code }) => code === marking.exemption))
  if (found.includes(undefined)) return [{ pointer: '/exemption', code: 'unknown' }]
  return found.some((one) => one?.available === 'no')
    ? [{ pointer: '/exemption', code: 'not_available' }]
    : []
}
