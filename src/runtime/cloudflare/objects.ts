import { VaultError } from '../../core/errors.ts'
import type { TenantId } from '../../core/id.ts'
import { invalid } from '../settings.ts'
import type { Settings } from './bindings.ts'
import type { TenantDirectory } from './tenant-directory.ts'
import type { VaultObject } from './vault-object.ts'

/** What the Worker of the objects is bound to; docs/edge.md lists it. */
export type Bindings = Settings & {
  VAULT: DurableObjectNamespace<VaultObject>
  TENANTS: DurableObjectNamespace<TenantDirectory>
  /** Where objects are kept and run, and nowhere else. Fixed with the first tenant. */
  CLOAKROOM_JURISDICTION?: string
  /** Where an object had better be made that is not there yet. */
  CLOAKROOM_LOCATION_HINT?: string
}

// https://developers.cloudflare.com/durable-objects/reference/data-location

const JURISDICTIONS: readonly DurableObjectJurisdiction[] = ['eu', 'us', 'fedramp', 'fedramp-high']

const LOCATION_HINTS: readonly DurableObjectLocationHint[] = [
  'wnam',
  'enam',
  'sam',
  'weur',
  'eeur',
  'apac',
  'oc',
  'afr',
  'me',
]

function oneOf<T extends string>(name: string, text: string | undefined, known: readonly T[]): T | undefined {
  if (text === undefined || text === '') return undefined
  const found = known.find((one) => one === text)
  if (!found) throw invalid(name, `one of ${known.join(', ')}`)
  return found
}

type Objects = Pick<Bindings, 'CLOAKROOM_JURISDICTION' | 'CLOAKROOM_LOCATION_HINT'> &
  Partial<Pick<Bindings, 'VAULT' | 'TENANTS'>>

/** An object of a jurisdiction is another one than that of the same name without. */
function within<T extends Rpc.DurableObjectBranded>(
  objects: DurableObjectNamespace<T>,
  { CLOAKROOM_JURISDICTION }: Objects,
): DurableObjectNamespace<T> {
  const jurisdiction = oneOf('CLOAKROOM_JURISDICTION', CLOAKROOM_JURISDICTION, JURISDICTIONS)
  return jurisdiction ? objects.jurisdiction(jurisdiction) : objects
}

function near({ CLOAKROOM_LOCATION_HINT }: Objects): DurableObjectNamespaceGetDurableObjectOptions {
  const locationHint = oneOf('CLOAKROOM_LOCATION_HINT', CLOAKROOM_LOCATION_HINT, LOCATION_HINTS)
  return locationHint ? { locationHint } : {}
}

/** @throws VaultError `config_invalid` if the Worker was deployed without its objects, or with a place that is none. */
export function requireObjects(bindings: Objects): DurableObjectNamespace<VaultObject> {
  near(bindings)
  if (bindings.VAULT) return within(bindings.VAULT, bindings)
  throw new VaultError('config_invalid', 'The binding VAULT of the Durable Objects is missing.')
}

/** @throws VaultError as `requireObjects`. */
export function objectOf(bindings: Objects, tenant: TenantId): DurableObjectStub<VaultObject> {
  return requireObjects(bindings).getByName(tenant, near(bindings))
}

/** The directory is one object, of this name. */
const DIRECTORY = 'directory'

/** @throws VaultError as `requireObjects`. */
export function directoryOf(bindings: Objects): DurableObjectStub<TenantDirectory> {
  if (bindings.TENANTS) return within(bindings.TENANTS, bindings).getByName(DIRECTORY, near(bindings))
  throw new VaultError('config_invalid', 'The binding TENANTS of the Durable Object is missing.')
}
