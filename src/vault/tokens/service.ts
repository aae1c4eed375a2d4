import { secret } from '../../core/secret.ts'
import type { Secret } from '../../core/secret.ts'
import type { SubjectId, Token } from '../../core/id.ts'
import { expectCaller, record } from '../audit/record.ts'
import { noteTouches, unnamedBy } from '../canaries/note-touches.ts'
import type { Change, Expectation } from '../changes.ts'
import type { FieldValue } from '../fields/field-type.ts'
import { FIELDS, showField } from '../fields/registry.ts'
import type { FieldName } from '../fields/registry.ts'
import type { FieldViews } from '../grants/grant.ts'
import type { TenantKeys } from '../keys/keyring.ts'
import type { SuspectId } from '../incidents/incident.ts'
import type { PartyCaller } from '../principals/principal.ts'
import { indexTerm, openPerson, personKey } from '../records/values.ts'
import type { TokenWithPerson } from '../store.ts'
import { transactAnew } from '../transact.ts'
import type { Call } from '../transact.ts'
import type { Vault } from '../vault.ts'
import { stopOf } from '../watch/hold.ts'
import type { Held, Stop } from '../watch/hold.ts'
import { slowDown } from '../watch/slow.ts'
import { tokenStatus } from './token.ts'
import type { TokenStatus } from './token.ts'

/** What a shop does with its tokens without seeing plaintext: the easy path, and free of quota. */

export type TokenItem = { key: string; token: Token }

export type MaskedItem =
  | { key: string; status: 'ok'; field: FieldName; masked: Secret<FieldValue> }
  | { key: string; status: 'denied'; code: MaskDenial }
  | { key: string; status: 'error'; code: 'key_repeated' }

export type MaskDenial =
  | 'token_unknown'
  | 'token_expired'
  | 'token_retired'
  | 'token_stale'
  | 'subject_restricted'
  | 'subject_erased'
  | 'contained'
  | 'risk_denied'

/** One row for each item, in order; a key that stands twice is answered once. */
async function eachItem<Answer>(
  items: readonly TokenItem[],
  answer: (item: TokenItem) => Answer,
): Promise<readonly (Answer | { key: string; status: 'error'; code: 'key_repeated' })[]> {
  const seen = new Set<string>()
  return items.map((item) => {
    if (seen.has(item.key)) return { key: item.key, status: 'error', code: 'key_repeated' } as const
    seen.add(item.key)
    return answer(item)
  })
}

async function findOwn(
  vault: Vault,
  caller: PartyCaller,
  items: readonly TokenItem[],
): Promise<ReadonlyMap<Token, TokenWithPerson>> {
  const tokens = [...new Set(items.map(({ token }) => token))]
  const rows = await vault.store.findTokensWithPersons(caller.tenant, tokens)
  return new Map(
    rows.filter((row) => row.token.party === caller.party.id).map((row) => [row.token.token, row]),
  )
}

function statusOf(vault: Vault, row: TokenWithPerson | undefined): TokenStatus {
  if (!row) return 'unknown'
  const hasValue = row.person.fields.some(({ field }) => field === row.token.field)
  return tokenStatus(row.token, hasValue, vault.clock.now())
}

export type ValidatedItem =
  { key: string; status: TokenStatus } | { key: string; status: 'error'; code: 'key_repeated' }

export async function validate(
  vault: Vault,
  call: Call<PartyCaller>,
  items: readonly TokenItem[],
): Promise<readonly ValidatedItem[]> {
  return transactAnew<readonly ValidatedItem[], null>(vault, call, async () => {
    const rows = await findOwn(vault, call.caller, items)
    const result = await eachItem(items, ({ key, token }) => ({
      key,
      status: statusOf(vault, rows.get(token)),
    }))
    const counts = countsOf(result.map(({ status }) => status))
    const { event, append } = record(vault, call.caller, vault.clock.now(), {
      type: 'tokens.validated',
      counts,
    })
    const touches = await noteTouches(
      vault,
      call.caller.tenant,
      'validate',
      unnamedBy(event.id, rows.values()),
    )
    return { changes: [expectCaller(call.caller), append, ...touches], result, memo: null }
  })
}

/** How often each word stands in a list: what an event says of many items. */
function countsOf(words: readonly string[]): Record<string, number> {
  const groups = Map.groupBy(words, (word) => word)
  return Object.fromEntries([...groups].map(([word, all]) => [word, all.length]))
}

/** What stops the caller itself, which then is stopped for everybody, or some of the persons. */
type Stopped = { caller: Stop | undefined; held: readonly Held[] }

async function findHeld(
  vault: Vault,
  { tenant, credential, party }: PartyCaller,
  rows: Iterable<TokenWithPerson>,
): Promise<Stopped> {
  const subjects = [...new Set([...rows].map(({ person }) => person.subject.id))]
  const now = vault.clock.now()
  const held = await vault.store.findHolds(tenant, [credential, party.id, ...subjects], now)
  slowDown(vault, held, [credential, party.id], now)
  return {
    caller: stopOf(held.filter(({ suspect }) => suspect === credential || suspect === party.id)),
    held,
  }
}

function stopFor({ caller, held }: Stopped, { person }: TokenWithPerson): Stop | undefined {
  return caller ?? stopOf(held.filter(({ suspect }) => suspect === person.subject.id))
}

function maskDenial(
  vault: Vault,
  row: TokenWithPerson | undefined,
  stopped: Stopped,
): MaskDenial | undefined {
  const status = statusOf(vault, row)
  if (row?.person.subject.state === 'erased') return 'subject_erased'
  const stop = row && stopFor(stopped, row)
  if (stop) return stop.code
  if (status !== 'live') return `token_${status}`
  return row?.person.subject.state === 'restricted' ? 'subject_restricted' : undefined
}

function valueOf(keys: TenantKeys, caller: PartyCaller, { token, person }: TokenWithPerson): FieldValue {
  const key = personKey(keys, caller.tenant, person)
  const value = openPerson(key, caller.tenant, person, [token.field]).get(token.field)
  if (value === undefined) throw new Error('a live token without a value')
  return value
}

/** Masked values, for screens and lists. Also an access: each person concerned sees one event for the call. */
export async function mask(
  vault: Vault,
  call: Call<PartyCaller>,
  items: readonly TokenItem[],
): Promise<readonly MaskedItem[]> {
  const { caller } = call
  const keys = await vault.keyring.tenantKeys(caller.tenant)
  return transactAnew<readonly MaskedItem[], null>(vault, call, async () => {
    const rows = await findOwn(vault, caller, items)
    const held = await findHeld(vault, caller, rows.values())
    const shown = new Shown()
    const result = await eachItem(items, ({ key, token }): MaskedItem => {
      const row = rows.get(token)
      const code = maskDenial(vault, row, held)
      if (code || !row) return { key, status: 'denied', code: code ?? 'token_unknown' }
      const { field } = row.token
      shown.add(row)
      const locale = row.person.subject.locale ?? undefined
      const masked = showField(field, valueOf(keys, caller, row) as never, FIELDS[field].maskedView, {
        locale,
      })
      return { key, status: 'ok', field, masked: secret(masked ?? '') }
    })
    const refused = result.flatMap((item) => (item.status === 'denied' ? item.code : []))
    const hidden = [...rows.values()].filter((row) => !shown.has(row))
    const changes = [
      expectCaller(caller),
      ...shown.changes(vault, caller),
      ...(await refusals(vault, caller, refused, hidden)),
    ]
    return { changes, result, memo: null }
  })
}

/** One event for all that a call was refused: tokens tried in bulk must show. */
async function refusals(
  vault: Vault,
  caller: PartyCaller,
  codes: readonly MaskDenial[],
  hidden: readonly TokenWithPerson[],
): Promise<readonly Change[]> {
  if (codes.length === 0) return []
  const details = { type: 'mask.denied', decision: 'denied', counts: countsOf(codes) } as const
  const { event, append } = record(vault, caller, vault.clock.now(), details)
  return [append, ...(await noteTouches(vault, caller.tenant, 'mask', unnamedBy(event.id, hidden)))]
}

/** Who was shown in masked form by one call: an event a person, and what it rested on. */
class Shown {
  readonly #views = new Map<SubjectId, FieldViews>()
  readonly #tokens = new Set<Token>()
  readonly #subjects = new Map<SubjectId, number>()

  add({ token, person }: TokenWithPerson): void {
    const { id, version } = person.subject
    this.#views.set(id, { ...this.#views.get(id), [token.field]: FIELDS[token.field].maskedView })
    this.#tokens.add(token.token)
    this.#subjects.set(id, version)
  }

  has({ token }: TokenWithPerson): boolean {
    return this.#tokens.has(token.token)
  }

  changes(vault: Vault, caller: PartyCaller): Change[] {
    const now = vault.clock.now()
    const subjects = [...this.#subjects].map(([id, version]): Expectation => ({
      type: 'expect.subject',
      id,
      version,
    }))
    const tokens: Expectation[] =
      this.#tokens.size > 0 ? [{ type: 'expect.tokens_live', tokens: [...this.#tokens] }] : []
    const concerned: readonly SuspectId[] = [caller.credential, caller.party.id, ...this.#subjects.keys()]
    const unheld: Expectation[] =
      this.#tokens.size > 0 ? [{ type: 'expect.unheld', suspects: concerned, at: now }] : []
    const events = [...this.#views].map(
      ([subject, fields]) =>
        record(vault, caller, now, { type: 'mask.shown', decision: 'allowed', subject, fields }).append,
    )
    return [...subjects, ...tokens, ...unheld, ...events]
  }
}

/** Which of the shop's own tokens hold the same value, for merging parcels: groups of keys, single ones too. */
export async function group(
  vault: Vault,
  call: Call<PartyCaller>,
  items: readonly TokenItem[],
): Promise<readonly (readonly string[])[]> {
  const { caller } = call
  const keys = await vault.keyring.tenantKeys(caller.tenant)
  return transactAnew<readonly (readonly string[])[], null>(vault, call, async () => {
    const rows = await findOwn(vault, caller, items)
    const held = await findHeld(vault, caller, rows.values())
    const unique = items.filter(({ key }, i) => items.findIndex((item) => item.key === key) === i)
    const live = unique.flatMap(({ key, token }) => {
      const row = rows.get(token)
      return row && maskDenial(vault, row, held) === undefined ? [{ key, row }] : []
    })
    const sameValue = Map.groupBy(live, ({ row }) => {
      const { field } = row.token
      return `${field} ${indexTerm(field, valueOf(keys, caller, row))}`
    })
    const result = [...sameValue.values()].map((members) => members.map(({ key }) => key))
    const counts = { tokens: live.length, groups: result.length, refused: items.length - live.length }
    const { event, append } = record(vault, caller, vault.clock.now(), { type: 'tokens.compared', counts })
    const touches = await noteTouches(vault, caller.tenant, 'compare', unnamedBy(event.id, rows.values()))
    return { changes: [expectCaller(caller), append, ...touches], result, memo: null }
  })
}
