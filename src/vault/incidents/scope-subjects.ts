import { VaultError } from '../../core/errors.ts'
import type { IncidentId, PartyId, TenantId } from '../../core/id.ts'
import type { Instant } from '../../core/time.ts'
import type { View } from '../fields/field-type.ts'
import { FIELD_NAMES, FIELDS } from '../fields/registry.ts'
import type { FieldName } from '../fields/registry.ts'
import type { FieldViews } from '../grants/grant.ts'
import type { PlatformCaller } from '../principals/principal.ts'
import type { CopiedKey, Listed, Page, PersonFacts, ScannedEvent } from '../store.ts'
import { notFound } from '../transact.ts'
import type { Vault } from '../vault.ts'
import { copyReader } from './copied-store.ts'
import { Matcher, nextTurn, suspectedPersons } from './disclosures.ts'
import type { Disclosure } from './disclosures.ts'
import type { Incident } from './incident.ts'
import { asksTheLog, requireBounds } from './bounds.ts'

/** One person in scope: what was shown of it at most, how often, and to which parties. */
export type ScopedSubject = Omit<PersonFacts, 'person' | 'state'> & {
  erased: boolean
  events: number
  fields: FieldViews
  parties: readonly PartyId[]
  firstAt: Instant | null
  lastAt: Instant | null
}

/** By the number of its row, in whose order pages and containment go. */
export type NumberedSubject = ScopedSubject & { person: number }

export type SubjectsPage = { rows: readonly NumberedSubject[]; next: number | null }

/** A page looks at some ten thousand events and ends with a whole person; it may be short and still name the next one. */
const EVENTS_A_PAGE = 10_000
const EVENTS_A_TURN = 2_000
const KEYS_A_PAGE = 10_000

export async function listScopeSubjects(
  vault: Vault,
  caller: PlatformCaller,
  id: IncidentId,
  page: Page,
): Promise<Listed<ScopedSubject>> {
  const incident = await vault.store.findIncident(caller.tenant, id)
  if (!incident) throw notFound('incident')
  const after = page.after === undefined ? 0 : numberFrom(page.after)
  const { rows, next } = await subjectsInScope(vault, caller.tenant, incident, after, page.limit)
  return { rows, next: next === null ? null : String(next) }
}

function numberFrom(cursor: string): number {
  if (/^\d{1,15}$/.test(cursor)) return Number(cursor)
  throw new VaultError('invalid_request', 'The cursor is not one that this list gave out.')
}

/** Of a copied store those whose values open; else those of whom the log says that somebody was shown something. */
export async function subjectsInScope(
  vault: Vault,
  tenant: TenantId,
  incident: Incident,
  after: number,
  limit: number,
): Promise<SubjectsPage> {
  if (!asksTheLog(incident)) return subjectsInCopy(vault, tenant, incident, after, limit)
  requireBounds(incident)
  return subjectsInLog(vault, tenant, incident, after, limit)
}

async function subjectsInCopy(
  vault: Vault,
  tenant: TenantId,
  incident: Incident,
  after: number,
  limit: number,
): Promise<SubjectsPage> {
  const reader = await copyReader(vault, tenant, incident)
  const keys = await vault.store.listCopiedKeys(tenant, after, KEYS_A_PAGE)
  const opened = keys.filter((key) => reader.holds(key) && reader.opens(key))
  const rows = opened.slice(0, limit).map(inCopy)
  if (opened.length > limit) return { rows, next: rows.at(-1)?.person ?? null }
  return { rows, next: keys.length < KEYS_A_PAGE ? null : (keys.at(-1)?.person ?? null) }
}

function inCopy({ person, subject, state, locale, jurisdiction, canary }: CopiedKey): NumberedSubject {
  const nothingShown = { events: 0, fields: {}, parties: [], firstAt: null, lastAt: null }
  return { person, subject, erased: state === 'erased', locale, jurisdiction, canary, ...nothingShown }
}

async function subjectsInLog(
  vault: Vault,
  tenant: TenantId,
  incident: Incident,
  after: number,
  limit: number,
): Promise<SubjectsPage> {
  const matcher = new Matcher(incident, await suspectedPersons(vault, tenant, incident))
  const found: SubjectTally[] = []
  let looked = 0
  let at = { person: after, index: LAST_INDEX }
  for (;;) {
    const rows: readonly ScannedEvent[] = await vault.store.scanByPerson(tenant, at, EVENTS_A_TURN)
    for (const row of rows) {
      const person = row.person ?? 0
      const isNext = person !== at.person
      if (isNext && (found.length >= limit || looked >= EVENTS_A_PAGE)) {
        return { rows: await withFacts(vault, tenant, found), next: at.person }
      }
      at = { person, index: row.index }
      looked += 1
      const disclosure = matcher.match(row)
      if (disclosure) tallyOf(found, person).add(disclosure)
    }
    if (rows.length < EVENTS_A_TURN) return { rows: await withFacts(vault, tenant, found), next: null }
    await nextTurn()
  }
}

/** Behind every event that a log can have. */
const LAST_INDEX = 2 ** 36 - 2

function tallyOf(found: SubjectTally[], person: number): SubjectTally {
  const last = found.at(-1)
  if (last?.person === person) return last
  const fresh = new SubjectTally(person)
  found.push(fresh)
  return fresh
}

/** What was shown of one person. */
class SubjectTally {
  readonly person: number
  readonly #parties = new Set<PartyId>()
  readonly #fields: FieldViews = {}
  #events = 0
  #firstAt: Instant | null = null
  #lastAt: Instant | null = null

  constructor(person: number) {
    this.person = person
  }

  add({ at, party, fields }: Disclosure): void {
    this.#events += 1
    if (party) this.#parties.add(party)
    for (const field of FIELD_NAMES) {
      this.#fields[field] = greaterView(field, this.#fields[field], fields[field])
    }
    if (this.#firstAt === null || at < this.#firstAt) this.#firstAt = at
    if (this.#lastAt === null || at > this.#lastAt) this.#lastAt = at
  }

  with(facts: PersonFacts): NumberedSubject {
    const { person, subject, state, locale, jurisdiction, canary } = facts
    const fields = Object.fromEntries(Object.entries(this.#fields).filter(([, view]) => view !== undefined))
    const shown = { events: this.#events, fields, parties: [...this.#parties] }
    const times = { firstAt: this.#firstAt, lastAt: this.#lastAt }
    return { person, subject, erased: state === 'erased', locale, jurisdiction, canary, ...shown, ...times }
  }
}

function greaterView(field: FieldName, a: View | undefined, b: View | undefined): View {
  const order: readonly View[] = FIELDS[field].views
  const rank = (view: View | undefined) => (view === undefined ? -1 : order.indexOf(view))
  return (rank(a) >= rank(b) ? a : b) as View
}

async function withFacts(
  vault: Vault,
  tenant: TenantId,
  found: readonly SubjectTally[],
): Promise<readonly NumberedSubject[]> {
  const rows: NumberedSubject[] = []
  for (const one of found) {
    const [facts] = await vault.store.listPersonFacts(tenant, one.person, one.person)
    if (facts) rows.push(one.with(facts))
  }
  return rows
}
