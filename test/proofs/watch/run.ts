import { DAY_MS } from '../../../src/core/time.ts'
import { Gathered } from '../../../src/vault/watch/gather.ts'
import { Runner } from '../../../src/vault/watch/runner.ts'
import type { Made } from '../../../src/vault/watch/runner.ts'
import type { WatchedEvent } from '../../../src/vault/watch/event.ts'
import { ATTACKS, plant } from './attacks.ts'
import type { Attack } from './attacks.ts'
import { Chance } from './chance.ts'
import { Month } from './month.ts'

/** What would be one signal: its first finding. */
export type Raised = { made: Made; attack: Attack | undefined }

export type Outcome = {
  attacks: readonly { attack: Attack; by: Raised | undefined; looks: number; seconds: number }[]
  raised: readonly Raised[]
  events: number
  looks: number
  days: number
  ms: number
  thrown: number
}

export type Plan = { seed: number; days: number; scale: number; times: number; firstAttack: number }

const EVENTS_A_STEP = 500
/** What shows only once parcels have had time to move, and whoever looked is at work again. */
const SHOWS_WITHIN_DAYS = 6

/** A month with attacks in it, through the detectors as the job runs them, and what came of it. */
export function runMonth({ seed, days, scale, times, firstAttack }: Plan, makeRunner = newRunner): Outcome {
  const month = new Month(new Chance(seed), scale)
  const chance = new Chance(seed ^ 0x5eed)
  const planned = Object.keys(ATTACKS).flatMap((kind) =>
    Array.from({ length: times }, () => ({
      kind,
      day: chance.whole(firstAttack, days - 1 - SHOWS_WITHIN_DAYS),
    })),
  )
  const attacks: Attack[] = []
  const raised: Raised[] = []
  const gathered = new Gathered()
  let thrown = 0
  let [events, looks, ms] = [0, 0, 0]
  const runner = makeRunner(() => (thrown += 1))
  for (let day = 0; day < days; day++) {
    const today = month.day(day, () => {
      for (const one of planned) if (one.day === day) attacks.push(plant(month, one.kind, day, chance))
    })
    events += today.length
    for (const { type } of today) if (type === 'reveal.allowed') looks += 1
    const started = process.cpuUsage().user
    for (let from = 0; from < today.length; from += EVENTS_A_STEP) {
      for (const made of step(runner, gathered, today.slice(from, from + EVENTS_A_STEP)))
        raised.push({ made, attack: undefined })
    }
    ms += (process.cpuUsage().user - started) / 1_000
  }
  for (const one of raised) one.attack = attacks.find((attack) => isOf(attack, one.made))
  return {
    attacks: attacks.map((attack) => foundBy(attack, raised)),
    raised,
    events,
    looks,
    days,
    ms,
    thrown,
  }
}

function newRunner(failed: () => void): Runner {
  return new Runner({}, failed)
}

/** @returns the first finding of each that would be a new signal. */
function step(runner: Runner, gathered: Gathered, events: readonly WatchedEvent[]): readonly Made[] {
  const run = (some: readonly WatchedEvent[]) => {
    const plan = runner.plan(some)
    runner.give(runner.missing(plan), [])
    return runner.run(plan)
  }
  const { made, facts } = run(events)
  const all = [...made, ...(facts.length > 0 ? run(facts).made : [])]
  const opened: Made[] = []
  for (const one of all) {
    gathered.add([one])
    const due = gathered.due()
    opened.push(...due.filter(({ total }) => total === 1).map((group) => group.made))
    gathered.told(due)
  }
  return opened
}

function isOf({ about, from, to }: Attack, { finding, event }: Made): boolean {
  const whom = String(finding.about ?? event.person)
  return about.has(whom) && event.at >= from && event.at <= to + SHOWS_WITHIN_DAYS * DAY_MS
}

function foundBy(attack: Attack, raised: readonly Raised[]) {
  const by = raised.find(({ made }) => isOf(attack, made))
  const until = by?.made.event.at ?? 0
  const looks = attack.events.filter(({ at }) => at <= until).length
  return { attack, by, looks, seconds: (until - attack.from) / 1_000 }
}
