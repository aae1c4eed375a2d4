import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { Canary } from './p09-p12-canary.ts'
import type { World } from './p09-p12-flows.ts'
import type { Ran, Service } from './p09-p12-service.ts'

/** A shop's export through the command line: what it prints and keeps must hold nothing of its rows. */

const LOOK_EVERY_MS = 10
const MAX_LOOKS = 3_000

const COLUMNS = [
  ...[
    'Name',
    'Email',
    'Phone',
    'Shipping Name',
    'Shipping Address1',
    'Shipping Address2',
    'Shipping Company',
  ],
  ...['Shipping City', 'Shipping Zip', 'Shipping Province', 'Shipping Country', 'Shipping Phone', 'Notes'],
]

/** Rows as a shop has them; every fifth is broken in a way of its own, with the person's values in it. */
function exportOf(canaries: readonly Canary[]): string {
  const rows = canaries.map(({ no, person, reason }, i) => {
    const { name, phone, email, address } = person
    const cells = [
      ...[`#${no}`, email, '', name, address.line1, address.line2, address.district],
      ...[address.city, `'${address.postcode}`, address.province, address.country, phone, reason],
    ]
    const quoted = cells.map((cell) => `"${cell}"`)
    switch (i % 25) {
      case 0:
        return quoted.with(11, `"${name} ${phone}"`)
      case 5:
        return [...quoted, `"${reason}"`]
      case 10:
        return quoted.with(3, `"${name}`)
      case 15:
        return quoted.with(10, `"${name}"`)
      case 20:
        return quoted.with(1, `"${email} ${name}"`)
      default:
        return quoted
    }
  })
  return [COLUMNS, ...rows].map((cells) => `${cells.join(',')}\n`).join('')
}

export type Imported = {
  /** Everything that the import said or kept, but for the export and the rejects: those are the shop's own. */
  texts: { where: string; bytes: Buffer }[]
  failures: string[]
  /** What it said last. */
  closing: string
}

export async function importCanaries(
  service: Service,
  world: World,
  canaries: readonly Canary[],
): Promise<Imported> {
  const folder = join(service.root, 'import')
  mkdirSync(folder)
  const write = (name: string, text: string): string => {
    const path = join(folder, name)
    writeFileSync(path, text, { mode: 0o600 })
    return path
  }
  const key = write('key', world.shop.caller.bearer ?? '')
  const wrongKey = write('wrong-key', world.courier.caller.bearer ?? '')
  const args = (file: string, keyFile: string): string[] => {
    return [
      'import',
      file,
      '--format',
      'shopify',
      '--url',
      service.url,
      '--party',
      world.shop.id,
      '--key-file',
      keyFile,
    ]
  }
  const whole = write('orders.csv', exportOf(canaries))
  const refused = await service.run(...args(write('refused.csv', exportOf(canaries.slice(0, 10))), wrongKey))
  const damaged = await service.run(...args(write('damaged.csv', `${canaries[0]?.person.name}\n"`), key))
  const killed = await killHalfWay(service, args(whole, key), folder)
  const finished = await service.run(...args(whole, key))
  const texts = [
    ...textsOf({ refused, damaged, killed: killed.ran, finished }),
    ...killed.seen,
    ...kept(folder),
  ]
  const isWhole = finished.code === 0 && / imported, [1-9]\d* rejected\n$/.test(finished.stdout)
  const failures = [
    ...(isWhole ? [] : [`the import ended with ${finished.code}: ${finished.stderr}`]),
    ...(killed.seen.length > 0 ? [] : ['the killed import kept no journal']),
    ...(refused.code === 1 && damaged.code === 1 ? [] : ['an import that could not work ended well']),
  ]
  return { texts, failures, closing: finished.stdout.trim() }
}

function textsOf(runs: Record<string, Ran>): Imported['texts'] {
  return Object.entries(runs).map(([name, { stdout, stderr }]) => {
    return { where: `what the ${name} import printed`, bytes: Buffer.from(stdout + stderr) }
  })
}

/** The shop's own rows stand in the export, and in the rejects where they could not be taken. */
export function isOfTheShop(path: string): boolean {
  return /^(import\/)?(orders|refused|damaged)\.csv(\.rejects\.csv)?$/.test(path)
}

function kept(folder: string): Imported['texts'] {
  const names = readdirSync(folder).filter((name) => !isOfTheShop(name))
  return names.map((name) => ({ where: name, bytes: readFileSync(join(folder, name)) }))
}

const JOURNAL = 'orders.csv.tokens.csv.progress'

/** Killed while the service does not answer: then the journal stands, with what there is to go on from. */
async function killHalfWay(service: Service, args: readonly string[], folder: string) {
  process.kill(service.pid, 'SIGSTOP')
  const { child, ended } = service.begin(...args)
  const path = join(folder, JOURNAL)
  let seen: Imported['texts'] = []
  for (let tries = 0; seen.length === 0 && tries < MAX_LOOKS; tries++) {
    await pause(LOOK_EVERY_MS)
    // Others come and go beside it, and it is put there whole.
    const bytes = existsSync(path) ? readFileSync(path) : Buffer.alloc(0)
    if (bytes.length > 0) seen = [{ where: JOURNAL, bytes }]
  }
  child.kill('SIGKILL')
  const ran = await ended
  process.kill(service.pid, 'SIGCONT')
  return { seen, ran }
}
