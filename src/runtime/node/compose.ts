import { isVaultError } from '../../core/errors.ts'
import { parseTenantId } from '../../core/id.ts'
import type { TenantId } from '../../core/id.ts'
import type { Secret } from '../../core/secret.ts'
import { newCredential } from '../../crypto/credential.ts'
import { localKek } from '../../crypto/kek.ts'
import { Keyring } from '../../vault/keys/keyring.ts'
import { createTenant, setQuotaPerDay } from '../../vault/principals/service.ts'
import { InFlight } from '../../vault/requests/idempotency.ts'
import type { VaultStore } from '../../vault/store.ts'
import type { Vault } from '../../vault/vault.ts'
import { createClock } from './clock.ts'
import type { Config } from './config.ts'
import { log } from './log.ts'
import { readPassphrase } from './passphrase.ts'
import { random } from './random.ts'
import { createRootKeyFile, loadRootKey } from './root-key.ts'
import { useSodium } from './sodium.ts'
import { openSqliteStore } from './sqlite.ts'

/** The tenant that an empty store starts with. */
const FIRST_TENANT = parseTenantId('default') as TenantId

export type Opened = {
  vault: Vault
  /** Set when this start made the first tenant with a credential of its own: the only time that it can be shown. */
  firstCredential: Secret<string> | undefined
  close(): Promise<void>
}

/** Store, keys and clock of one data folder, put together; an empty one is made ready. */
export async function openVault(config: Config): Promise<Opened> {
  await useSodium()
  const opened = await openSqliteStore(config.dataFolder, { onFatal: stopAtOnce })
  try {
    const tenants = await opened.store.listTenants()
    const vault = await assemble(
      config,
      opened.store,
      tenants.map(({ id }) => id),
    )
    const firstCredential = tenants.length === 0 ? await makeFirstTenant(config, vault) : undefined
    return { vault, firstCredential, close: opened.close }
  } catch (error) {
    await opened.close()
    throw error
  }
}

/** After a failed fsync nobody knows what is on disk: the only safe step is to stop and start from what is there. */
function stopAtOnce(error: unknown): never {
  log({
    level: 'error',
    event: 'storage_failed',
    message: error instanceof Error ? error.message : String(error),
  })
  process.exit(1)
}

async function assemble(config: Config, store: VaultStore, tenants: readonly TenantId[]): Promise<Vault> {
  const expected = await rootKeyIdOf(store, tenants)
  if (tenants.length === 0 && config.environment === 'development') await ensureRootKey(config.rootKeyFile)
  const passphrase =
    config.passphraseFile === undefined ? undefined : await readPassphrase(config.passphraseFile)
  const rootKey = await loadRootKey(config.rootKeyFile, {
    environment: config.environment,
    ...(passphrase && { passphrase }),
    ...(expected !== undefined && { expectedKeyId: expected }),
  })
  const heads = await Promise.all(tenants.map((tenant) => store.logHead(tenant)))
  const clock = createClock(Math.max(0, ...heads.map(({ lastAt }) => lastAt ?? 0)))
  const keyring = new Keyring({ store, kek: localKek(rootKey), clock })
  return { store, keyring, clock, random, inFlight: new InFlight(), publicUrl: config.publicUrl ?? '', logName: config.logName }
}

async function rootKeyIdOf(store: VaultStore, tenants: readonly TenantId[]): Promise<string | undefined> {
  const [first] = tenants
  return first && (await store.listTenantKeys(first))[0]?.rootKeyId
}

async function ensureRootKey(path: string): Promise<void> {
  try {
    await createRootKeyFile(path, random)
  } catch (error) {
    // The key that is there is used: several data folders may share it.
    if (!isVaultError(error, 'state_conflict')) throw error
  }
}

async function makeFirstTenant(config: Config, vault: Vault): Promise<Secret<string> | undefined> {
  if (config.bootstrapKey) {
    await createTenant(vault, FIRST_TENANT, config.bootstrapKey)
    return undefined
  }
  return addTenant(vault, FIRST_TENANT)
}

/** @returns the tenant's first platform credential. @throws VaultError `conflict` if the name is taken. */
export async function addTenant(vault: Vault, tenant: TenantId): Promise<Secret<string>> {
  const credential = newCredential(tenant, vault.random)
  await createTenant(vault, tenant, credential)
  return credential
}

/** @param perDay reveals a day for each party; undefined for the default that follows its parcels. */
export async function setDailyQuota(
  vault: Vault,
  tenant: TenantId,
  perDay: number | undefined,
): Promise<void> {
  await setQuotaPerDay(vault, tenant, perDay)
}
