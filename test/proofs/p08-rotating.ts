import { randomBytes } from 'node:crypto'
import { dirname, join } from 'node:path'
import { isVaultError } from '../../src/core/errors.ts'
import type { TenantId } from '../../src/core/id.ts'
import { callControl } from '../../src/runtime/node/control.ts'
import type { KeyStatus } from '../../src/runtime/node/key-service.ts'
import { listRootKeys, nextRootKeyPath } from '../../src/runtime/node/root-key-folder.ts'
import { createRootKeyFile } from '../../src/runtime/node/root-key.ts'
import { openPerson, personKey } from '../../src/vault/records/values.ts'
import type { RotationLevel } from '../../src/vault/keys/rotation.ts'
import type { Vault } from '../../src/vault/vault.ts'

/** Every level that people's data and sessions hang on. */
export const LEVELS: readonly RotationLevel[] = ['wrap', 'root', 'index', 'data', 'note', 'session']

const PAGE = 500

export function keysFolderOf(dataFolder: string): string {
  return join(dirname(dataFolder), 'keys')
}

async function argsFor(level: RotationLevel, dataFolder: string): Promise<Record<string, string>> {
  if (level !== 'root') return { level }
  const first = join(keysFolderOf(dataFolder), 'root.key')
  const path = nextRootKeyPath(first, await listRootKeys(first))
  return { level, root_key_id: await createRootKeyFile(path, (length) => randomBytes(length)) }
}

/** Asks the service for a rotation. @returns whether it was answered: not by one that was killed on the way. */
export async function rotateThere(
  dataFolder: string,
  level: RotationLevel,
  onStep: () => void = () => undefined,
): Promise<boolean> {
  try {
    await callControl(dataFolder, 'keys.rotate', await argsFor(level, dataFolder), onStep)
    return true
  } catch (error) {
    // How a dead peer looks: the socket closes before the answer, in the middle of it, or was never there.
    const dead = isVaultError(error, 'service_not_running') || isVaultError(error, 'unavailable')
    if (dead || (error instanceof Error && 'code' in error && error.code === 'ECONNRESET')) return false
    throw error
  }
}

export async function statusOf(dataFolder: string): Promise<KeyStatus> {
  return (await callControl(dataFolder, 'keys.status', {})) as KeyStatus
}

/** Levels that are not through yet; more than one root key in use counts too. */
export function unfinished({ tenants, rootKeys }: KeyStatus): readonly string[] {
  const running = tenants.flatMap(({ rotations }) =>
    rotations.flatMap(({ level, state }) => (state === 'running' ? [level] : [])),
  )
  return rootKeys.filter(({ needed }) => needed).length > 1 ? [...running, 'root'] : running
}

/** What holds of the stored keys once a rotation is through; a line for each thing that does not. */
export async function checkStored(vault: Vault, tenant: TenantId): Promise<readonly string[]> {
  const failures: string[] = []
  const keys = await vault.keyring.tenantKeys(tenant)
  for (let after: number | undefined = 0; after !== undefined;) {
    const rows = await vault.store.listDataKeys(tenant, after, PAGE)
    for (const { subject } of rows) {
      const person = await vault.store.findPerson(tenant, subject)
      try {
        if (!person) throw new Error('not there')
        const values = openPerson(personKey(keys, tenant, person), tenant, person)
        if (values.size !== person.fields.length) throw new Error('not all values open')
      } catch (error) {
        failures.push(`${subject}: ${error instanceof Error ? error.message : String(error)}`)
      }
    }
    after = rows.at(-1)?.no
  }
  return failures
}
