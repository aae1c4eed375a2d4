import { fromBase64, fromUtf8, toBase64 } from '../../src/core/bytes.ts'
import type { TenantId } from '../../src/core/id.ts'
import { leafHash } from '../../src/tlog/merkle.ts'
import { formatVerifier } from '../../src/tlog/note.ts'
import type { Verifier } from '../../src/tlog/note.ts'
import { verifyProof } from '../../src/tlog/proof-file.ts'
import type { Signer } from '../../src/tlog/note.ts'
import { logSigners } from '../../src/vault/log/signer.ts'
import type { World } from '../http/world.ts'
import { verifyInBrowser } from './p06-browser.ts'
import type { Work } from './p06-browser.ts'
import { WAYS, countingNothing, faultsOf, leaveOut } from './p06-left-out.ts'
import { openPeople } from './p06-people.ts'
import type { AccessRow, PeopleSize, Someone } from './p06-people.ts'
import type { ProofReport } from './report.ts'

// P6: a person can verify the own history: each row has a proof that verifies offline, with the same code in a browser, and a
// row that was left out is found.

export type Size = PeopleSize & {
  /** In how many places of each bundle a row is left out, in each way. */
  places: number
}

export async function short(): Promise<ProofReport> {
  return prove({ people: 6, looks: 6, places: 3 })
}

/** 100 persons, each with the parcel's making, 50 looks by the shop and 50 by the courier. */
export async function full(): Promise<ProofReport> {
  return prove({ people: 100, looks: 50, places: 5 })
}

export async function prove(size: Size): Promise<ProofReport> {
  const { world, people } = await openPeople(size)
  try {
    const { vault } = world
    const tenant = 'default' as TenantId
    const [signer] = await logSigners(vault, tenant, (await vault.store.findLog(tenant))!.origin)
    const log = signer.verifier
    const failures: string[] = []
    const proofs: Work['proofs'][number][] = []
    for (const one of people) proofs.push(...(await checkRows(world, one, log, failures)))
    const offline = people.filter(({ bundle }) => faultsOf(bundle, log).length === 0).length
    if (offline < people.length) failures.push(`${people.length - offline} bundles do not verify`)
    const loaded = await checkInBrowser(log, people, proofs, failures)
    const left = await leaveOutAll(people, size.places, signer, failures)
    return {
      figures: {
        persons: people.length,
        'access rows': proofs.length,
        'entries in bundles': people.reduce((sum, { bundle }) => sum + bundle.entries.length, 0),
        'files loaded in the browser’s place': loaded,
        'rows left out': left.tried,
      },
      failures,
      control: {
        broken: 'a check of each row by itself, without the signed count of them',
        found: left.missed,
      },
    }
  } finally {
    await world.close()
  }
}

/** Each row of the list: what its leaf says, proved by the service and in the person's bundle. */
async function checkRows(
  world: World,
  { rows, bundle }: Someone,
  log: Verifier,
  failures: string[],
): Promise<Work['proofs'][number][]> {
  const entries = new Map(bundle.entries.map((entry) => [entry.event, entry]))
  const proofs: Work['proofs'][number][] = []
  for (const row of rows) {
    const headers = { authorization: `Bearer ${world.platform}` }
    const response = await world.app.request(`https://vault.test/v1/events/${row.event}/leaf`, { headers })
    const leaf = new Uint8Array(await response.arrayBuffer())
    const { text: proof } = await world.ok(world.platform, `/v1/events/${row.event}/proof`)
    const entry = entries.get(row.event)
    const wrong = [
      ...(verifyProof(proof, leafHash(leaf), { log }).ok ? [] : ['its proof does not verify']),
      ...(entry?.leaf === toBase64(leaf) ? [] : ['the bundle has another leaf, or none']),
      ...differences(row, leaf),
    ]
    for (const what of wrong) failures.push(`${row.event}: ${what}`)
    proofs.push({ leaf: toBase64(leaf), proof })
  }
  for (const what of notListed(rows, bundle)) failures.push(what)
  return proofs
}

/** In which words of it the row is not what the leaf says. */
function differences(row: AccessRow, leaf: Uint8Array): string[] {
  const said = JSON.parse(fromUtf8(leaf).split('\n')[1] ?? '') as Record<string, unknown>
  const party = row['party'] as { id: string } | null
  const pairs: [string, unknown, unknown][] = [
    ['party', party?.id, said['party']],
    ...['at', 'purpose', 'decision', 'code', 'shipment'].map((name): [string, unknown, unknown] => [
      name,
      row[name],
      said[name],
    ]),
    [
      'fields',
      JSON.stringify(Object.entries(row['fields'] ?? {}).sort()),
      JSON.stringify(Object.entries(said['fields'] ?? {}).sort()),
    ],
  ]
  return pairs
    .filter(([, one, other]) => (one ?? null) !== (other ?? null))
    .map(([name]) => `${name} is not what the leaf says`)
}

const LISTED = [
  'reveal.allowed',
  'reveal.denied',
  'reveal.replayed',
  'mask.shown',
  'search.matched',
  'shipment.created',
]

/** The other way round: what the bundle holds of others' looks has to be in the list. */
function notListed(rows: readonly AccessRow[], bundle: Someone['bundle']): string[] {
  const listed = new Set(rows.map(({ event }) => event))
  return bundle.entries
    .filter(({ leaf }) => LISTED.some((type) => fromUtf8(fromBase64(leaf)!).includes(`"type":"${type}"`)))
    .filter(({ event }) => !listed.has(event))
    .map(({ event }) => `${event}: in the bundle, and not in the list`)
}

async function checkInBrowser(
  log: Verifier,
  people: readonly Someone[],
  proofs: Work['proofs'],
  failures: string[],
): Promise<number> {
  const bundles = people.map(({ bundle }) => bundle)
  const { faults, proved, loaded } = await verifyInBrowser({ vkey: formatVerifier(log), bundles, proofs })
  for (const some of faults) for (const code of some) failures.push(`in the place of a browser: ${code}`)
  const unproved = proved.filter((ok) => !ok).length
  if (faults.length !== people.length || proved.length !== proofs.length || unproved > 0)
    failures.push(`in the place of a browser: ${unproved} proofs do not verify`)
  const foreign = loaded.filter((url) => !/\/(src\/(tlog|core)|node_modules\/@noble)\//.test(url))
  for (const url of foreign) failures.push(`tlog loads ${url}`)
  return loaded.length
}

async function leaveOutAll(
  people: readonly Someone[],
  places: number,
  signer: Signer,
  failures: string[],
): Promise<{ tried: number; missed: number }> {
  let [tried, missed] = [0, 0]
  for (const { bundle, subject } of people) {
    for (const at of placesIn(bundle.entries.length, places)) {
      for (const way of WAYS) {
        const doctored = await leaveOut(bundle, at, way, signer)
        // Who signs the lie can only be found by whoever has seen the row before.
        const earlier = way === 'by the log itself' ? bundle : undefined
        const faults = faultsOf(doctored, signer.verifier, earlier)
        tried += 1
        if (faults.length === 0) failures.push(`${subject}: row ${at} left out ${way}: not found`)
        if (countingNothing(faults).length === 0) missed += 1
      }
    }
  }
  return { tried, missed }
}

/** First, last, and evenly between. */
function placesIn(length: number, places: number): number[] {
  const spread = Array.from({ length: places }, (_, i) => Math.round((i * (length - 1)) / (places - 1)))
  return [...new Set(spread)]
}
