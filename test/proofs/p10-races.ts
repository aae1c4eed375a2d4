import { randomInt } from 'node:crypto'
import { KINDS, itemOf } from './p10-kinds.ts'
import type { Arena, Race } from './p10-kinds.ts'
import type { Answer, Connection } from './p10-connection.ts'

/** What many races came to. */
export class Tally {
  races = 0
  reveals = 0
  /** Answered as before the revocation, by kind: had there been none, nothing would have been revoked. */
  readonly stood = new Map<string, number>()
  /** Under way while the revocation was acknowledged. */
  across = 0
  sentAfter = 0
  /** Refused as "something moved in between", and sent before the acknowledgement. */
  conflicts = 0
  /** Which kind answered as before although the revocation was known to the client when the reveal was sent. */
  readonly leaks: string[] = []
  readonly failures: string[] = []
  /** What was shown in races of a correction, by event. */
  readonly shown = new Map<string, string>()
}

/** Each lane reveals without a pause; the revocation comes at some point; one more reveal a lane is sent after it. */
export async function runRace(
  name: string,
  race: Race,
  lanes: readonly Connection[],
  control: Connection,
  tally: Tally,
): Promise<void> {
  const state = { acknowledged: false, known: false, answered: 0 }
  const due = randomInt(lanes.length + 2)
  const started = Promise.withResolvers<void>()
  if (due === 0) started.resolve()
  const reveal = async (lane: Connection): Promise<void> => {
    for (let after = false; !after;) {
      after = state.acknowledged
      const mustBeStopped = state.known
      const answer = await lane.send(race.reveal)
      const seen = race.judge(answer)
      if (seen === 'stopped') state.known = true
      count(tally, name, { after, across: state.acknowledged && !after, seen })
      note(tally, name, answer)
      if (mustBeStopped && seen === 'stands') tally.leaks.push(name)
      const fitting = seen === 'stopped' || (!mustBeStopped && seen !== 'wrong')
      if (!fitting)
        tally.failures.push(`${name}: ${seen} ${after ? 'after' : 'before'}: ${answer.status} ${answer.text}`)
      state.answered += 1
      if (state.answered >= due) started.resolve()
    }
  }
  const revoke = async (): Promise<void> => {
    await started.promise
    const { status, text } = await control.send(race.revoke)
    state.acknowledged = true
    state.known = true
    if (status >= 300) tally.failures.push(`${name}: the revocation itself: ${status} ${text}`)
  }
  await Promise.all([...lanes.map(reveal), revoke()])
  tally.races += 1
}

function count(
  tally: Tally,
  name: string,
  { after, across, seen }: { after: boolean; across: boolean; seen: string },
): void {
  tally.reveals += 1
  if (seen === 'stands') tally.stood.set(name, (tally.stood.get(name) ?? 0) + 1)
  if (seen === 'conflict') tally.conflicts += 1
  if (after) tally.sentAfter += 1
  if (across) tally.across += 1
}

function note(tally: Tally, name: string, answer: Answer): void {
  if (name !== 'correction') return
  const item = itemOf(answer)
  const value = item?.fields?.phone?.value
  if (item?.event !== undefined && value !== undefined) tally.shown.set(item.event, value)
}

/** The kinds in turn, starting with the `first`, so that arenas race over different ones. */
export async function runRaces(
  arena: Arena,
  lanes: readonly Connection[],
  { races, first }: { races: number; first: number },
  tally: Tally,
): Promise<void> {
  const kinds = Object.entries(KINDS)
  for (let i = 0; i < races; i++) {
    const [name, setUp] = kinds[(first + i) % kinds.length]!
    await runRace(name, await setUp(arena), lanes, arena.world.control, tally)
  }
}
