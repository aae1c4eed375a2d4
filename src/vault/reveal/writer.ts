import type { EventId, SubjectId } from '../../core/id.ts'
import { secret } from '../../core/secret.ts'
import type { Secret } from '../../core/secret.ts'
import { record } from '../audit/record.ts'
import type { Unnamed } from '../canaries/note-touches.ts'
import type { Change, Expectation } from '../changes.ts'
import type { FieldValue, View } from '../fields/field-type.ts'
import { showField } from '../fields/registry.ts'
import type { FieldName } from '../fields/registry.ts'
import type { FieldViews } from '../grants/grant.ts'
import type { TenantKeys } from '../keys/keyring.ts'
import { openPerson, personKey } from '../records/values.ts'
import type { DenialCode, FieldVerdict, HeldBack } from './judge.ts'
import type { Stop } from '../watch/hold.ts'
import type { Prepared, RevealRefs, RevealSetting } from './prepare.ts'

export type RevealedField = { view: View; value: Secret<FieldValue> } | { view: 'none'; reason: HeldBack }

/** The hold that denied an item: its caller is told how it ends. */
export type RiskStop = Extract<Stop, { code: 'risk_denied' }>

export type RevealedItem =
  | { key: string; status: 'ok'; event: EventId; fields: Partial<Record<FieldName, RevealedField>> }
  | { key: string; status: 'denied'; code: DenialCode; event: EventId; hold?: RiskStop }
  | { key: string; status: 'error'; code: 'key_repeated' }

/** What an item was answered under an Idempotency-Key: the event that recorded it, and why if it was denied. */
export type FirstAnswer = { event: EventId; code?: DenialCode }

/** By item key: all that is kept for a repetition. Pairs, for `constructor` is a key that a caller may choose. */
export type Noted = readonly (readonly [key: string, first: FirstAnswer])[]

/** Turns settled items into events, expectations and answers. */
export class Writer {
  readonly changes: Change[] = []
  /** Whom events were about that do not name them. */
  readonly unnamed: Unnamed[] = []
  readonly #setting: RevealSetting
  readonly #keys: TenantKeys
  readonly #refs: RevealRefs
  readonly #first: ReadonlyMap<string, FirstAnswer>
  readonly #expected = new Set<string>()
  readonly #shown = new Set<SubjectId>()
  readonly #memo: [key: string, first: FirstAnswer][] = []

  constructor(
    setting: RevealSetting,
    keys: TenantKeys,
    refs: RevealRefs,
    first: ReadonlyMap<string, FirstAnswer>,
  ) {
    this.#setting = setting
    this.#keys = keys
    this.#refs = refs
    this.#first = first
  }

  /** That nobody whom an incident may hold meanwhile was shown, or was who looked. */
  get unheld(): readonly Expectation[] {
    if (this.#shown.size === 0) return []
    return [
      { type: 'expect.unheld', suspects: [...this.#setting.looking, ...this.#shown], at: this.#setting.now },
    ]
  }

  get memo(): Noted {
    return this.#memo
  }

  write(one: Prepared): RevealedItem {
    const { decision, item } = one
    if (!decision.allowed) return this.#deny(one, decision.code)
    const views = shownViews(decision.fields)
    const fields = this.#open(one, decision.fields, views)
    this.#expect(one)
    const first = this.#first.get(item.key)?.event
    const logged = first
      ? this.#log('reveal.replayed', one, { decision: 'allowed', fields: views, replays: first })
      : this.#log('reveal.allowed', one, { decision: 'allowed', fields: views })
    const event = first ?? logged
    this.#memo.push([item.key, { event }])
    return { key: item.key, status: 'ok', event, fields }
  }

  #deny(one: Prepared, code: DenialCode): RevealedItem {
    const { key } = one.item
    const first = this.#first.get(key)
    const replays = first?.code === undefined ? undefined : first.event
    const logged = this.#log('reveal.denied', one, { decision: 'denied', code, ...(replays && { replays }) })
    const event = replays ?? logged
    this.#memo.push([key, { event, code }])
    const stop = one.decision.allowed ? undefined : one.decision.stop
    return { key, status: 'denied', code, event, ...(stop?.code === 'risk_denied' && { hold: stop }) }
  }

  #log(
    type: 'reveal.allowed' | 'reveal.denied' | 'reveal.replayed',
    { decision, found, stranger }: Prepared,
    details: { decision: 'allowed' | 'denied'; code?: DenialCode; fields?: FieldViews; replays?: EventId },
  ): EventId {
    const { vault, caller, purpose, now } = this.#setting
    const { event, append } = record(vault, caller, now, {
      type,
      purpose,
      operator: this.#refs.operator,
      ...details,
      ...(this.#refs.device && { device: this.#refs.device }),
      ...(found && { subject: found.person.subject.id }),
      ...(found?.shipment && { shipment: found.shipment }),
      ...(found?.order && { order: found.order }),
      ...(decision.grant && { grant: decision.grant.id }),
    })
    this.changes.push(append)
    if (stranger) this.unnamed.push({ event: event.id, subject: stranger })
    return event.id
  }

  /** Each thing that the call's answers rest on, once. */
  #expect({ found }: Prepared): void {
    if (found) this.#shown.add(found.person.subject.id)
    for (const expectation of found?.expectations ?? []) {
      const name = nameOf(expectation)
      if (this.#expected.has(name)) continue
      this.#expected.add(name)
      this.changes.push(expectation)
    }
  }

  #open(
    { found }: Prepared,
    verdicts: ReadonlyMap<FieldName, FieldVerdict>,
    views: FieldViews,
  ): Partial<Record<FieldName, RevealedField>> {
    if (!found) throw new Error('an allowed item of nobody')
    const { tenant } = this.#setting.caller
    const { person } = found
    const shown = [...verdicts.keys()].filter((field) => views[field] !== undefined)
    const values = openPerson(personKey(this.#keys, tenant, person), tenant, person, shown)
    const context = { locale: person.subject.locale ?? undefined }
    const fields: Partial<Record<FieldName, RevealedField>> = {}
    for (const [field, { view, reason }] of verdicts) {
      const value = values.get(field)
      const part = value === undefined ? undefined : showField(field, value as never, view, context)
      fields[field] =
        part === undefined ? { view: 'none', reason: reason ?? 'absent' } : { view, value: secret(part) }
    }
    return fields
  }
}

/** What is shown at all, and how much of it. */
function shownViews(verdicts: ReadonlyMap<FieldName, FieldVerdict>): FieldViews {
  const views: FieldViews = {}
  for (const [field, { view }] of verdicts) if (view !== 'none') views[field] = view
  return views
}

/** What an expectation is about: enough to tell whether the call rests on it already. */
function nameOf(expectation: Expectation): string {
  if ('id' in expectation) return expectation.id
  return 'tokens' in expectation ? expectation.tokens.join() : expectation.type
}
