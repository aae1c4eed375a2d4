import { keyedRef } from '../../crypto/blind-index.ts'
import { VaultError } from '../../core/errors.ts'
import type { FieldError } from '../../core/errors.ts'
import type { MerchantId, SubjectId, Token } from '../../core/id.ts'
import type { Instant } from '../../core/time.ts'
import { expectCaller, record } from '../audit/record.ts'
import type { Change } from '../changes.ts'
import type { FieldValue } from '../fields/field-type.ts'
import { parsePerson } from '../fields/registry.ts'
import type { FieldName } from '../fields/registry.ts'
import type { TenantKeys } from '../keys/keyring.ts'
import type { Caller, PartyCaller, PlatformCaller } from '../principals/principal.ts'
import type { Linkability } from '../tokens/token.ts'
import { notFound, transact } from '../transact.ts'
import type { Call, Plan } from '../transact.ts'
import type { Vault } from '../vault.ts'
import { PersonDraft, parseContext, valuesOf } from './draft.ts'
import type { About, Known } from './draft.ts'
import type { Owner } from './record.ts'

export type TokenizeItem = {
  key: string
  externalRef?: string
  locale?: string
  jurisdiction?: string
  /** As the caller sent it. */
  person: unknown
}

export type TokenizeInput = {
  linkability: Linkability
  /** Whose tokens these are; a shop may name only itself. */
  party?: MerchantId
  atomic: boolean
  items: readonly TokenizeItem[]
}

export type TokenizedItem =
  | {
      key: string
      status: 'created' | 'updated' | 'unchanged'
      tokens: Partial<Record<FieldName, Token>>
      /** To the platform only: to a shop it would link a person over shops. */
      subject?: SubjectId
    }
  | { key: string; status: 'error'; code: string; errors: readonly FieldError[] }

export type Taken = { item: TokenizeItem; about: About; values: ReadonlyMap<FieldName, FieldValue> }
export type Refused = { item: TokenizeItem; code: string; errors: readonly FieldError[] }

type TokenizeCall = Call<PlatformCaller | PartyCaller>

export async function tokenize(
  vault: Vault,
  call: TokenizeCall,
  input: TokenizeInput,
): Promise<readonly TokenizedItem[]> {
  const merchant = merchantOf(call.caller, input.party)
  const read = readItems(input.items)
  if (input.atomic) refuseUnlessAllGood(read)
  const keys = await vault.keyring.tenantKeys(call.caller.tenant)
  const owner: Owner = call.caller.kind === 'platform' ? 'platform' : merchant
  const items = read.map((item) => (isTaken(item) ? withKeyedRef(item, keys, owner) : item))
  return transact(vault, call, async () => {
    const party = await vault.store.findParty(call.caller.tenant, merchant)
    if (party?.kind !== 'merchant') throw notFound('party')
    if (party.status === 'terminated') {
      throw new VaultError('state_conflict', 'A terminated shop gets no tokens.')
    }
    const batch = new Batch(
      { vault, keys, call, merchant, owner, linkability: input.linkability },
      vault.clock.now(),
    )
    await batch.load(items.filter(isTaken))
    const result = items.map((item) => (isTaken(item) ? batch.take(item) : errorOf(item)))
    const changes = [
      expectCaller(call.caller),
      { type: 'expect.party', id: merchant, version: party.version } as const,
      ...batch.changes(),
    ]
    return { changes, result } satisfies Plan<readonly TokenizedItem[]>
  })
}

function merchantOf(caller: Caller, named: MerchantId | undefined): MerchantId {
  if (caller.kind === 'platform') {
    if (named) return named
    const errors = [{ pointer: '/party', code: 'required' }]
    throw new VaultError('invalid_request', 'The platform says whose tokens these are.', { errors })
  }
  if (caller.kind !== 'party' || caller.party.kind !== 'merchant') {
    throw new VaultError('forbidden', 'Only the platform and shops bring people in.')
  }
  const own = caller.party.id as MerchantId
  if (named && named !== own) throw notFound('party')
  return own
}

export function isTaken(item: Taken | Refused): item is Taken {
  return 'values' in item
}

/** From here on the caller's own name for the person is known by its key alone: nothing keeps what may be somebody's. */
function withKeyedRef(taken: Taken, keys: TenantKeys, owner: Owner): Taken {
  const { externalRef: ref } = taken.about
  const externalRef = ref === null ? null : keyedRef(keys.ref.primary.key, owner, ref)
  return { ...taken, about: { ...taken.about, externalRef } }
}

function errorOf({ item, code, errors }: Refused): TokenizedItem {
  return { key: item.key, status: 'error', code, errors }
}

function readItems(items: readonly TokenizeItem[]): readonly (Taken | Refused)[] {
  const seen = new Set<string>()
  return items.map((item) => {
    if (seen.has(item.key))
      return { item, code: 'key_repeated', errors: [{ pointer: '/key', code: 'key_repeated' }] }
    seen.add(item.key)
    return readItem(item)
  })
}

export function readItem(item: TokenizeItem): Taken | Refused {
  const parsed = parsePerson(item.person, parseContext(item))
  if (!parsed.ok) {
    const errors = parsed.errors.map((error) => ({ ...error, pointer: `/person${error.pointer}` }))
    return { item, code: errors[0]?.code ?? 'invalid', errors }
  }
  const { externalRef = null, locale = null, jurisdiction = null } = item
  return { item, about: { externalRef, locale, jurisdiction }, values: valuesOf(parsed.person) }
}

function refuseUnlessAllGood(items: readonly (Taken | Refused)[]): void {
  const errors = items.flatMap((item, index) =>
    isTaken(item)
      ? []
      : item.errors.map((error) => ({ ...error, pointer: `/items/${index}${error.pointer}` })),
  )
  if (errors.length > 0)
    throw new VaultError('batch_failed', 'Nothing was stored: an item could not be taken.', { errors })
}

type BatchSetting = {
  vault: Vault
  keys: TenantKeys
  call: TokenizeCall
  merchant: MerchantId
  owner: Owner
  linkability: Linkability
}

/** The persons of one call, each drafted once however many items name it. */
export class Batch {
  readonly #setting: BatchSetting
  readonly #now: Instant
  readonly #known = new Map<string, Known>()
  readonly #byRef = new Map<string, PersonDraft>()
  readonly #drafts: PersonDraft[] = []

  constructor(setting: BatchSetting, now: Instant) {
    this.#setting = setting
    this.#now = now
  }

  async load(items: readonly Taken[]): Promise<void> {
    const { vault, merchant, owner, call } = this.#setting
    const { tenant } = call.caller
    const refs = new Set(items.flatMap(({ about }) => about.externalRef ?? []))
    const persons = await vault.store.findPersonsByRef(tenant, owner, [...refs])
    const ids = persons.map(({ subject }) => subject.id)
    const [tokens, grants] = await Promise.all([
      vault.store.listTokensOf(tenant, ids, merchant),
      vault.store.listStandingGrants(tenant, ids, merchant),
    ])
    const tokensOf = Map.groupBy(tokens, ({ subject }) => subject)
    const grantsOf = Map.groupBy(grants, ({ subject }) => subject)
    for (const person of persons) {
      const { id, externalRef } = person.subject
      const known = { person, tokens: tokensOf.get(id) ?? [], grants: grantsOf.get(id) ?? [] }
      if (externalRef !== null) this.#known.set(externalRef, known)
    }
  }

  take({ item, about, values }: Taken): TokenizedItem {
    const { merchant, linkability, call } = this.#setting
    const { draft, created } = this.#draftFor(about)
    const different = draft.put(values, about)
    draft.grantStanding(merchant)
    const tokens = Object.fromEntries(
      [...values.keys()].map((field) => [field, draft.tokenFor(merchant, field, linkability)]),
    )
    const status = created ? 'created' : different ? 'updated' : 'unchanged'
    const subject = call.caller.kind === 'platform' ? { subject: draft.id } : {}
    return { key: item.key, status, tokens, ...subject }
  }

  #draftFor(about: About): { draft: PersonDraft; created: boolean } {
    const earlier = about.externalRef === null ? undefined : this.#byRef.get(about.externalRef)
    if (earlier) return { draft: earlier, created: false }
    const { vault, keys, owner, call } = this.#setting
    const at = { vault, keys, tenant: call.caller.tenant, now: this.#now }
    const known = about.externalRef === null ? undefined : this.#known.get(about.externalRef)
    const draft = known ? PersonDraft.of(at, known) : PersonDraft.create(at, owner, about)
    this.#drafts.push(draft)
    if (about.externalRef !== null) this.#byRef.set(about.externalRef, draft)
    return { draft, created: !known }
  }

  changes(): Change[] {
    return this.#drafts.flatMap((draft) => [...draft.changes(), this.#eventOf(draft)])
  }

  #eventOf(draft: PersonDraft): Change {
    const { vault, call, merchant: party } = this.#setting
    const versions = draft.changedVersions
    const changed = Object.keys(versions).length > 0
    const type = draft.isNew ? 'subject.stored' : changed ? 'subject.updated' : 'tokens.issued'
    const details = { ...(changed && { versions }), ...(draft.newGrant && { grant: draft.newGrant }) }
    const counts = { tokens: draft.newTokenCount }
    return record(vault, call.caller, this.#now, { type, party, subject: draft.id, ...details, counts })
      .append
  }
}
