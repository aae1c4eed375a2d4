import { join } from 'node:path'
import type { SymmetricKey } from '../../src/crypto/envelope.ts'
import { ByteSearch, readFiles, sayHits } from './byte-search.ts'
import { checkGone, checkReborn } from './p09-afterwards.ts'
import { attack, mayRemain, openDataKey, openTenantKeys, readRootKey } from './p09-attacker.ts'
import type { Attack, Loot } from './p09-attacker.ts'
import { eraseInBrokenStores } from './p09-control.ts'
import { eraseAll } from './p09-erasing.ts'
import { searchMemory } from './p09-memory.ts'
import { lookForAll, makeCanary, phoneSpellings } from './p09-p12-canary.ts'
import { everyFlow, makeWorld, scan } from './p09-p12-flows.ts'
import type { Resident, World } from './p09-p12-flows.ts'
import { Service, breathe, inParallel } from './p09-p12-service.ts'
import { differences, readSnapshot } from './p09-snapshot.ts'
import type { Dump, KeyRow, Snapshot } from './p09-snapshot.ts'
import type { ProofReport } from './report.ts'

// P9: erasure is real.

/** Everybody goes through every flow; then the canaries are erased and the neighbours stay. */
export type Size = { canaries: number; neighbours: number }

const AT_ONCE = 12
const REVEALS_A_DAY = 1_000_000
/** Of the spellings that there are, those that a store could have. */
const SPELLINGS = /^(UTF-8|UTF-16LE|hex|base64 .*)$/
/** Where pieces of a wrapped key lie that are its own: of the nonce, then of ciphertext and tag. All else is the wrapping key's. */
const PIECES_AT = [10, 66, 82, 98]
const PIECE_BYTES = 16
const LIVING = 'a living person'

export async function short(): Promise<ProofReport> {
  return prove({ canaries: 48, neighbours: 16 })
}

export async function full(): Promise<ProofReport> {
  return prove({ canaries: 1_000, neighbours: 1_000 })
}

export async function prove(size: Size): Promise<ProofReport> {
  const service = new Service()
  try {
    const failures: string[] = []
    const town = await settle(service, size)
    const truth = await recordTruth(service, town)
    const figures = await eraseAndLook(service, town, truth, failures)
    const control = await eraseInBrokenStores()
    // Scan and attack on the files as they were have to find everybody, or they would find nothing later either.
    const before = Math.min(truth.attackBefore.opened.size, truth.keysBefore)
    return {
      figures: { ...size, ...figures, 'found and opened in the files from before': before },
      failures,
      control: {
        broken: `${control.broken}; and the files from before`,
        found: before === size.canaries ? Math.min(control.found, before) : 0,
      },
    }
  } finally {
    service.discard()
  }
}

type Town = { world: World; canaries: readonly Resident[]; neighbours: readonly Resident[] }

async function settle(service: Service, { canaries, neighbours }: Size): Promise<Town> {
  await service.setDailyQuota(REVEALS_A_DAY)
  await service.start()
  const line = { send: (path: string, init: RequestInit) => fetch(service.url + path, init), saw: () => {} }
  const world = await makeWorld(line, service.platformKey)
  const residents: Resident[] = []
  const people = Array.from({ length: canaries + neighbours }, (_, no) => makeCanary(no))
  await inParallel(people, AT_ONCE, async (canary) => void residents.push(await everyFlow(world, canary)))
  // In the order of arrival every other one, so that those who go lie between those who stay.
  const goes = (i: number) =>
    Math.floor((i * canaries) / people.length) !== Math.floor(((i + 1) * canaries) / people.length)
  const gone = residents.filter((_, i) => goes(i))
  return { world, canaries: gone, neighbours: residents.filter((_, i) => !goes(i)) }
}

type Truth = {
  victims: readonly KeyRow[]
  materials: readonly SymmetricKey[]
  others: readonly Dump[]
  attackBefore: Attack
  /** How many canaries' wrapped keys the byte scan found: they stand there as they are. */
  keysBefore: number
}

/** While the service is stopped, straight from its database: what has to be gone, and what has to stay. */
async function recordTruth(service: Service, { canaries, neighbours }: Town): Promise<Truth> {
  await service.stop()
  const snapshot = readSnapshot(service.folder('data'))
  const loot = lootOf(service, snapshot)
  const victims = snapshot.keysOf(idsOf(canaries))
  const truth = {
    victims,
    materials: victims.map((victim) => openDataKey(loot, victim.wrapped, victim)!),
    others: snapshot.dump(idsOf(neighbours)),
    keysBefore: findWrappedKeys(service, victims),
    attackBefore: attack(loot, victims, snapshot.livingKeys(new Set(idsOf(canaries)))),
  }
  snapshot.close()
  await service.start()
  return truth
}

function findWrappedKeys(service: Service, victims: readonly KeyRow[]): number {
  const search = new ByteSearch()
  for (const { subject, wrapped } of victims) search.addBytes(subject, wrapped)
  return new Set(search.inFolder(service.folder('data')).map(({ needle }) => needle)).size
}

function idsOf(residents: readonly Resident[]): string[] {
  return residents.map(({ subject }) => subject)
}

function lootOf(service: Service, snapshot: Snapshot): Loot {
  const root = readRootKey(join(service.folder('keys'), 'root.key'))
  return { files: readFiles(service.folder('data')), ...openTenantKeys(root, snapshot) }
}

/** Every value that was ever sent of the erased, and their keys, wrapped and not. */
function searchForErased(
  { canaries }: Town,
  { victims, materials }: Truth,
  reborn: ReadonlySet<Resident>,
): ByteSearch {
  const search = new ByteSearch()
  lookForAll(
    search,
    canaries.map(({ canary }) => canary),
    SPELLINGS,
  )
  const named = canaries.filter((resident) => !reborn.has(resident))
  for (const { canary } of named) search.addText(`person ${canary.no}: external_ref`, canary.ref, SPELLINGS)
  victims.forEach(({ wrapped }, i) => {
    search.addBytes(`data key ${i}`, materials[i]!.material.exposeSecret())
    for (const at of PIECES_AT) {
      search.addBytes(`wrapped data key ${i}`, wrapped.subarray(at, at + PIECE_BYTES), `piece at ${at}`)
    }
  })
  return search
}

async function eraseAndLook(service: Service, town: Town, truth: Truth, failures: string[]) {
  const { world, canaries, neighbours } = town
  const newcomers = Array.from({ length: Math.ceil(canaries.length / 4) }, (_, i) => makeCanary(i))
  const [erasing] = await Promise.all([
    eraseAll(world, canaries),
    inParallel(newcomers, 1, async (canary) => void (await everyFlow(world, canary))),
  ])
  const erased = searchForErased(town, truth, erasing.reborn)
  const look = async (when: string) => {
    failures.push(...sayHits(erased.inFolder(service.folder('data'))).map((hit) => `${when}: ${hit}`))
    await breathe()
  }
  await look('served on')
  failures.push(...erasing.failures, ...(await checkGone(world, canaries)))
  await service.stop()
  await look('stopped')
  const attacked = attackAfter(service, town, truth, failures)
  await service.start()
  const memory = await lookIntoMemory(service, town, erased, failures)
  const renamed = canaries.filter((one) => one.canary.no % 5 === 0 && !erasing.reborn.has(one))
  failures.push(...(await checkReborn(world, renamed)))
  await service.stop()
  return {
    'calls against an erasure': erasing.raced,
    'byte strings looked for': erased.size,
    ...attacked,
    ...memory,
    'neighbours compared': neighbours.length,
  }
}

/** The files of the stopped service, with the root key. */
function attackAfter(service: Service, { canaries, neighbours }: Town, truth: Truth, failures: string[]) {
  const snapshot = readSnapshot(service.folder('data'))
  const loot = lootOf(service, snapshot)
  const { strayKeys, remnants, opened } = attack(
    loot,
    truth.victims,
    snapshot.livingKeys(new Set(idsOf(canaries))),
  )
  failures.push(...differences(truth.others, snapshot.dump(idsOf(neighbours))))
  snapshot.close()
  if (strayKeys > 0) failures.push(`${strayKeys} wrapped keys lie about that are no living person's row`)
  if (opened.size > 0) failures.push(`${opened.size} erased persons were opened`)
  if (remnants > mayRemain(truth.victims.length))
    failures.push(`${remnants} envelopes under erased keys were left behind`)
  const bytes = loot.files.reduce((sum, file) => sum + file.bytes.length, 0)
  return {
    'data folder, MiB': mebibytes(bytes),
    'wrapped keys astray': strayKeys,
    'envelopes left': remnants,
    opened: opened.size,
  }
}

function mebibytes(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(1)
}

/** A process that was started after the erasure and did other work; and one living person was shown a moment ago. */
async function lookIntoMemory(service: Service, town: Town, erased: ByteSearch, failures: string[]) {
  const { world, neighbours } = town
  const [first, ...others] = neighbours
  for (const { waybill } of others) await scan(world.courier, waybill)
  await everyFlow(world, makeCanary(0))
  const { phone } = (await scan(world.courier, first!.waybill)).items[0].fields
  for (const spelling of phoneSpellings(phone.value)) erased.addText(LIVING, spelling)
  const scanned = searchMemory(service.pid, erased)
  await breathe()
  if ('unreadable' in scanned) return { 'memory, MiB': `not read: ${scanned.unreadable}` }
  const living = scanned.hits.filter(({ needle }) => needle === LIVING)
  if (living.length === 0)
    failures.push('the memory was searched, and not even what was just shown was found')
  failures.push(
    ...sayHits(scanned.hits.filter(({ needle }) => needle !== LIVING)).map((hit) => `memory: ${hit}`),
  )
  return { 'memory, MiB': mebibytes(scanned.bytes), 'in memory of one who was just shown': living.length }
}
