import { Connection } from './p10-connection.ts'
import { Arena, KINDS, itemOf } from './p10-kinds.ts'
import type { Race } from './p10-kinds.ts'
import { LogOrder, readLog } from './p10-log-order.ts'
import { Gate } from './p10-node.ts'
import type { OpenPair, StoreChange } from './p10-node.ts'
import { World } from './p10-world.ts'
import { TENANT } from './service-process.ts'

// The worst moment, made to happen: a reveal has read and decided, the revocation is acknowledged, then the reveal
// commits. And its repetition: what was revealed before under a key is asked for again under that key.

export type Held = { races: number; failures: string[]; outOfOrder: string[] }

/** Every kind once, asked of a node whose store `change` has changed. */
export async function holdEachKind(
  openPair: OpenPair,
  change: StoreChange = (store) => store,
): Promise<Held> {
  const gate = new Gate()
  const pair = await openPair((store) => gate.change(change(store)))
  const [control, lane] = [new Connection(pair.control), new Connection(pair.lane)]
  const arena = new Arena(await World.open(control, pair.platform))
  const held: Held = { races: 0, failures: [], outOfOrder: [] }
  const shown = new Map<string, string>()
  for (const [name, setUp] of Object.entries(KINDS)) {
    await holdOne(name, await setUp(arena), { gate, control, lane, shown }, held)
    await repeatOne(name, await setUp(arena), { control, lane }, held)
  }
  const order = new LogOrder(arena.values, shown)
  await readLog(pair.store, TENANT, order)
  held.outOfOrder.push(...order.found)
  control.close()
  lane.close()
  await pair.close()
  return held
}

type Hands = { gate: Gate; control: Connection; lane: Connection; shown: Map<string, string> }

async function holdOne(
  name: string,
  race: Race,
  { gate, control, lane, shown }: Hands,
  held: Held,
): Promise<void> {
  const reached = gate.arm()
  const answering = lane.send(race.reveal)
  const wasHeld = await Promise.race([reached.then(() => true), answering.then(() => false)])
  if (!wasHeld) held.failures.push(`${name}: answered before anything was committed`)
  const { status, text } = await control.send(race.revoke)
  if (status >= 300) held.failures.push(`${name}: the revocation itself: ${status} ${text}`)
  gate.open()
  const answer = await answering
  const item = itemOf(answer)
  const value = item?.fields?.phone?.value
  if (name === 'correction' && item?.event !== undefined && value !== undefined) shown.set(item.event, value)
  if (!['stopped', 'conflict'].includes(race.judge(answer)))
    held.failures.push(`${name}: held, then ${answer.text}`)
  const next = await lane.send(race.reveal)
  if (race.judge(next) !== 'stopped') held.failures.push(`${name}: sent after: ${next.status} ${next.text}`)
  held.races += 1
}

/** An answer is kept for a retry, but not the right to it. */
async function repeatOne(
  name: string,
  race: Race,
  { control, lane }: Pick<Hands, 'control' | 'lane'>,
  held: Held,
): Promise<void> {
  const reveal = {
    ...race.reveal,
    ...(race.reveal.method === 'POST' && { idempotencyKey: 'the same' + name }),
  }
  const first = await lane.send(reveal)
  if (race.judge(first) !== 'stands')
    held.failures.push(`${name}: not revealed at all: ${first.status} ${first.text}`)
  await control.send(race.revoke)
  const again = await lane.send(reveal)
  if (race.judge(again) !== 'stopped')
    held.failures.push(`${name}: repeated after: ${again.status} ${again.text}`)
  held.races += 1
}
