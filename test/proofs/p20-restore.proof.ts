import { join } from 'node:path'
import { backUpStopped } from '../../src/runtime/node/backup/stopped.ts'
import { openVault } from '../../src/runtime/node/compose.ts'
import { readConfig } from '../../src/runtime/node/config.ts'
import { ByteSearch, readFiles } from './byte-search.ts'
import { checkGone } from './p09-afterwards.ts'
import { attack, openDataKey, openTenantKeys, readRootKey } from './p09-attacker.ts'
import { lookForAll, makeCanary } from './p09-p12-canary.ts'
import { everyFlow, makeWorld, scan } from './p09-p12-flows.ts'
import type { Resident } from './p09-p12-flows.ts'
import { inParallel } from './p09-p12-service.ts'
import { readSnapshot } from './p09-snapshot.ts'
import { damageEverywhere } from './p20-damage.ts'
import type { Damage, Samples } from './p20-damage.ts'
import { checkEnded, endThings, makeEnding } from './p20-endings.ts'
import { killWhileBackingUp } from './p20-kills.ts'
import { Load, quantile } from './p20-load.ts'
import { Site } from './p20-service.ts'
import type { ProofReport } from './report.ts'
import { checkFiles, checkLog, idsOf, rowsOfPersons } from './p20-checks.ts'
import type { Town, Truth } from './p20-checks.ts'

// P20: restore works; and of P9: what was erased is in no backup after its restore.

export type Size = {
  /** Erased after the backup was made. */
  canaries: number
  /** Nothing of theirs may change. */
  neighbours: number
  callers: number
  /** Where a backup of a small vault is changed and cut. */
  damage: Samples
  /** Backups during which the service is killed. */
  kills: number
}

const AT_ONCE = 8
const REVEALS_A_DAY = 10_000_000
const MEASURED_MS = 2_000
const SPELLINGS = /^(UTF-8|UTF-16LE|hex|base64 .*)$/
/** Of a wrapped key: pieces of nonce, ciphertext and tag. */
const PIECES_AT = [10, 66, 82, 98]
const PIECE_BYTES = 16

export async function short(): Promise<ProofReport> {
  return prove({ canaries: 12, neighbours: 6, callers: 8, damage: { samples: 16, step: 32 }, kills: 1 })
}

export async function full(): Promise<ProofReport> {
  return prove({
    canaries: 1_000,
    neighbours: 500,
    callers: 32,
    damage: { samples: 2_000, step: 1 },
    kills: 20,
  })
}

type Figures = ProofReport['figures']

export async function prove(size: Size, main?: string): Promise<ProofReport> {
  const { damage: samples, ...sizes } = size
  const site = new Site(main)
  try {
    const failures: string[] = []
    const town = await settle(site, size)
    const backup = await backUpUnderLoad(site, town, size)
    const grant = await endThings(town)
    await lose(site)
    const truth = await restoreWithoutReplay(site, town, backup)
    const restored = await restoreAndCheck(site, town, { backup, grant, truth }, failures)
    const fromLost = await restoreFromLostFolder(site, town, { backup, truth }, failures)
    const damage = await damageSmall(site, samples)
    failures.push(...damage.taken.map((what) => `a backup was taken: ${what}`))
    const killed = await killWhileBackingUp(site, size.kills, failures)
    return {
      figures: {
        ...sizes,
        ...backup.figures,
        ...restored,
        ...fromLost,
        'damaged backups': damage.tried,
        ...killed,
      },
      failures,
      control: {
        broken: 'a restore that does not replay what was erased after the backup',
        found: truth.attack.opened.size === size.canaries ? truth.attack.opened.size : 0,
      },
    }
  } finally {
    site.discard()
  }
}

async function settle(site: Site, { canaries, neighbours }: Size): Promise<Town> {
  await site.setDailyQuota('data', REVEALS_A_DAY)
  await site.start('data')
  const line = { send: (path: string, init: RequestInit) => fetch(site.url + path, init), saw: () => {} }
  const world = await makeWorld(line, site.platformKey)
  const residents: Resident[] = []
  const people = Array.from({ length: canaries + neighbours }, (_, no) => makeCanary(no))
  await inParallel(people, AT_ONCE, async (canary) => void residents.push(await everyFlow(world, canary)))
  const goes = (i: number) =>
    Math.floor((i * canaries) / people.length) !== Math.floor(((i + 1) * canaries) / people.length)
  return {
    world,
    canaries: residents.filter((_, i) => goes(i)),
    neighbours: residents.filter((_, i) => !goes(i)),
    ending: await makeEnding(world, people.length),
  }
}

type Backup = {
  file: string
  recipient: string
  identityFile: string
  decrypter: Awaited<ReturnType<Site['identity']>>['decrypter']
  figures: Figures
}

async function backUpUnderLoad(site: Site, { world, neighbours }: Town, { callers }: Size): Promise<Backup> {
  const { file: identityFile, recipient, decrypter } = await site.identity('identity')
  const { recipient: other } = await site.identity('another')
  const file = join(site.path('safe'), 'backup.age')
  const load = new Load(world, neighbours, callers)
  await new Promise((resolve) => setTimeout(resolve, MEASURED_MS))
  load.take()
  await new Promise((resolve) => setTimeout(resolve, MEASURED_MS))
  const before = load.take()
  const started = performance.now()
  await site.must('data', 'backup', '--to', file, '--recipient', recipient, '--recipient', other)
  const took = performance.now() - started
  const during = load.take()
  await load.stop()
  return {
    file,
    recipient,
    identityFile,
    decrypter,
    figures: {
      'backup, s': (took / 1_000).toFixed(1),
      'reveals while it was made': during.length,
      'reveal p50 before and during, ms': `${quantile(before, 0.5)} ${quantile(during, 0.5)}`,
      'reveal p99 before and during, ms': `${quantile(before, 0.99)} ${quantile(during, 0.99)}`,
    },
  }
}

/** The machine goes without a word, and its disk is set aside. */
async function lose(site: Site): Promise<void> {
  await site.end('SIGKILL')
}

/** The same backup as it was made: what the attack has to find, and what has to stay as it is. */
async function restoreWithoutReplay(site: Site, town: Town, backup: Backup): Promise<Truth> {
  const folder = site.path('as-it-was')
  await restore(site, backup, folder, '--accept-loss')
  const canaries = idsOf(town.canaries)
  const snapshot = readSnapshot(folder)
  const keys = openTenantKeys(readRootKey(join(site.keys, 'root.key')), snapshot)
  const loot = { files: readFiles(folder), ...keys }
  const victims = snapshot.keysOf(canaries)
  const erased = new ByteSearch()
  lookForAll(
    erased,
    town.canaries.map(({ canary }) => canary),
    SPELLINGS,
  )
  for (const victim of victims) {
    erased.addBytes('a data key', openDataKey(loot, victim.wrapped, victim)!.material.exposeSecret())
    for (const at of PIECES_AT)
      erased.addBytes('a wrapped key', victim.wrapped.subarray(at, at + PIECE_BYTES))
  }
  const truth = {
    attack: attack(loot, victims, snapshot.livingKeys(new Set(canaries))),
    victims,
    others: rowsOfPersons(snapshot.dump(idsOf(town.neighbours))),
    erased,
  }
  snapshot.close()
  return truth
}

async function restore(
  site: Site,
  { file, identityFile }: Backup,
  folder: string,
  ...more: string[]
): Promise<string> {
  return site.must('data', 'restore', file, '--identity', identityFile, '--to', folder, ...more)
}

type Known = { backup: Backup; truth: Truth; grant: string }

async function restoreAndCheck(site: Site, town: Town, known: Known, failures: string[]): Promise<Figures> {
  const folder = 'restored'
  const said = await restore(site, known.backup, site.path(folder), '--newer-log', site.tombstones)
  failures.push(...checkFiles(site, town, folder, known.truth))
  await site.start(folder)
  failures.push(...(await checkGone(town.world, town.canaries)), ...(await checkEnded(town, known.grant)))
  for (const { waybill } of town.neighbours) {
    const { items } = await scan(town.world.courier, waybill)
    if (items[0].status !== 'ok') failures.push(`a neighbour's parcel was ${items[0].code}`)
  }
  failures.push(...(await checkLog(site, folder)))
  return { 'restored events': numberIn(said, /(\d+) events/), ...figuresIn(said) }
}

/** RPO and RTO as they were printed. */
function figuresIn(said: string): Figures {
  const { rpo, rto } = /RPO +(?<rpo>[\d.]+ s)[^]*RTO +(?<rto>[\d.]+ s)/.exec(said)?.groups ?? {}
  if (rpo === undefined || rto === undefined) throw new Error(`no RPO or RTO: ${said}`)
  return { RPO: rpo, RTO: rto }
}

function numberIn(said: string, pattern: RegExp): string {
  return pattern.exec(said)?.[1] ?? 'not printed'
}

/** What is left of the lost machine's disk knows the same, its write-ahead log included. */
async function restoreFromLostFolder(
  site: Site,
  town: Town,
  known: Omit<Known, 'grant'>,
  failures: string[],
): Promise<Figures> {
  const said = await restore(site, known.backup, site.path('from-lost'), '--newer-log', site.path('data'))
  failures.push(...checkFiles(site, town, 'from-lost', known.truth))
  const { RPO, RTO } = figuresIn(said)
  return { 'RPO with the lost disk': RPO ?? '', 'RTO with the lost disk': RTO ?? '' }
}

/** Each attempt decrypts all of it, so it is one of few bytes. */
async function damageSmall(site: Site, samples: Samples): Promise<Damage> {
  const { recipient, decrypter } = await site.identity('small')
  const file = join(site.path('safe'), 'small.age')
  const { close } = await openVault(readConfig(site.env('small-vault')))
  await close()
  await backUpStopped(
    readConfig(site.env('small-vault')),
    undefined,
    { target: file, recipients: [recipient] },
    () => {},
  )
  return damageEverywhere({ file, recipient, decrypter }, samples)
}
