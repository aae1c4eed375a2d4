import { isVaultError } from '../../../core/errors.ts'
import type { TenantId } from '../../../core/id.ts'
import type { Kek } from '../../../crypto/kek.ts'
import { tenantKeyPlace } from '../../../crypto/place.ts'
import { ed25519Signer } from '../../../tlog/note.ts'
import type { Verifier } from '../../../tlog/note.ts'
import { KEY_KINDS } from '../../keys/tenant-key.ts'
import type { TenantKeyRecord } from '../../keys/tenant-key.ts'
import type { Fault } from './finding.ts'

/** Each kind of key has one version that is used for new things. */
export function keySetFaults(records: readonly TenantKeyRecord[]): Fault[] {
  return KEY_KINDS.flatMap((kind) => {
    const primaries = records.filter((record) => record.kind === kind && record.state === 'primary').length
    const seen = `${primaries} primary versions`
    return primaries === 1 ? [] : [{ code: 'key_set', id: kind, seen } as const]
  })
}

/** Of a version that is retired or destroyed there is an event; of others there is none. */
export function keyStateFaults({ state, kind, version }: TenantKeyRecord, said: string | null): Fault[] {
  const held = state === 'retired' || state === 'destroyed' ? state : null
  if (held === said) return []
  const seen = `the store says ${state}, the log says ${said ?? 'neither retired nor destroyed'}`
  return [{ code: 'key_state', id: `${kind} ${version}`, seen }]
}

/** The public halves of all versions of the tenant's log key that are still there: an older one may have signed. */
export async function logVerifiers(
  kek: Kek,
  tenant: TenantId,
  origin: string,
  records: readonly TenantKeyRecord[],
): Promise<{ keys: readonly Verifier[]; faults: readonly Fault[] }> {
  const keys: Verifier[] = []
  const faults: Fault[] = []
  for (const record of records.filter(({ kind, state }) => kind === 'log' && state !== 'destroyed')) {
    const { version, keyId, wrapped } = record
    try {
      const key = await kek.unwrap(wrapped, keyId, tenantKeyPlace({ tenant, kind: 'log', version }))
      keys.push(ed25519Signer(origin, 1, key.material.exposeSecret()).verifier)
    } catch (error) {
      if (!isVaultError(error, 'envelope_invalid') && !isVaultError(error, 'key_unknown')) throw error
      faults.push({ code: 'key_unreadable', id: `log ${version}`, seen: error.message })
    }
  }
  return { keys, faults }
}
