import { VaultError } from '../../core/errors.ts'
import type { FieldError } from '../../core/errors.ts'
import type { CredentialId, DeviceId, OperatorId, PartyId, SubjectId, TenantId } from '../../core/id.ts'
import type { VaultStore } from '../store.ts'
import { isMoment } from './clocks/facts.ts'
import type { Incident, KnownKey, Suspects } from './incident.ts'

/** A caller's own name for an operator or a device; without a party, that name wherever anybody uses it. */
export type SuspectName = { party?: PartyId; id: string }

export type NamedSuspects = {
  credentials?: readonly CredentialId[]
  parties?: readonly PartyId[]
  operators?: readonly SuspectName[]
  devices?: readonly SuspectName[]
  subjects?: readonly SubjectId[]
  keys?: readonly KnownKey[]
}

const MANY_PARTIES = 1_000

/**
 * Suspects as the log knows them.
 * @throws VaultError `invalid_request` with a pointer to each that the tenant does not have: a slip of the pen must not look
 *   like a leak that touched nobody.
 */
export async function findSuspects(
  store: VaultStore,
  tenant: TenantId,
  named: NamedSuspects,
): Promise<Suspects> {
  const errors: FieldError[] = []
  const unknown = (pointer: string) => errors.push({ pointer: `/suspects/${pointer}`, code: 'unknown' })
  const { credentials = [], parties = [], subjects = [], keys = [] } = named
  for (const [i, id] of credentials.entries()) {
    if (!(await store.findCredential(tenant, id))) unknown(`credentials/${i}`)
  }
  for (const [i, id] of parties.entries()) if (!(await store.findParty(tenant, id))) unknown(`parties/${i}`)
  for (const [i, id] of subjects.entries())
    if (!(await store.findPerson(tenant, id))) unknown(`subjects/${i}`)
  const versions = await store.listTenantKeys(tenant)
  for (const [i, key] of keys.entries()) {
    const known = versions.some(({ kind, version }) => key.kind === kind && key.version === version)
    if (key.kind !== 'root' && !known) unknown(`key_versions/${i}`)
  }
  const names = new Names(store, tenant)
  const operators = await names.idsOf('operator', named.operators ?? [], (i) => unknown(`operators/${i}`))
  const devices = await names.idsOf('device', named.devices ?? [], (i) => unknown(`devices/${i}`))
  if (errors.length > 0) throw new VaultError('invalid_request', 'Some suspects are not known.', { errors })
  return {
    credentials: [...new Set(credentials)],
    parties: [...new Set(parties)],
    subjects: [...new Set(subjects)],
    operators,
    devices,
    keys,
  }
}

type IdOf = { operator: OperatorId; device: DeviceId }

/** Finds the vault's ids for callers' names, of which two parties may have the same. */
class Names {
  readonly #store: VaultStore
  readonly #tenant: TenantId
  #all: readonly PartyId[] | undefined

  constructor(store: VaultStore, tenant: TenantId) {
    this.#store = store
    this.#tenant = tenant
  }

  async idsOf<K extends keyof IdOf>(
    kind: K,
    names: readonly SuspectName[],
    unknown: (index: number) => void,
  ): Promise<readonly IdOf[K][]> {
    const found = new Set<IdOf[K]>()
    for (const [i, { party, id }] of names.entries()) {
      const before = found.size
      let any = false
      for (const owner of party ? [party] : await this.#parties()) {
        const [ref] = await this.#store.findRefs(this.#tenant, owner, kind, [id])
        if (ref === undefined) continue
        any = true
        found.add(ref as IdOf[K])
      }
      if (!any && found.size === before) unknown(i)
    }
    return [...found]
  }

  async #parties(): Promise<readonly PartyId[]> {
    if (this.#all) return this.#all
    const all: PartyId[] = []
    for (let after: string | null | undefined; after !== null;) {
      const page = { limit: MANY_PARTIES, ...(after && { after }) }
      const { rows, next } = await this.#store.listParties(this.#tenant, {}, page)
      all.push(...rows.map(({ id }) => id))
      after = next
    }
    this.#all = all
    return all
  }
}

/** Windows the wrong way, and being aware of what has not happened yet. */
export function refuseSenselessTimes(
  { awareAt, occurredFrom, occurredTo }: Pick<Incident, 'awareAt' | 'occurredFrom' | 'occurredTo'>,
  now: number,
): void {
  const errors: FieldError[] = []
  const named = Object.entries({ aware_at: awareAt, occurred_from: occurredFrom, occurred_to: occurredTo })
  for (const [name, at] of named) {
    if (!isMoment(at ?? undefined)) errors.push({ pointer: `/${name}`, code: 'incident_instant_invalid' })
  }
  if (awareAt > now) errors.push({ pointer: '/aware_at', code: 'in_the_future' })
  if (occurredFrom !== null && occurredFrom > awareAt) {
    errors.push({ pointer: '/aware_at', code: 'before_it_occurred' })
  }
  if (occurredFrom !== null && occurredTo !== null && occurredTo < occurredFrom) {
    errors.push({ pointer: '/occurred_to', code: 'too_early' })
  }
  if (errors.length > 0) throw new VaultError('invalid_request', 'These times cannot be.', { errors })
}
