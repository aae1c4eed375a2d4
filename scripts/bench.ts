// `npm run bench`: the speed table of docs/speed.md, measured over real HTTP on this machine, in one run.
//   -- --quick            a tenth of the size, for a look
//   -- --persons A,B      at how many persons the reveal is measured (10000,1000000)
import { mkdtempSync, rmSync } from 'node:fs'
import { cpus, tmpdir, totalmem } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { measureImport } from './bench/import.ts'
import { fire, fireHealth } from './bench/load.ts'
import type { Load } from './bench/load.ts'
import { runCommand, startService } from './bench/service.ts'
import type { Folder, Service } from './bench/service.ts'
import { addParcels, addPersons, makeWorld, tokenizeBody } from './bench/world.ts'
import type { World } from './bench/world.ts'

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    persons: { type: 'string' },
    keep: { type: 'boolean', default: false },
  },
})
const scale = values.quick ? 0.1 : 1
const sizes = (values.persons ?? (values.quick ? '10000,50000' : '10000,1000000')).split(',').map(Number)
const PARCELS = 20_000 * scale
const PORT = 18_787
const key = `ck_default_${'bench'.repeat(8)}`

type Row = {
  work: string
  'per second': string
  'p50 ms': number
  'p99 ms': number
  'of healthz': string
  wrong: number
}
const rows: Row[] = []

function report(work: string, load: Load, health: Load, unitsPerCall = 1): void {
  const perSecond = load.perSecond * unitsPerCall
  rows.push({
    work,
    'per second': Math.round(perSecond).toLocaleString('en'),
    'p50 ms': load.p50,
    'p99 ms': load.p99,
    'of healthz': `1/${(health.perSecond / perSecond).toFixed(1)}`,
    wrong: load.wrong,
  })
  console.log(
    `  ${work}: ${Math.round(perSecond)}/s, p50 ${load.p50} ms, p99 ${load.p99} ms, wrong ${load.wrong}`,
  )
}

function headers(credential: string): Record<string, string> {
  return { authorization: `Bearer ${credential}`, 'content-type': 'application/json' }
}

function revealBodies(waybills: readonly string[], perCall: number): string[] {
  return Array.from({ length: Math.floor(waybills.length / perCall) }, (_, call) =>
    JSON.stringify({
      purpose: 'delivery',
      operator: { id: 'emp-17', device: 'hh-0042' },
      items: waybills
        .slice(call * perCall, (call + 1) * perCall)
        .map((waybill) => ({ key: waybill, waybill })),
    }),
  )
}

async function measureReveals(
  service: Service,
  world: World,
  recipients: Parameters<typeof addParcels>[1],
  persons: number,
) {
  const label = `at ${persons.toLocaleString('en')} persons`
  console.log(`  making ${recipients.length} parcels …`)
  const waybills = await addParcels(world, recipients)
  const half = waybills.length / 2
  const shot = { method: 'POST', path: '/v1/reveal', headers: headers(world.courier.key) } as const
  const allShown = (body: string) => !body.includes('denied') && body.includes('"value":"+86138')
  const health = await fireHealth(service.url, 5)
  report(`GET /healthz, ${label}`, health, health)
  report(
    `reveal, 1 item a call, ${label}`,
    await fire(service.url, shot, revealBodies(waybills.slice(0, half), 1), allShown),
    health,
  )
  const batches = revealBodies(waybills.slice(half), 100)
  report(
    `reveal, 100 items a call, ${label}`,
    await fire(service.url, shot, batches, allShown, 8),
    health,
    100,
  )
}

async function measureTokenize(service: Service, world: World): Promise<void> {
  const health = await fireHealth(service.url, 5)
  const calls = Math.round(200 * scale)
  const bodies = Array.from({ length: calls }, (_, i) => tokenizeBody(50_000_000 + i * 100, 100))
  const shot = { method: 'POST', path: '/v1/tokenize', headers: headers(world.merchant.key) } as const
  const made = (body: string) => body.split('"created"').length === 101
  report('tokenize, 100 persons a call', await fire(service.url, shot, bodies, made, 8), health, 100)
}

async function main(folder: Folder): Promise<void> {
  runCommand(folder, ['init'])
  runCommand(folder, ['tenant', 'quota', 'default', '1000000000'])
  let { service } = await startService(folder, PORT)
  const world = await makeWorld(service.url, key)
  let persons = 0
  for (const size of sizes) {
    console.log(`${size.toLocaleString('en')} persons …`)
    const every = Math.max(1, Math.floor((size - persons) / PARCELS))
    const recipients = await addPersons(world.merchant, persons, size - persons, every)
    persons = size
    await measureReveals(service, world, recipients.slice(0, PARCELS), persons)
    if (size === sizes[0]) await measureTokenize(service, world)
  }
  console.log(`peak memory of the service: ${service.peakMemoryMib().toFixed(0)} MiB`)
  await service.stop()
  const again = await startService(folder, PORT)
  service = again.service
  console.log(
    `start to first answer on ${persons.toLocaleString('en')} persons: ${again.seconds.toFixed(2)} s`,
  )
  await measureImport(service, world, folder, Math.round(100_000 * scale))
  await service.stop()
}

const folder = { path: mkdtempSync(join(tmpdir(), 'cloakroom-bench-')), key }
console.log(
  `${cpus().length} × ${cpus()[0]?.model}, ${(totalmem() / 2 ** 30).toFixed(0)} GiB, Node ${process.versions.node}`,
)
try {
  await main(folder)
  console.table(rows)
} finally {
  if (!values.keep) rmSync(folder.path, { recursive: true, force: true })
}
if (rows.some(({ wrong }) => wrong > 0)) process.exitCode = 1
