import { opaqueId, timedId } from '../../core/id.ts'
import type { GrantId, MerchantId, SubjectId, TenantId, Token } from '../../core/id.ts'
import type { Instant } from '../../core/time.ts'
import type { SymmetricKey } from '../../crypto/envelope.ts'
import type { Change } from '../changes.ts'
import type { FieldValue, ParseContext } from '../fields/field-type.ts'
import type { FieldName, Person as ParsedFields } from '../fields/registry.ts'
import { standingGrant } from '../grants/defaults.ts'
import type { Grant } from '../grants/grant.ts'
import { newDataKey } from '../keys/keyring.ts'
import type { TenantKeys } from '../keys/keyring.ts'
import { expiryOf, windowOf } from '../tokens/token.ts'
import type { Linkability, TokenRecord } from '../tokens/token.ts'
import type { Vault } from '../vault.ts'
import type { Owner, Person, Subject, WrappedDataKey } from './record.ts'
import { openPerson, personKey, putField } from './values.ts'

export type About = { externalRef: string | null; locale: string | null; jurisdiction: string | null }

/** What is already there of a person and of the party's tokens and grants on it. */
export type Known = { person: Person; tokens: readonly TokenRecord[]; grants: readonly Grant[] }

export type OpenFields = ReadonlyMap<FieldName, FieldValue>

export function valuesOf(parsed: ParsedFields): OpenFields {
  return new Map(Object.entries(parsed) as [FieldName, FieldValue][])
}

/** What helps to read a person's fields: a national phone number needs a country from somewhere. */
export function parseContext(about: { locale?: string | null; jurisdiction?: string | null }): ParseContext {
  return { locale: about.locale ?? undefined, country: about.jurisdiction?.slice(0, 2) }
}

type Setting = { vault: Vault; keys: TenantKeys; tenant: TenantId; now: Instant }

/**
 * One person while a batch works on it: the same person may stand in several items, and all that they say becomes one
 * list of changes.
 */
export class PersonDraft {
  readonly #at: Setting
  readonly #before: Person | null
  readonly #key: SymmetricKey
  readonly #wrapped: WrappedDataKey | null
  readonly #values: Map<FieldName, FieldValue>
  readonly #changed = new Map<FieldName, number>()
  readonly #tokens: TokenRecord[]
  readonly #newTokens: TokenRecord[] = []
  readonly #newGrants: Grant[] = []
  readonly #grants: readonly Grant[]
  #subject: Subject
  #aboutChanged = false

  private constructor(
    at: Setting,
    subject: Subject,
    from: { known: Known | null; key: SymmetricKey; wrapped: WrappedDataKey | null },
  ) {
    this.#at = at
    this.#subject = subject
    this.#before = from.known?.person ?? null
    this.#key = from.key
    this.#wrapped = from.wrapped
    this.#values = from.known ? new Map(openPerson(from.key, at.tenant, from.known.person)) : new Map()
    this.#tokens = [...(from.known?.tokens ?? [])]
    this.#grants = from.known?.grants ?? []
  }

  static create(at: Setting, owner: Owner, about: About): PersonDraft {
    const id = timedId('sub', at.vault.random, at.now)
    const { key, wrapped } = newDataKey(at.keys, { tenant: at.tenant, subject: id }, at.vault.random)
    const times = { createdAt: at.now, updatedAt: at.now, erasedAt: null }
    const subject: Subject = { id, owner, ...about, state: 'active', version: 1, ...times }
    return new PersonDraft(at, subject, { known: null, key, wrapped })
  }

  static of(at: Setting, known: Known): PersonDraft {
    const key = personKey(at.keys, at.tenant, known.person)
    const { subject } = known.person
    return new PersonDraft(at, { ...subject, version: subject.version + 1 }, { known, key, wrapped: null })
  }

  get id(): SubjectId {
    return this.#subject.id
  }

  get isNew(): boolean {
    return this.#before === null
  }

  /** Versions of the fields that changed: what the event says. */
  get changedVersions(): Partial<Record<FieldName, number>> {
    return Object.fromEntries(this.#changed)
  }

  get newTokenCount(): number {
    return this.#newTokens.length
  }

  /** The grant that this batch gave, if it gave one. */
  get newGrant(): GrantId | undefined {
    return this.#newGrants[0]?.id
  }

  /** Takes one item's values; null takes a value away. @returns whether anything is now different. */
  put(values: ReadonlyMap<FieldName, FieldValue | null>, about: Omit<About, 'externalRef'>): boolean {
    let different = false
    for (const [field, value] of values) {
      if (JSON.stringify(this.#values.get(field) ?? null) === JSON.stringify(value)) continue
      if (value === null) this.#values.delete(field)
      else this.#values.set(field, value)
      this.#changed.set(field, this.#subject.version)
      different = true
    }
    return this.#describe(about) || different
  }

  #describe(about: Omit<About, 'externalRef'>): boolean {
    const locale = about.locale ?? this.#subject.locale
    const jurisdiction = about.jurisdiction ?? this.#subject.jurisdiction
    if (locale === this.#subject.locale && jurisdiction === this.#subject.jurisdiction) return false
    this.#subject = { ...this.#subject, locale, jurisdiction }
    this.#aboutChanged = true
    return true
  }

  /** The party's token for a field: the one of this window if it lives, else a fresh one. */
  tokenFor(party: MerchantId, field: FieldName, linkability: Linkability): Token {
    const { vault, now } = this.#at
    const token = opaqueId('tok', vault.random)
    const window = windowOf(linkability, token, now)
    const issued = this.#tokens.find((known) => known.field === field && known.window === window)
    if (issued && (issued.expiresAt === null || issued.expiresAt > now)) return issued.token
    const fresh: TokenRecord = {
      token,
      party,
      subject: this.id,
      field,
      linkability,
      window,
      issuedAt: now,
      expiresAt: expiryOf(linkability, now),
      retiredAt: null,
    }
    this.#tokens.push(fresh)
    this.#newTokens.push(fresh)
    return token
  }

  /** A shop that holds tokens of a person holds its standing permission too: masked, and the person can see and end it. */
  grantStanding(party: MerchantId): void {
    const lives = [...this.#grants, ...this.#newGrants].some(
      (grant) => grant.origin === 'tokenize' && !grant.revokedAt,
    )
    if (lives) return
    const id = timedId('grt', this.#at.vault.random, this.#at.now)
    this.#newGrants.push(standingGrant(id, this.id, party, this.#at.now))
  }

  /** All that this person's items came to, without the event. */
  changes(): Change[] {
    const { tenant, keys } = this.#at
    const at = { tenant, subject: this.id }
    const puts = [...this.#changed].map(([field, version]): Change => {
      const value = this.#values.get(field)
      if (value === undefined) return { type: 'field.remove', subject: this.id, field }
      return putField(keys, this.#key, at, { field, version, value })
    })
    const tokens = this.#newTokens.map((token): Change => ({ type: 'token.insert', token }))
    const grants = this.#newGrants.map((grant): Change => ({ type: 'grant.insert', grant }))
    return [this.#subjectChange(), ...puts, ...tokens, ...grants]
  }

  #subjectChange(): Change {
    const { id, locale, jurisdiction } = this.#subject
    if (!this.#before) {
      if (!this.#wrapped) throw new Error('a new person without a data key')
      return { type: 'subject.insert', subject: this.#subject, dataKey: this.#wrapped }
    }
    const expectedVersion = this.#before.subject.version
    if (this.#changed.size === 0 && !this.#aboutChanged)
      return { type: 'expect.subject', id, version: expectedVersion }
    return { type: 'subject.update', id, expectedVersion, locale, jurisdiction, at: this.#at.now }
  }
}
