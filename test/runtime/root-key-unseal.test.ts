import { randomBytes } from 'node:crypto'
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { VaultError } from '../../src/core/errors.ts'
import { parseTenantId } from '../../src/core/id.ts'
import type { TenantId } from '../../src/core/id.ts'
import { secret } from '../../src/core/secret.ts'
import type { Secret } from '../../src/core/secret.ts'
import { formatShare, parseShare } from '../../src/crypto/shamir.ts'
import { openVault } from '../../src/runtime/node/compose.ts'
import { readConfig } from '../../src/runtime/node/config.ts'
import { KeyHolder } from '../../src/runtime/key-holder.ts'
import { listRootKeys, nextRootKeyPath, retireRootKey } from '../../src/runtime/node/root-key-folder.ts'
import { createRootKeyFile, createSharedRootKeyFile, loadRootKey } from '../../src/runtime/node/root-key.ts'
import { Rotations } from '../../src/runtime/node/rotations.ts'
import { Unsealing } from '../../src/runtime/node/unseal.ts'
import type { Offer } from '../../src/runtime/node/unseal.ts'

const DEFAULT = parseTenantId('default') as TenantId

let folder: string
let path: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'unseal-'))
  path = join(folder, 'keys', 'root.key')
})
afterEach(() => rm(folder, { recursive: true }))

async function codeOf(act: Promise<unknown>): Promise<string> {
  try {
    await act
    return 'none'
  } catch (error) {
    if (error instanceof VaultError) return error.code
    throw error
  }
}

const share = (text: Secret<string>): Offer => ({ kind: 'share', share: text })

async function waiting(): Promise<{
  holder: KeyHolder
  unsealing: Unsealing
  shares: readonly Secret<string>[]
}> {
  const { shares } = await createSharedRootKeyFile(path, randomBytes, { shares: 5, threshold: 3 })
  const holder = new KeyHolder()
  const unsealing = new Unsealing(holder, 'production')
  unsealing.begin(await listRootKeys(path))
  return { holder, unsealing, shares }
}

/** The same share with one byte of its values changed, and the checksum made to fit. */
function forged(text: Secret<string>): Secret<string> {
  const read = parseShare(text)!
  const values = read.values.exposeSecret().slice()
  values[3]! ^= 1
  return formatShare({ ...read, values: secret(values) })
}

describe('a root key in shares', () => {
  test('opens with any three of five, and with no two', async () => {
    for (const [a, b, c] of [
      [0, 1, 2],
      [4, 2, 0],
      [1, 3, 4],
    ] as const) {
      const { holder, unsealing, shares } = await waiting()
      expect(await unsealing.offer(share(shares[a]!))).toMatchObject([{ threshold: 3, given: 1 }])
      expect(await unsealing.offer(share(shares[b]!))).toMatchObject([{ threshold: 3, given: 2 }])
      const keyId = unsealing.locks[0]!.keyId
      expect(holder.holds(keyId)).toBe(false)
      expect(await unsealing.offer(share(shares[c]!))).toEqual([])
      expect(holder.holds(keyId)).toBe(true)
      await rm(path)
    }
  })

  test('refuses a damaged, repeated or foreign share, and keeps those that were right', async () => {
    const { unsealing, shares } = await waiting()
    const { shares: foreign } = await createSharedRootKeyFile(join(folder, 'other.key'), randomBytes, {
      shares: 5,
      threshold: 3,
    })
    await unsealing.offer(share(shares[0]!))
    const { set, values } = parseShare(shares[1]!)!
    const beyond = formatShare({ set, values, threshold: 3, number: 6 })
    const lower = formatShare({ set, values, threshold: 2, number: 2 })
    const damaged = secret(shares[1]!.exposeSecret().replace(/.$/, (last) => (last === '0' ? '1' : '0')))
    for (const wrong of [damaged, secret('hello'), shares[0]!, foreign[1]!, beyond, lower]) {
      expect(await codeOf(unsealing.offer(share(wrong)))).toBe('share_invalid')
    }
    expect(unsealing.locks).toMatchObject([{ given: 1 }])
    await unsealing.offer(share(shares[1]!))
    expect(await unsealing.offer(share(shares[2]!))).toEqual([])
  })

  test('notices a forged share when it is used, and then starts from the beginning', async () => {
    const { holder, unsealing, shares } = await waiting()
    const keyId = unsealing.locks[0]!.keyId
    await unsealing.offer(share(shares[0]!))
    await unsealing.offer(share(shares[1]!))
    expect(await codeOf(unsealing.offer(share(forged(shares[2]!))))).toBe('share_invalid')
    expect([holder.holds(keyId), unsealing.locks]).toMatchObject([false, [{ given: 0 }]])
    for (const right of shares.slice(0, 3)) await unsealing.offer(share(right))
    expect(holder.holds(keyId)).toBe(true)
  })

  test('does not open at a start, and its file holds neither the key nor a share', async () => {
    const { keyId, shares } = await createSharedRootKeyFile(path, randomBytes, { shares: 3, threshold: 2 })
    expect(await codeOf(loadRootKey(path, { environment: 'production' }))).toBe('shares_missing')
    const text = await readFile(path, 'utf8')
    expect(text).toContain(keyId)
    for (const one of shares) expect(text).not.toContain(one.exposeSecret().split('-')[4])
  })
})

describe('versions of the root key', () => {
  test('lie beside each other in their order; a number is never used twice', async () => {
    const ids = [await createRootKeyFile(path, randomBytes)]
    for (let i = 0; i < 2; i++) {
      ids.push(await createRootKeyFile(nextRootKeyPath(path, await listRootKeys(path)), randomBytes))
    }
    await writeFile(join(folder, 'keys', 'root-x.key'), 'not one of them')
    const entries = await listRootKeys(path)
    expect(entries.map(({ keyId, version }) => [keyId, version])).toEqual(ids.map((id, i) => [id, i + 1]))
    await retireRootKey(entries[2]!)
    expect((await readdir(join(folder, 'keys'))).toSorted()).toEqual(
      ['root-2.key', 'root-3.key.retired', 'root-x.key', 'root.key'].toSorted(),
    )
    expect(nextRootKeyPath(path, await listRootKeys(path))).toBe(join(folder, 'keys', 'root-4.key'))
  })
})

describe('a vault on a data folder', () => {
  const config = () =>
    readConfig({ CLOAKROOM_DATA: join(folder, 'data'), CLOAKROOM_KEYS: join(folder, 'keys') })

  test('that starts sealed opens nothing, is made ready once it is open, and can be sealed again', async () => {
    const { shares } = await createSharedRootKeyFile(path, randomBytes, { shares: 3, threshold: 2 })
    expect(await codeOf(openVault(config()))).toBe('shares_missing')
    const { vault, keys, close } = await openVault(config(), { maySeal: true })
    expect(keys.sealed).toBe(true)
    const first = await keys.unseal(share(shares[0]!))
    expect(first.locks).toMatchObject([{ given: 1 }])
    const second = await keys.unseal(share(shares[2]!))
    expect([second.locks, keys.sealed]).toEqual([[], false])
    expect(second.firstCredential?.exposeSecret()).toMatch(/^ck_default_/)
    const held = await vault.keyring.tenantKeys(DEFAULT)
    await keys.seal()
    expect(await codeOf(vault.keyring.tenantKeys(DEFAULT))).toBe('sealed')
    // Whoever was under way with the keys in hand finds none either.
    expect(() => held.wrap.primary).toThrow(VaultError)
    expect(held.wrap.all).toEqual([])
    for (const one of shares.slice(0, 2)) await keys.unseal(share(one))
    expect((await vault.keyring.tenantKeys(DEFAULT)).wrap.primary.version).toBe(1)
    await close()
  })

  test('puts its keys under a new root key and puts the old one away, and not while anything names it', async () => {
    const opened = await openVault(config())
    const { vault, keys } = opened
    const old = vault.keyring.rootKeyId
    expect(await keys.retireRootKeys()).toEqual([])
    const next = await createRootKeyFile(nextRootKeyPath(path, await listRootKeys(path)), randomBytes)
    await keys.take(next, [{ kind: 'nothing' }])
    expect(await keys.retireRootKeys()).toEqual([])
    const rotations = new Rotations(vault, keys)
    await rotations.rotate('root', undefined, () => undefined)
    rotations.stop()
    const records = await vault.store.listTenantKeys(DEFAULT)
    expect(new Set(records.map(({ rootKeyId }) => rootKeyId))).toEqual(new Set([next]))
    expect((await listRootKeys(path)).map(({ keyId, retired }) => [keyId, retired])).toEqual([
      [old, true],
      [next, false],
    ])
    await opened.close()
    const again = await openVault(config())
    expect(again.vault.keyring.rootKeyId).toBe(next)
    await again.close()
  })

  test('that was stopped between two root keys needs both, and goes on with the new one', async () => {
    const opened = await openVault(config())
    const next = await createRootKeyFile(nextRootKeyPath(path, await listRootKeys(path)), randomBytes)
    await opened.keys.take(next, [{ kind: 'nothing' }])
    const [record] = await opened.vault.store.listTenantKeys(DEFAULT)
    const rewrapped = await opened.vault.keyring.rewrapped(DEFAULT, record!)
    const { kind, version, rootKeyId, wrapped } = rewrapped!
    const expectedRootKeyId = record!.rootKeyId
    await opened.vault.store.commit(DEFAULT, [
      { type: 'tenant_key.rewrap', kind, version, expectedRootKeyId, rootKeyId, wrapped },
    ])
    await opened.close()
    const again = await openVault(config())
    expect([again.vault.keyring.rootKeyId, await again.keys.isBetweenRootKeys()]).toEqual([next, true])
    await expect(again.vault.keyring.tenantKeys(DEFAULT)).resolves.toBeDefined()
    const rotations = new Rotations(again.vault, again.keys)
    await rotations.resume()
    rotations.stop()
    expect(await again.keys.isBetweenRootKeys()).toBe(false)
    await again.close()
    await rm(path, { force: true })
    const last = await openVault(config())
    await last.close()
  })
})
