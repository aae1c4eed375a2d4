import type { TenantId } from '../../core/id.ts'
import type { Instant } from '../../core/time.ts'
import { readLeafText } from '../audit/event.ts'
import type { CopiedKey } from '../store.ts'
import type { Vault } from '../vault.ts'
import { nextTurn } from './disclosures.ts'
import type { Incident } from './incident.ts'
import { Counter } from './tally.ts'

/** What a copy of the store holds, and what of it opens with the keys that are said to be known. */
export type CopiedStore = {
  /** Persons whose values were in the copy, as ciphertexts. */
  subjects: number
  /** Of those, persons whose values can be opened. */
  opens: number
  opensErased: number
  /** Made-up persons whose values were in the copy. They are in none of the other numbers. */
  canaries: number
  byJurisdiction: readonly (readonly [string, number])[]
  byLanguage: readonly (readonly [string, number])[]
}

const KEYS_A_TURN = 2_000

/** A known version of the wrapping key, with the times between which anything may have been under it. */
type Life = { version: number; from: number; until: number }

/**
 * Says of each person whether a copy holds its values and whether they open. What cannot be told for certain counts as
 * opened: under which version a key was while a rotation was going on, or when in the window the copy was made.
 */
export class CopyReader {
  readonly #root: boolean
  readonly #lives: readonly Life[]
  readonly #first: number
  readonly #last: number

  constructor(incident: Incident, lives: readonly Life[]) {
    const { keys } = incident.suspects
    this.#root = keys.some(({ kind }) => kind === 'root')
    this.#lives = lives
    this.#first = incident.occurredFrom ?? -Infinity
    this.#last = incident.occurredTo ?? incident.awareAt
  }

  holds({ createdAt, erasedAt }: CopiedKey): boolean {
    return createdAt <= this.#last && (erasedAt === null || erasedAt > this.#first)
  }

  opens(key: CopiedKey): boolean {
    if (this.#root) return true
    return this.#lives.some(
      ({ version, from, until }) =>
        // A key only ever moves on to later versions, and was made under the primary of its time or a later one.
        version <= key.keyVersion && until > Math.max(this.#first, key.createdAt) && from <= this.#last,
    )
  }
}

/** Of the known versions: when each was made, and when it was found that nothing is under it any more. */
async function livesOfKnown(
  vault: Vault,
  tenant: TenantId,
  { suspects }: Incident,
): Promise<readonly Life[]> {
  const versions = (await vault.store.listTenantKeys(tenant)).filter(({ kind }) => kind === 'wrap')
  const known = versions.filter(({ version }) =>
    suspects.keys.some((key) => key.kind === 'wrap' && key.version === version),
  )
  return Promise.all(
    known.map(async ({ version, state, createdAt: from }) => {
      const next = versions.find((one) => one.version > version)
      const isGone = next !== undefined && (state === 'retired' || state === 'destroyed')
      const until = isGone ? await retiredAt(vault, tenant, version, next.createdAt) : Infinity
      return { version, from, until }
    }),
  )
}

/** The log says it, soon after the version had a successor. */
async function retiredAt(vault: Vault, tenant: TenantId, version: number, since: Instant): Promise<number> {
  for (let after: number | null = -1; after !== null;) {
    const times = { from: since, to: null }
    const page: Awaited<ReturnType<Vault['store']['scanEvents']>> = await vault.store.scanEvents(
      tenant,
      times,
      after,
      KEYS_A_TURN,
    )
    for (const { type, leaf, at } of page.rows) {
      if (type !== 'key.retired') continue
      const { code, counts } = readLeafText(leaf) as { code?: string; counts?: { version?: number } }
      if (code === 'wrap' && counts?.version === version) return at
    }
    after = page.next
    await nextTurn()
  }
  return Infinity
}

export async function copyReader(vault: Vault, tenant: TenantId, incident: Incident): Promise<CopyReader> {
  return new CopyReader(incident, await livesOfKnown(vault, tenant, incident))
}

export async function copiedStore(vault: Vault, tenant: TenantId, incident: Incident): Promise<CopiedStore> {
  const reader = await copyReader(vault, tenant, incident)
  const jurisdictions = new Counter()
  const languages = new Counter()
  const found = { subjects: 0, opens: 0, opensErased: 0, canaries: 0 }
  for await (const held of keysInCopy(vault, tenant, reader)) {
    const persons = held.filter(({ canary }) => !canary)
    found.canaries += held.length - persons.length
    found.subjects += persons.length
    for (const row of persons.filter((key) => reader.opens(key))) {
      found.opens += 1
      if (row.state === 'erased') found.opensErased += 1
      jurisdictions.add(row.jurisdiction ?? 'unknown')
      languages.add(row.locale ?? 'unknown')
    }
  }
  return { ...found, byJurisdiction: jurisdictions.entries(), byLanguage: languages.entries() }
}

/** The keys of everybody whose values the copy holds, some at a time. */
export async function* keysInCopy(
  vault: Vault,
  tenant: TenantId,
  reader: CopyReader,
): AsyncGenerator<readonly CopiedKey[]> {
  for (let after: number | undefined = 0; after !== undefined;) {
    const rows: readonly CopiedKey[] = await vault.store.listCopiedKeys(tenant, after, KEYS_A_TURN)
    yield rows.filter((row) => reader.holds(row))
    after = rows.at(-1)?.person
    await nextTurn()
  }
}
