import { startEngine } from './engines.ts'
import type { Engine } from './engines.ts'
import { fire, fireHealth } from './load.ts'
import { headers, revealsAt } from './reveals.ts'
import { ROUNDS, inRounds } from './rounds.ts'
import type { Group } from './rounds.ts'
import type { Folder } from './service.ts'
import { addParcels, addPersons, makeWorld, repeated, tokenizeBody } from './world.ts'

const PERSONS = 10_000
/** Parcels that each kind of reveal takes in each round, and before the first: fewer than on SQLite alone, as they take long to make. */
const ONE_A_CALL = 2_000
/** 48 calls for eight connections: with fewer the end, at which some have nothing to do, weighs. */
const HUNDRED_A_CALL = 4_800
const TOKENIZED_CALLS = 10

/** The same work on each engine, round by round side by side, at 10,000 persons. */
export async function compareEngines(names: readonly string[], folder: Folder, scale: number): Promise<void> {
  const engines: Engine[] = []
  try {
    for (const name of names) engines.push(await startEngine(name, folder))
    const groups: Group[] = []
    for (const engine of engines) groups.push(await prepareGroup(engine, scale))
    await inRounds(groups)
  } finally {
    for (const engine of engines) await engine.stop()
  }
}

/** Fills the engine, warms it up, and says what to do in each round. */
async function prepareGroup({ name, url, key }: Engine, scale: number): Promise<Group> {
  const [persons, ones, hundreds] = [PERSONS * scale, ONE_A_CALL * scale, HUNDRED_A_CALL * scale]
  const parcels = (ones + hundreds) * (ROUNDS + 1)
  console.log(`${name}: ${persons} persons, ${parcels} parcels …`)
  const world = await makeWorld(url, key)
  const recipients = await addPersons(world.merchant, 0, persons, 1)
  const waybills = await addParcels(world, repeated(recipients, parcels))
  const next = (count: number) => waybills.splice(0, count)
  const reveals = revealsAt(url, world)
  await reveals(next(ones), 1, 64)
  await reveals(next(hundreds), 100, 8)
  const tokenize = { method: 'POST', path: '/v1/tokenize', headers: headers(world.merchant.key) } as const
  const bodies = (round: number) =>
    Array.from({ length: TOKENIZED_CALLS }, (_, i) =>
      tokenizeBody(50_000_000 + (round * TOKENIZED_CALLS + i) * 100, 100),
    )
  const made = (body: string) => body.split('"created"').length === 101
  return {
    url,
    kinds: [
      { work: `${name}: GET /healthz`, unitsPerCall: 1, shoot: () => fireHealth(url, 2) },
      { work: `${name}: reveal, 1 item a call`, unitsPerCall: 1, shoot: () => reveals(next(ones), 1, 64) },
      {
        work: `${name}: reveal, 100 items a call`,
        unitsPerCall: 100,
        shoot: () => reveals(next(hundreds), 100, 8),
      },
      {
        work: `${name}: tokenize, 100 persons a call`,
        unitsPerCall: 100,
        shoot: (round) => fire(url, tokenize, bodies(round), made, 8),
      },
    ],
  }
}
