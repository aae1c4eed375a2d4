import type { Answer, Connection } from './p10-connection.ts'
import { EVENT_OF, KINDS } from './p14-effects.ts'
import type { Effect, Ground, Kind } from './p14-effects.ts'
import type { Answered, Press } from './p14-press.ts'

// Counts what happened, through the interface: the log's events, the grants' uses, the quota.

type Event = Record<string, unknown> & { index: number; type: string; id: string }

export type Counted = {
  effects: number
  replays: number
  failures: string[]
  /** Effects in the log that are no key's answer. */
  doubled: string[]
}

async function readEvents({ world }: Ground, from: number): Promise<Event[]> {
  const events: Event[] = []
  for (let cursor = ''; ;) {
    const path = `/v1/events?limit=100${cursor}`
    const page = await world.ask<{ items: Event[]; next_cursor: string | null }>('GET', path)
    events.push(...page.items.filter(({ index }) => index >= from))
    if (page.next_cursor === null) return events
    cursor = `&cursor=${page.next_cursor}`
  }
}

/** How long the log is now: what is set up before is no effect of the run. */
export async function logSize(ground: Ground): Promise<number> {
  return ((await readEvents(ground, 0)).at(-1)?.index ?? -1) + 1
}

export async function countEffects(
  ground: Ground,
  from: number,
  keys: readonly Answered[],
): Promise<Counted> {
  const events = await readEvents(ground, from)
  const counted: Counted = { effects: 0, replays: 0, failures: [], doubled: [] }
  for (const kind of KINDS) countKind(kind, events, keys, counted)
  await countReveals(ground, events, keys, counted)
  return counted
}

function countKind(kind: Kind, events: readonly Event[], keys: readonly Answered[], counted: Counted): void {
  const { type, name } = EVENT_OF[kind]
  const made = events.filter((event) => event.type === type).map((event) => String(event[name]))
  const own = keys.filter(({ effect }) => effect.kind === kind)
  const answered = new Map(own.map(({ effect, answers }) => [effect.idOf(answers[0]!), effect]))
  counted.effects += made.length
  for (const id of made) {
    // What is found once is an effect of its key; a second time, or nobody's, it is one too many.
    if (!answered.delete(id)) counted.doubled.push(`${kind}: ${id} is no key's answer`)
  }
  for (const [id, { shot }] of answered)
    counted.failures.push(`${kind}: ${shot.idempotencyKey}: ${id} never happened`)
}

async function countReveals(
  { world, toReveal }: Ground,
  events: readonly Event[],
  keys: readonly Answered[],
  counted: Counted,
): Promise<void> {
  const replays = Map.groupBy(
    events.filter(({ type }) => type === 'reveal.replayed'),
    ({ replays }) => String(replays),
  )
  for (const { effect, answers } of keys.filter(({ effect }) => effect.kind === 'reveal')) {
    const logged = replays.get(effect.idOf(answers[0]!))?.length ?? 0
    counted.replays += logged
    if (logged >= answers.length - 1) continue
    counted.failures.push(
      `${effect.shot.idempotencyKey}: ${answers.length} answers, ${logged} replays in the log`,
    )
  }
  for (const { subject } of toReveal) {
    type Listed = { items: { purpose: string; uses: number }[] }
    const { items } = await world.ask<Listed>('GET', `/v1/grants?subject=${subject}`)
    const uses = items.find(({ purpose }) => purpose === 'legal')?.uses
    if (uses !== 1) counted.doubled.push(`reveal: a grant has ${uses} uses`)
  }
}

/** Every answer of a key is a success, and the same success. */
export function compareAnswers({ effect, answers }: Answered): string[] {
  const first = answers[0]!
  const different = answers.filter(
    (answer) => answer.status !== first.status || sameText(effect, answer) !== sameText(effect, first),
  )
  const costs = effect.kind === 'reveal' ? answers.map(costOf).reduce((sum, cost) => sum + cost, 0) : 0
  return [
    ...(first.status < 300 ? [] : [`${effect.shot.idempotencyKey}: ${first.status} ${first.text}`]),
    ...different.map(
      ({ status, text }) => `${effect.shot.idempotencyKey}: ${first.text}, then ${status} ${text}`,
    ),
    ...(costs > 1 ? [`${effect.shot.idempotencyKey}: cost ${costs}`] : []),
  ]
}

/** A reveal's answer says what the quota is now, which moves on; all else has to be the same to the letter. */
function sameText({ kind }: Effect, { text }: Answer): string {
  return kind === 'reveal' ? JSON.stringify((JSON.parse(text) as { items?: unknown }).items) : text
}

function costOf({ text }: Answer): number {
  return (JSON.parse(text) as { quota?: { cost: number } }).quota?.cost ?? 0
}

/** One at a time, with nobody else about: of each node the kept answer, and no other request under its key. */
export async function askAgain(press: Press, answered: Answered): Promise<string[]> {
  const failures: string[] = []
  for (const { connection } of press.targets) failures.push(...(await askOne(connection, answered)))
  return failures
}

async function askOne(connection: Connection, { effect, answers }: Answered): Promise<string[]> {
  const again = await connection.send(effect.shot)
  const other = await connection.send(effect.other)
  const code = (JSON.parse(other.text) as { code?: string }).code
  const refused = other.status === 422 && code === 'idempotency_key_reused'
  return [
    ...compareAnswers({ effect, answers: [answers[0]!, again] }),
    ...(refused ? [] : [`${effect.shot.idempotencyKey}, another body: ${other.status} ${other.text}`]),
  ]
}
