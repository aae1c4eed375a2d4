import { isVaultError } from '../../core/errors.ts'
import { parseTenantId } from '../../core/id.ts'
import type { TenantId } from '../../core/id.ts'
import type { Secret } from '../../core/secret.ts'
import type { Clock } from '../../core/time.ts'
import { newCredential } from '../../crypto/credential.ts'
import { Keyring } from '../../vault/keys/keyring.ts'
import { createTenant, setQuotaPerDay } from '../../vault/principals/tenants.ts'
import type { Channels } from '../../vault/incidents/notices/channel.ts'
import type { PrintPdf } from '../../vault/incidents/report/print.ts'
import { InFlight } from '../../vault/requests/idempotency.ts'
import { WatchMemory } from '../../vault/watch/memory.ts'
import type { VaultStore } from '../../vault/store.ts'
import type { Vault } from '../../vault/vault.ts'
import type { CopyDatabase } from './backup/copy.ts'
import { openChannels } from './channels/open-channels.ts'
import { createClock } from '../clock.ts'
import type { Config } from './config.ts'
import { KeyHolder } from '../key-holder.ts'
import { KeyService } from './key-service.ts'
import { log } from './log.ts'
import { openStore } from './open-store.ts'
import type { OpenedStore } from './open-store.ts'
import { readPassphrase } from './passphrase.ts'
import { random } from './random.ts'
import { createRootKeyFile } from './root-key.ts'
import { useFastPrimitives } from './primitives.ts'

/** The tenant that an empty store starts with. */
const FIRST_TENANT = parseTenantId('default') as TenantId

export type Opened = {
  vault: Vault
  keys: KeyService
  /** Set when this start made the first tenant with a credential of its own: the only time that it can be shown. */
  firstCredential: Secret<string> | undefined
  copyTo: CopyDatabase
  seekLead: OpenedStore['seekLead']
  versions: OpenedStore['versions']
  close: () => Promise<void>
}

export type OpenOptions = {
  /** Goes on without the root key where the configuration does not open it: the vault is then sealed. */
  maySeal?: boolean
  /** In the place of the system's time, which the log may then not be ahead of. */
  clock?: Clock
  /** In the place of those that the configuration sets up. */
  channels?: Channels
}

/**
 * Store, keys and clock of one data folder or database, put together; an empty one is made ready.
 * @throws VaultError what stands in the way, among it `passphrase_required` and `shares_missing` unless it may be sealed.
 */
export async function openVault(config: Config, options: OpenOptions = {}): Promise<Opened> {
  await useFastPrimitives()
  const opened = await openStore(config, stopAtOnce)
  try {
    const holder = new KeyHolder()
    const vault = await assemble(config, opened.store, holder, options)
    const makeReady = () => makeFirstTenant(config, vault)
    const { rootKeyFile, environment } = config
    const keys = new KeyService({ vault, holder, rootKeyFile, environment, makeReady })
    const passphrase =
      config.passphraseFile === undefined ? undefined : await readPassphrase(config.passphraseFile)
    const waiting = await keys.open(passphrase)
    if (waiting && options.maySeal !== true) throw waiting
    const firstCredential = waiting ? undefined : await makeReady()
    const { copyTo, seekLead, versions, close } = opened
    return { vault, keys, firstCredential, copyTo, seekLead, versions, close }
  } catch (error) {
    await opened.close()
    throw error
  }
}

/** After a failed fsync nobody knows what is on disk: the only safe step is to stop and start from what is there. */
export function stopAtOnce(error: unknown): never {
  log({
    level: 'error',
    event: 'storage_failed',
    message: error instanceof Error ? error.message : String(error),
  })
  process.exit(1)
}

/** Fonts and layout are read when the first report is printed: a start does not wait for them. */
const printPdf: PrintPdf = async (document) => (await import('./pdf/print.ts')).printPdf(document)

async function assemble(
  config: Config,
  store: VaultStore,
  kek: KeyHolder,
  options: OpenOptions,
): Promise<Vault> {
  const tenants = await store.listTenants()
  if (tenants.length === 0 && config.environment === 'development') await ensureRootKey(config.rootKeyFile)
  const heads = await Promise.all(tenants.map(({ id }) => store.logHead(id)))
  const clock = options.clock ?? createClock(Math.max(0, ...heads.map(({ lastAt }) => lastAt ?? 0)))
  const keyring = new Keyring({ store, kek, clock, random })
  return {
    store,
    keyring,
    clock,
    random,
    inFlight: new InFlight(),
    watch: new WatchMemory({ on: config.watch }),
    channels: options.channels ?? openChannels(config.channels),
    publicUrl: config.publicUrl ?? '',
    printPdf,
    logName: config.logName,
  }
}

async function ensureRootKey(path: string): Promise<void> {
  try {
    await createRootKeyFile(path, random)
  } catch (error) {
    // The key that is there is used: several data folders may share it.
    if (!isVaultError(error, 'state_conflict')) throw error
  }
}

/** @returns the credential of its own that an empty vault was made with; undefined where there was nothing to make. */
async function makeFirstTenant(config: Config, vault: Vault): Promise<Secret<string> | undefined> {
  if ((await vault.store.listTenants()).length > 0) return undefined
  try {
    if (!config.bootstrapKey) return await addTenant(vault, FIRST_TENANT)
    await createTenant(vault, FIRST_TENANT, config.bootstrapKey)
  } catch (error) {
    // Another process has started on the same empty database at the same moment, and was faster.
    if (!isVaultError(error, 'conflict') || config.databaseUrl === undefined) throw error
  }
  return undefined
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
