import { spawnSync } from 'node:child_process'
import { statSync, watch } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { ByteSearch, filesBelow, sayHits } from './byte-search.ts'
import { Answers } from './p12-answers.ts'
import { findLeaks } from './p12-control.ts'
import { importCanaries, isOfTheShop } from './p12-import.ts'
import type { Imported } from './p12-import.ts'
import { valuesOf, wrongBodies, wrongCalls, wrongPlaces } from './p12-mistakes.ts'
import { sendBroken } from './p12-sockets.ts'
import { itemOf, lookForAll, makeCanary, makePerson, notePerson } from './p09-p12-canary.ts'
import type { Canary } from './p09-p12-canary.ts'
import { everyFlow, makeWorld } from './p09-p12-flows.ts'
import type { Resident, World } from './p09-p12-flows.ts'
import { Service, breathe, inParallel } from './p09-p12-service.ts'
import type { ProofReport } from './report.ts'

// P12: PII does not leak sideways.

export type Size = {
  canaries: number
  /** How many of them stand in the shop's export besides. */
  imported: number
  /** For how many of them requests are broken on the wire. */
  broken: number
}

const AT_ONCE = 12
const REVEALS_A_DAY = 1_000_000
const CRASH_AFTER_MS = 250

export async function short(): Promise<ProofReport> {
  return prove({ canaries: 50, imported: 50, broken: 6 })
}

export async function full(): Promise<ProofReport> {
  return prove({ canaries: 1_000, imported: 1_000, broken: 100 })
}

export async function prove(size: Size): Promise<ProofReport> {
  const service = new Service()
  const temp = watchFolder(service.folder('temp'))
  try {
    const answers = new Answers()
    const told = await tellEverything(service, size, answers)
    const leaks = await lookEverywhere(service, told, answers)
    const failures = [...answers.failures, ...leaks.failures]
    if (temp.names.size > 0) failures.push(`temporary files were made: ${[...temp.names].join(', ')}`)
    return {
      figures: { ...size, ...leaks.figures },
      failures,
      control: await findLeaks(),
    }
  } finally {
    temp.close()
    service.discard()
  }
}

type Told = {
  world: World
  /** Everybody whose values were sent. */
  people: Canary[]
  imported: Imported
  /** How many calls found the disk full; or why none did. */
  unwritable: number | string
}

/** Every flow and every failure, each person's values in it. */
async function tellEverything(service: Service, size: Size, answers: Answers): Promise<Told> {
  await service.setDailyQuota(REVEALS_A_DAY)
  await service.start()
  const line = {
    send: (path: string, init: RequestInit) => fetch(service.url + path, init),
    saw: answers.saw,
  }
  const contact = makeCanary(0)
  const world = await makeWorld(line, service.platformKey, contact.reason)
  const residents: Resident[] = []
  const canaries = Array.from({ length: size.canaries }, (_, no) => makeCanary(no))
  await inParallel(canaries, AT_ONCE, async (canary) => {
    const resident = await everyFlow(world, canary)
    residents.push(resident)
    await mistake(world, resident)
  })
  await inParallel(residents.slice(0, size.broken), 2, async (resident) => {
    for (const said of await sendBroken(service.url, world.shop.caller.bearer!, valueOf(resident))) {
      answers.keep('a broken request', 0, said)
    }
  })
  const unwritable = await failToWrite(service, world, residents.slice(0, size.broken))
  const customers = Array.from({ length: size.imported }, (_, no) => makeCanary(no))
  const imported = await importCanaries(service, world, customers)
  return { world, people: [contact, ...canaries, ...customers], imported, unwritable }
}

/** Over all persons each mistake is made with each kind of value. */
function valueOf(resident: Resident): string {
  const values = valuesOf(resident)
  return values[resident.canary.no % values.length]!
}

async function mistake(world: World, resident: Resident): Promise<void> {
  const value = valueOf(resident)
  const mistakes = [wrongBodies, wrongCalls, wrongPlaces].flatMap((make) => make(world, resident, value))
  for (const { caller, path, body, ...how } of mistakes) await caller.call(path, body, how)
}

/** The disk takes nothing more, and the failure of each call is logged; then it does again. */
async function failToWrite(
  service: Service,
  world: World,
  residents: readonly Resident[],
): Promise<Told['unwritable']> {
  const limit = (bytes: string) =>
    spawnSync('prlimit', ['--pid', String(service.pid), `--fsize=${bytes}:`]).status === 0
  if (!limit('1')) return 'not tried: no prlimit'
  let refused = 0
  const { platform, shop } = world
  for (const { canary, subject } of residents) {
    canary.person = { ...makePerson(canary.no) }
    notePerson(canary, canary.person)
    const { person } = canary
    const answers = [
      await shop.caller.call('/v1/tokenize', { items: [itemOf(canary)] }),
      await platform.call(`/v1/subjects/${subject}`, { person }, { method: 'PATCH' }),
      await shop.caller.call('/v1/search', { purpose: 'order', phone: person.phone }),
    ]
    refused += answers.filter(({ status }) => status === 503).length
  }
  limit('unlimited')
  await platform.must('/v1/parties', { kind: 'courier', name: 'after all' })
  return refused
}

const PUBLIC = [
  '/metrics',
  '/openapi.json',
  '/docs',
  '/docs/style.css',
  '/healthz',
  '/readyz',
  '/.well-known/jwks.json',
]

/** What anybody may read, and the whole log. */
async function readAll({ platform }: World): Promise<number> {
  for (const path of PUBLIC) await platform.must(path)
  let events = 0
  for (let cursor = ''; ;) {
    const { items, next_cursor: next } = await platform.must(`/v1/events?limit=100${cursor}`)
    events += items.length
    await platform.must(`/v1/events/${items[0].id}`)
    await platform.must(`/v1/events/${items[0].id}/leaf`)
    if (next === null) return events
    cursor = `&cursor=${next}`
  }
}

type Found = { failures: string[]; figures: Record<string, number | string> }

async function lookEverywhere(service: Service, told: Told, answers: Answers): Promise<Found> {
  const failures: string[] = [...told.imported.failures]
  if (told.unwritable === 0) failures.push('the full disk was noticed by no call')
  const victims = Array.from({ length: 10 }, (_, no) => makeCanary(no))
  const events = await readAll(told.world)
  const search = new ByteSearch()
  const look = async (when: string) => {
    const hits = [...search.inFolder(service.root), ...search.inText(service.printed, 'what was printed')]
    failures.push(...sayHits(hits.filter(({ where }) => !isOfTheShop(where))).map((hit) => `${when}: ${hit}`))
    await breathe()
  }
  lookForAll(search, told.people)
  await look('serving')
  await crash(service, told.world, victims)
  lookForAll(search, victims)
  const walBytes = statSync(join(service.folder('data'), 'cloakroom.sqlite-wal')).size
  await look('killed')
  await service.start()
  await readAll(told.world)
  await service.stop()
  await look('stopped')
  for (const { where, bytes } of [...answers.texts, ...told.imported.texts]) {
    failures.push(...sayHits(search.inBytes(bytes, where)))
  }
  const left = [...filesBelow(service.folder('temp')), ...filesBelow(service.folder('here'))]
  if (left.length > 0) failures.push(`${left.length} files were left where none belong`)
  return {
    failures,
    figures: {
      'byte strings looked for': search.size,
      answers: answers.count,
      'by status': [...answers.byStatus]
        .toSorted(([a], [b]) => a - b)
        .map((one) => one.join(': '))
        .join(', '),
      events,
      'printed, characters': service.printed.length,
      'data folder, bytes': filesBelow(service.folder('data')).reduce(
        (sum, path) => sum + statSync(path).size,
        0,
      ),
      'calls to a full disk': told.unwritable,
      'log file when killed, bytes': walBytes,
      import: told.imported.closing,
    },
  }
}

/** The process is gone in the middle of its work, with whatever it had in its files by then. */
async function crash(service: Service, world: World, victims: readonly Canary[]): Promise<void> {
  // Whoever is cut off fails, and that is all.
  const cut = Promise.allSettled(victims.map(async (canary) => everyFlow(world, canary)))
  await pause(CRASH_AFTER_MS)
  await service.kill()
  await cut
}

type Watched = { names: ReadonlySet<string>; close(): void }

/** A file that came and went is noticed too. */
function watchFolder(folder: string): Watched {
  const names = new Set<string>()
  const watcher = watch(folder, { recursive: true }, (_, name) => names.add(name ?? 'without a name'))
  return { names, close: () => watcher.close() }
}
