import { randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { VaultError } from '../../../src/core/errors.ts'
import { parseTenantId, timedId } from '../../../src/core/id.ts'
import type { CredentialId, SubjectId, TenantId } from '../../../src/core/id.ts'
import { instant } from '../../../src/core/time.ts'
import { newCredential, parseCredential } from '../../../src/crypto/credential.ts'
import { newKey } from '../../../src/crypto/envelope.ts'
import { localKek } from '../../../src/crypto/kek.ts'
import { openSqliteStore } from '../../../src/runtime/node/sqlite.ts'
import { readLeaf } from '../../../src/vault/audit/event.ts'
import { Keyring, newDataKey } from '../../../src/vault/keys/keyring.ts'
import { createTenant } from '../../../src/vault/principals/tenants.ts'
import { putField } from '../../../src/vault/records/values.ts'
import { Channels } from '../../../src/vault/incidents/notices/channel.ts'
import { InFlight } from '../../../src/vault/requests/idempotency.ts'
import { WatchMemory } from '../../../src/vault/watch/memory.ts'
import type { VaultStore } from '../../../src/vault/store.ts'
import type { Vault } from '../../../src/vault/vault.ts'
import { AT, subject } from '../../storage/sample.ts'

export const TENANT = parseTenantId('default') as TenantId
export const random = (length: number) => new Uint8Array(randomBytes(length))

export type Opened = {
  vault: Vault
  /** Moves the clock by this many milliseconds. */
  pass(ms: number): void
  /** Another keyring over the same store, as another process would have it. */
  anotherKeyring(): Keyring
  /** Whether an envelope stands in any file of the data folder: what is after its nonce. */
  holds(envelope: Uint8Array): boolean
  /** A credential of the platform. */
  operator(): Promise<{ caller: { kind: 'platform'; tenant: TenantId; credential: CredentialId } }>
  person(phone: string): Promise<SubjectId>
  /** What the log says, in its order. */
  said(): Promise<readonly Record<string, unknown>[]>
}

/** A vault with one tenant, on a real store. */
export async function openVault(
  change: (store: VaultStore) => VaultStore = (store) => store,
): Promise<Opened> {
  const folder = mkdtempSync(join(tmpdir(), 'keys-vault-'))
  const onFatal = (error: unknown) => {
    throw error
  }
  const opened = await openSqliteStore(folder, { onFatal })
  onTestFinished(async () => {
    await opened.close()
    rmSync(folder, { recursive: true })
  })
  const store = change(opened.store)
  let now: number = AT
  const clock = { now: () => instant(now) }
  const kek = localKek(newKey(random))
  const anotherKeyring = () => new Keyring({ store, kek, clock, random })
  const keyring = anotherKeyring()
  const rest = {
    inFlight: new InFlight(),
    watch: new WatchMemory(),
    channels: new Channels(),
    publicUrl: 'https://vault.test',
    logName: 'vault.test/log',
  }
  const vault: Vault = { store, keyring, clock, random, ...rest }
  await createTenant(vault, TENANT, newCredential(TENANT, random))
  return {
    vault,
    anotherKeyring,
    pass: (ms) => void (now += ms),
    holds: (envelope) =>
      readdirSync(folder).some((name) =>
        readFileSync(join(folder, name)).includes(Buffer.from(envelope).subarray(34)),
      ),
    operator: () => addOperator(vault),
    person: (phone) => addPerson(vault, phone),
    async said() {
      const { rows } = await store.listEvents(TENANT, { order: 'oldest' }, { limit: 1_000 })
      return rows.map(({ bytes }) => readLeaf(bytes))
    },
  }
}

async function addOperator({ store, clock }: Vault) {
  const id = timedId('key', random, clock.now())
  const { hash } = parseCredential(newCredential(TENANT, random).exposeSecret())!
  const credential = { id, party: null, label: 'operator', createdAt: clock.now(), revokedAt: null }
  await store.commit(TENANT, [{ type: 'credential.insert', credential, secretHash: hash }])
  return { caller: { kind: 'platform' as const, tenant: TENANT, credential: id } }
}

async function addPerson({ store, keyring }: Vault, phone: string): Promise<SubjectId> {
  const keys = await keyring.tenantKeys(TENANT)
  const person = subject('platform')
  const at = { tenant: TENANT, subject: person.id }
  const { key, wrapped: dataKey } = newDataKey(keys, at, random)
  await store.commit(TENANT, [
    { type: 'subject.insert', subject: person, dataKey },
    putField(keys, key, at, { field: 'phone', version: 1, value: phone }),
  ])
  return person.id
}

export async function codeOf(act: Promise<unknown>): Promise<string> {
  try {
    await act
    return 'none'
  } catch (error) {
    if (error instanceof VaultError) return error.code
    throw error
  }
}
