import { toRfc3339 } from '../../../core/time.ts'
import type { Instant } from '../../../core/time.ts'
import type { Caller } from './caller.ts'
import { runs } from './notices.ts'
import type { WireClock } from './wire.ts'

/** A clock may start others when it is met: an update, a final report. No law known here goes on further. */
const ROUNDS = 5

const LATER = 'A drill: what follows the first notice is not played.'

export async function readClocks(officer: Caller, incident: string): Promise<readonly WireClock[]> {
  const { items } = await officer.ask<{ items: WireClock[] }>(`/v1/incidents/${incident}/clocks?all=false`)
  return items
}

/**
 * First notices that went out are met; what is not played (later reports, media, other controllers) is waived, with that as its
 * reason, until nothing keeps the incident open. @returns the rules that were waived so, as they ran.
 */
export async function answerClocks(
  officer: Caller,
  incident: string,
  at: Instant,
): Promise<readonly WireClock[]> {
  const waived: WireClock[] = []
  for (let round = 0; round < ROUNDS; round++) {
    const open = (await readClocks(officer, incident)).filter(
      ({ state }) => runs(state) || state === 'pending',
    )
    if (open.length === 0) return waived
    const given = open.filter(({ stage, audience }) => stage === 'initial' && isPlayed(audience))
    const left = open.filter((clock) => !given.includes(clock))
    const path = `/v1/incidents/${incident}/clocks`
    if (given.length > 0) {
      const rules = given.map(({ rule }) => rule)
      await officer.ask(`${path}/met`, { body: { rules, at: toRfc3339(at), note: 'A drill.' } })
    }
    if (left.length > 0) {
      const rules = left.map(({ rule }) => rule)
      await officer.ask(`${path}/waived`, { body: { rules, reason: LATER } })
    }
    waived.push(...left)
  }
  return waived
}

function isPlayed(audience: WireClock['audience']): boolean {
  return audience === 'authority' || audience === 'individual'
}

/** What was late, the worst first. */
export function lateClocks(clocks: readonly WireClock[]): readonly WireClock[] {
  return clocks.filter(({ late_s: late }) => late > 0).toSorted((a, b) => b.late_s - a.late_s)
}
