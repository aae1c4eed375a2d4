// `npm run bench`: the speed table of docs/speed.md, measured over real HTTP on this machine, in one run.
//   -- --quick            a tenth of the size, for a look
//   -- --persons A,B      at how many persons the reveal is measured (10000,1000000)
//   -- --engine A,B       several of sqlite, sqlite-unwatched, postgres, edge side by side, with fewer rows
import { mkdtempSync, rmSync } from 'node:fs'
import { cpus, tmpdir, totalmem } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { compareEngines } from './bench/compare.ts'
import { measureImport } from './bench/import.ts'
import { fire, fireHealth } from './bench/load.ts'
import { measureLog } from './bench/log.ts'
import { headers, revealsAt } from './bench/reveals.ts'
import { ROUNDS, inRounds, rows } from './bench/rounds.ts'
import { runCommand, startService } from './bench/service.ts'
import type { Folder, Service } from './bench/service.ts'
import { addParcels, addPersons, makeWorld, repeated, tokenizeBody } from './bench/world.ts'
import type { World } from './bench/world.ts'
import { seeded } from './seeded.ts'

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    persons: { type: 'string' },
    engine: { type: 'string', default: 'sqlite' },
    keep: { type: 'boolean', default: false },
  },
})
const scale = values.quick ? 0.1 : 1
const sizes = (values.persons ?? (values.quick ? '10000,50000' : '10000,1000000')).split(',').map(Number)
const WARM_UP = 4_000 * scale
/** Parcels that each kind of reveal takes in each round. */
const PARCELS = 4_000 * scale
const PORT = 18_787
const key = `ck_default_${'bench'.repeat(8)}`

/** In an order that has nothing to do with that in which the parcels were made, and is the same in each run. */
function shuffled<T>(items: readonly T[]): T[] {
  const random = seeded(1)
  return items
    .map((item) => ({ item, at: random() }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ item }) => item)
}

async function measureReveals(
  service: Service,
  world: World,
  recipients: Parameters<typeof addParcels>[1],
  persons: number,
) {
  const label = `at ${persons.toLocaleString('en')} persons`
  const perRound = 2 * PARCELS
  const count = WARM_UP + ROUNDS * perRound + ROUNDS * PARCELS
  console.log(`  making ${count} parcels …`)
  const waybills = await addParcels(world, repeated(recipients, count))
  const shoot = revealsAt(service.url, world)
  const inOrder = waybills.slice(WARM_UP, WARM_UP + ROUNDS * perRound)
  const anyOrder = shuffled(waybills.slice(WARM_UP + ROUNDS * perRound))
  await shoot(waybills.slice(0, WARM_UP / 2), 1, 64)
  await shoot(waybills.slice(WARM_UP / 2, WARM_UP), 100, 8)
  const kinds = [
    { work: `GET /healthz, ${label}`, unitsPerCall: 1, shoot: () => fireHealth(service.url, 2) },
    {
      work: `reveal, 1 item a call, ${label}`,
      unitsPerCall: 1,
      shoot: (round: number) => shoot(inOrder.slice(round * perRound, round * perRound + PARCELS), 1, 64),
    },
    {
      work: `reveal, 1 item a call, in any order, ${label}`,
      unitsPerCall: 1,
      shoot: (round: number) => shoot(anyOrder.slice(round * PARCELS, (round + 1) * PARCELS), 1, 64),
    },
    {
      work: `reveal, 100 items a call, ${label}`,
      unitsPerCall: 100,
      shoot: (round: number) =>
        shoot(inOrder.slice(round * perRound + PARCELS, (round + 1) * perRound), 100, 8),
    },
  ]
  await inRounds([{ url: service.url, kinds }])
}

async function measureTokenize(service: Service, world: World): Promise<void> {
  const calls = Math.round(60 * scale)
  const bodies = (round: number) =>
    Array.from({ length: calls }, (_, i) => tokenizeBody(50_000_000 + (round * calls + i) * 100, 100))
  const shot = { method: 'POST', path: '/v1/tokenize', headers: headers(world.merchant.key) } as const
  const made = (body: string) => body.split('"created"').length === 101
  const tokenize = {
    work: 'tokenize, 100 persons a call',
    unitsPerCall: 100,
    shoot: (round: number) => fire(service.url, shot, bodies(round), made, 8),
  }
  await inRounds([{ url: service.url, kinds: [tokenize] }])
}

async function main(folder: Folder): Promise<void> {
  runCommand(folder, ['init'])
  runCommand(folder, ['tenant', 'quota', 'default', '1000000000'])
  let { service } = await startService(folder, PORT)
  const world = await makeWorld(service.url, key)
  let persons = 0
  for (const size of sizes) {
    console.log(`${size.toLocaleString('en')} persons …`)
    const every = Math.max(1, Math.floor((size - persons) / (10 * PARCELS)))
    const recipients = await addPersons(world.merchant, persons, size - persons, every)
    persons = size
    await measureReveals(service, world, recipients, persons)
    if (size === sizes[0]) await measureTokenize(service, world)
  }
  console.log(`peak memory of the service: ${service.peakMemoryMib().toFixed(0)} MiB`)
  await service.stop()
  const again = await startService(folder, PORT)
  service = again.service
  console.log(
    `start to first answer on ${persons.toLocaleString('en')} persons: ${again.seconds.toFixed(2)} s`,
  )
  await measureLog(service, world, folder)
  await measureImport(service, world, folder, Math.round(100_000 * scale))
  await service.stop()
}

const folder = { path: mkdtempSync(join(tmpdir(), 'cloakroom-bench-')), key }
console.log(
  `${cpus().length} × ${cpus()[0]?.model}, ${(totalmem() / 2 ** 30).toFixed(0)} GiB, Node ${process.versions.node}`,
)
try {
  if (values.engine === 'sqlite') await main(folder)
  else await compareEngines(values.engine.split(','), folder, scale)
  console.table(rows)
} finally {
  if (!values.keep) rmSync(folder.path, { recursive: true, force: true })
}
if (rows.some(({ wrong }) => wrong > 0)) process.exitCode = 1
