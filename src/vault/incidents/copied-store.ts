import type { TenantId } from '../../core/id.ts'
import type { Instant } from '../../core/time.ts'
import { readLeaf } from '../audit/event.ts'
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
  byJurisdiction: readonly (readonly [string, number])[]
  byLanguage: readonly (readonly [string, number])[]
}

/** Versions of the wrapping key in the order of their making, with the times between which anything may have been under them. */
type Life = { version: number; from: number; until: number }

/**
 * Says of each person whether a copy holds its values and whether they open. What cannot be told for certain counts as
 * opened: under which version a key was while a rotation was going on, or when in the window the copy was made.
 */
export class CopyReader {
  readonly #known: ReadonlySet<number>
  readonly #root: boolean
  readonly #lives: readonly Life[]
  readonly #first: number
  readonly #last: number

  constructor(incident: Incident, lives: readonly Life[]) {
    const { keys } = incident.suspects
    this.#known = new Set(keys.flatMap((key) => (key.kind === 'wrap' ? key.version : [])))
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
        this.#known.has(version) &&
        // A key only ever moves on to later versions, and was made under the primary of its time or a later one.
        version <= key.keyVersion &&
        until > Math.max(this.#first, key.createdAt) &&
        from <= this.#last,
    )
  }
}

/** From the store and from the log: a version's making, and when it was found that nothing is under it any more. */
async function livesOfWrap(vault: Vault, tenant: TenantId): Promise<readonly Life[]> {
  const records = await vault.store.listTenantKeys(tenant)
  const retired = new Map<number, Instant>()
  for (let after: string | null | undefined; after !== null;) {
    const filter = { types: ['key.retired'], order: 'oldest' } as const
    const page = await vault.store.listEvents(tenant, filter, { limit: 1_000, ...(after && { after }) })
    for (const { bytes, at } of page.rows) {
      const { code, counts } = readLeaf(bytes) as { code?: string; counts?: { version?: number } }
      if (code === 'wrap' && counts?.version !== undefined) retired.set(counts.version, at)
    }
    after = page.next
  }
  return records
    .filter(({ kind }) => kind === 'wrap')
    .map(({ version, createdAt }) => ({
      version,
      from: createdAt,
      until: retired.get(version) ?? Infinity,
    }))
}

export async function copyReader(vault: Vault, tenant: TenantId, incident: Incident): Promise<CopyReader> {
  return new CopyReader(incident, await livesOfWrap(vault, tenant))
}

const KEYS_A_TURN = 2_000

export async function copiedStore(vault: Vault, tenant: TenantId, incident: Incident): Promise<CopiedStore> {
  const reader = await copyReader(vault, tenant, incident)
  const jurisdictions = new Counter()
  const languages = new Counter()
  const found = { subjects: 0, opens: 0, opensErased: 0 }
  for (let after: number | undefined = 0; after !== undefined;) {
    const rows: readonly CopiedKey[] = await vault.store.listCopiedKeys(tenant, after, KEYS_A_TURN)
    for (const row of rows) {
      if (!reader.holds(row)) continue
      found.subjects += 1
      if (!reader.opens(row)) continue
      found.opens += 1
      if (row.state === 'erased') found.opensErased += 1
      jurisdictions.add(row.jurisdiction ?? 'unknown')
      languages.add(row.locale ?? 'unknown')
    }
    after = rows.at(-1)?.person
    await nextTurn()
  }
  return { ...found, byJurisdiction: jurisdictions.entries(), byLanguage: languages.entries() }
}
