import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DATABASE_FILE, openSqliteStore } from '../../src/runtime/node/sqlite.ts'
import { ACME, newTenant, revealChanges, storeParcel, storePerson } from './sample.ts'
import type { StoredParcel } from './sample.ts'

/** Prints what the store's hot paths take. Usage: node test/storage/bench-store.ts [persons] */

const persons = Number(process.argv[2] ?? 10_000)
const PARCELS = 2_000
const folder = mkdtempSync(join(tmpdir(), 'cloakroom-bench-'))
const { store, close } = await openSqliteStore(folder, {
  onFatal: (cause) => {
    throw cause
  },
})
const world = newTenant(ACME)
await store.commit(ACME, world.changes)

function report(what: string, startedAt: number, count: number): void {
  const micros = ((performance.now() - startedAt) * 1_000) / count
  console.log(`${what.padEnd(44)} ${micros.toFixed(1).padStart(8)} µs each`)
}

async function timed(what: string, count: number, work: () => Promise<unknown>): Promise<void> {
  const startedAt = performance.now()
  await work()
  report(what, startedAt, count)
}

const parcels: StoredParcel[] = []
let tokenizing = 0
for (let stored = 0; stored < persons; stored += 1_000) {
  const batch = Array.from({ length: 1_000 }, (_, i) => storePerson(world.merchant, `ref-${stored + i}`))
  const startedAt = performance.now()
  await store.commit(
    ACME,
    batch.flatMap((person) => person.changes),
  )
  tokenizing += performance.now() - startedAt
  if (stored % 20_000 === 0 || stored + 5_000 >= persons)
    console.log(`  at ${stored}: ${(performance.now() - startedAt).toFixed(0)} µs a person`)
  const step = Math.max(1, Math.floor(persons / PARCELS))
  for (let i = 0; i < batch.length; i += step)
    parcels.push(storeParcel(batch[i]!, world.merchant, world.courier))
}
console.log(
  `tokenize, 1,000 persons a list: ${((tokenizing * 1_000) / persons).toFixed(1)} µs a person, ${parcels.length} parcels`,
)
for (const parcel of parcels) void store.commit(ACME, parcel.changes)
await store.ping()
await new Promise((resolve) => setTimeout(resolve, 500))
const mebibytes = statSync(join(folder, DATABASE_FILE)).size / 2 ** 20
console.log(
  `${persons} persons: ${mebibytes.toFixed(0)} MiB, ${((mebibytes * 2 ** 20) / persons).toFixed(0)} bytes a person`,
)

const pick = () => parcels[Math.floor(Math.random() * parcels.length)]!
const times = (count: number, work: () => Promise<unknown>) => async () => {
  for (let i = 0; i < count; i++) await work()
}
for (const round of ['warm-up', 'measured']) {
  console.log(round)
  await timed(
    'findCaller',
    20_000,
    times(20_000, () => store.findCaller(ACME, world.secretHash)),
  )
  await timed(
    'findParcels of one',
    20_000,
    times(20_000, () => store.findParcels(ACME, [pick().shipment.waybill])),
  )
  const hundred = () => Array.from({ length: 100 }, () => pick().shipment.waybill)
  await timed(
    'findParcels of 100, a parcel',
    20_000,
    times(200, () => store.findParcels(ACME, hundred())),
  )
  const lists = Array.from({ length: 10_000 }, () => revealChanges(world, pick()))
  await timed('reveal list, 200 together', lists.length, async () => {
    for (let i = 0; i < lists.length; i += 200)
      await Promise.all(lists.slice(i, i + 200).map((changes) => store.commit(ACME, changes)))
  })
  const few = Array.from({ length: 6_400 }, () => revealChanges(world, pick()))
  await timed('reveal list, 64 together', few.length, async () => {
    for (let i = 0; i < few.length; i += 64)
      await Promise.all(few.slice(i, i + 64).map((changes) => store.commit(ACME, changes)))
  })
  const lone = Array.from({ length: 300 }, () => revealChanges(world, pick()))
  await timed('reveal list, alone', lone.length, async () => {
    for (const changes of lone) await store.commit(ACME, changes)
  })
}
await close()
rmSync(folder, { recursive: true })
