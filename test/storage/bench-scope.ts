import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openSqliteStore } from '../../src/runtime/node/sqlite.ts'
import { instant } from '../../src/core/time.ts'
import { timedId } from '../../src/core/id.ts'
import type { SubjectId } from '../../src/core/id.ts'
import { sealEvent } from '../../src/vault/audit/event.ts'
import type { Change } from '../../src/vault/changes.ts'
import type { Incident } from '../../src/vault/incidents/incident.ts'
import { checkClocks } from '../../src/vault/incidents/check-clocks.ts'
import { findScope } from '../../src/vault/incidents/scope.ts'
import { listScopeSubjects } from '../../src/vault/incidents/scope-subjects.ts'
import type { Vault } from '../../src/vault/vault.ts'
import { ACME, AT, dataKey, newId, newTenant, random, subject } from './sample.ts'

/** Prints how long a scope over a large log takes. Usage: node test/storage/bench-scope.ts [events] [persons] */

const events = Number(process.argv[2] ?? 1_000_000)
const persons = Number(process.argv[3] ?? events)
const BATCH = 5_000
const folder = mkdtempSync(join(tmpdir(), 'cloakroom-scope-'))
const { store, close } = await openSqliteStore(folder, {
  onFatal: (cause) => {
    throw cause
  },
})
const world = newTenant(ACME)
await store.commit(ACME, world.changes)

const ids: SubjectId[] = []
while (ids.length < persons) {
  const batch = Array.from({ length: Math.min(BATCH, persons - ids.length) }, () => subject(world.merchant))
  await store.commit(
    ACME,
    batch.map((one): Change => ({ type: 'subject.insert', subject: one, dataKey: dataKey() })),
  )
  ids.push(...batch.map(({ id }) => id))
}
const about = {
  ...({ actor: 'party', type: 'reveal.allowed', decision: 'allowed', purpose: 'delivery' } as const),
  ...{
    operator: newId.operator(),
    credential: newId.credential(),
    grant: newId.grant(),
    order: newId.order(),
  },
  fields: { name: 'surname', phone: 'full', address: 'full' },
} as const
for (let n = 0; n < events; n += BATCH) {
  const batch = Array.from({ length: Math.min(BATCH, events - n) }, (_, i): Change => {
    // Two parties by turns, each person by chance.
    const party = (n + i) % 2 === 0 ? world.merchant : world.courier
    const whom = ids[Math.floor(Math.random() * ids.length)]!
    const event = { ...about, id: newId.event(), at: instant(AT + n + i), party, subject: whom }
    return { type: 'event.append', event: sealEvent(ACME, event, random) }
  })
  await store.commit(ACME, batch)
}

const vault = { store, random, clock: { now: () => AT } } as unknown as Vault
const caller = { kind: 'platform', tenant: ACME, credential: newId.credential() } as const
async function incidentAbout(
  suspects: Partial<Incident['suspects']>,
  checkAt: Incident['checkAt'] = null,
): Promise<Incident['id']> {
  const id = timedId('inc', random, AT)
  const nobody = { credentials: [], parties: [], operators: [], devices: [], subjects: [], keys: [] }
  const times = { awareAt: AT, occurredFrom: AT, occurredTo: instant(AT + events), openedAt: AT }
  const incident: Incident = {
    ...{
      id,
      kind: 'insider',
      state: 'open',
      severity: null,
      ...times,
      containment: [],
      facts: {},
      clocks: [],
      counted: { at: AT, persons: null, classes: [] },
      checkAt,
      steps: [],
      version: 1,
    },
    suspects: { ...nobody, ...suspects },
  }
  await store.commit(ACME, [{ type: 'incident.insert', incident }])
  return id
}

const questions = {
  'everybody who looked': {},
  'one of two parties': { parties: [world.merchant] },
  'one operator': { operators: [about.operator] },
} as const
for (const [name, suspects] of Object.entries(questions)) {
  const id = await incidentAbout(suspects)
  const [startedAt, used] = [performance.now(), process.cpuUsage()]
  const scope = await findScope(vault, caller, id)
  const seconds = (performance.now() - startedAt) / 1_000
  const cpu = process.cpuUsage(used)
  const busy = ((cpu.user + cpu.system) / 1e6).toFixed(2)
  const mebibytes = process.memoryUsage().rss / 2 ** 20
  console.log(
    `${name}: ${scope.events} events, ${scope.subjects} persons, ${seconds.toFixed(2)} s (${busy} s of a core), ${mebibytes.toFixed(0)} MiB`,
  )
  const listingAt = performance.now()
  const page = await listScopeSubjects(vault, caller, id, { limit: 100 })
  console.log(`  a page of ${page.rows.length} persons: ${(performance.now() - listingAt).toFixed(0)} ms`)
}
await incidentAbout({}, AT)
const roundAt = performance.now()
await checkClocks(vault)
console.log(`a round of the clocks' job for it: ${((performance.now() - roundAt) / 1_000).toFixed(2)} s`)
await close()
rmSync(folder, { recursive: true })
