import { SECOND_MS, after } from '../../src/core/time.ts'
import type { Instant } from '../../src/core/time.ts'
import type { Clock } from '../../src/vault/incidents/clocks/clocks.ts'
import type { ClockInput } from '../../src/vault/incidents/clocks/facts.ts'
import type { Rule } from '../../src/vault/incidents/law/rule.ts'
import type { Golden } from './p16-golden.ts'

/** What is tried: gives the clock of one rule. */
export type Engine = (rule: Rule, incident: ClockInput, now: Instant) => Clock

/** What is wrong with one row, tried one second before its end, at it and one second after it; empty if nothing. */
export function rowFaults(row: Golden, engine: Engine): readonly string[] {
  const said = 'ends' in row ? endFaults(row, row.ends, engine) : [appliesFault(row, engine)]
  return said.flatMap((fault) =>
    fault === undefined ? [] : [`test/data/clocks.md:${row.line}: ${row.rule.id} (${row.shows}): ${fault}`],
  )
}

function appliesFault(row: Golden, engine: Engine): string | undefined {
  if ('ends' in row) return undefined
  const clock = engine(row.rule, incidentOf(row), row.now ?? row.start)
  const found = `applies ${clock.applies}, in force ${clock.inForce.holds}`
  const written = `applies ${row.applies}, in force ${row.inForce}`
  const runs = clock.state !== 'not_applicable'
  if (found !== written) return `${found} instead of ${written}`
  const expected = row.applies !== 'no' && row.inForce !== 'no'
  return runs === expected ? undefined : `state ${clock.state}`
}

function endFaults(
  row: Golden,
  ends: { at: Instant; local: string },
  engine: Engine,
): readonly (string | undefined)[] {
  const incident = incidentOf(row)
  const at = (offset: number): Clock => engine(row.rule, incident, after(ends.at, offset))
  const sent = (offset: number): Clock => {
    const when = after(ends.at, offset)
    const assessed = { ...incident, facts: { ...incident.facts, assessedAt: when } }
    const noticed = { ...incident, notices: [...incident.notices, { rule: row.rule.id, at: when }] }
    return engine(row.rule, row.rule.stage === 'assessment' ? assessed : noticed, after(ends.at, SECOND_MS))
  }
  const shown = ({ state, lateByMs }: Clock): string => `${state} ${lateByMs}`
  const due = at(0).due
  return [
    due?.local === ends.local ? undefined : `ends ${due?.local ?? 'never'} instead of ${ends.local}`,
    due?.utc === new Date(ends.at).toISOString() ? undefined : `ends ${due?.utc ?? 'never'} in UTC`,
    ...[
      [shown(at(-SECOND_MS)), 'due_soon 0', 'a second before'],
      [shown(at(0)), 'due_soon 0', 'at the end'],
      [shown(at(SECOND_MS)), `late ${SECOND_MS}`, 'a second after'],
      [shown(sent(-SECOND_MS)), 'met 0', 'sent a second before'],
      [shown(sent(0)), 'met 0', 'sent at the end'],
      [shown(sent(SECOND_MS)), `met ${SECOND_MS}`, 'sent a second after'],
    ].map(([found, wanted, when]) =>
      found === wanted ? undefined : `${when} ${found} instead of ${wanted}`,
    ),
  ]
}

function incidentOf({ facts, notices }: Golden): ClockInput {
  return { facts, notices, waivers: [] }
}
