import { generateIdentity, identityToRecipient } from 'age-encryption'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { parseTenantId } from '../../../src/core/id.ts'
import type { CredentialId, MerchantId, PartyId, SubjectId, TenantId, Token } from '../../../src/core/id.ts'
import { keepTombstones } from '../../../src/runtime/node/backup/keep-tombstones.ts'
import { replay } from '../../../src/runtime/node/backup/replay.ts'
import { restoreBackup } from '../../../src/runtime/node/backup/restore.ts'
import { backUpStopped } from '../../../src/runtime/node/backup/stopped.ts'
import { openVault } from '../../../src/runtime/node/compose.ts'
import { readConfig } from '../../../src/runtime/node/config.ts'
import type { Config } from '../../../src/runtime/node/config.ts'
import type { Change } from '../../../src/vault/changes.ts'
import { retireTokens } from '../../../src/vault/tokens/retire.ts'
import type { Vault } from '../../../src/vault/vault.ts'
import { credential, newId, party, random, storePerson, token } from '../../storage/sample.ts'

const DEFAULT = parseTenantId('default') as TenantId

let root: string
let config: Config
let recipient: string
let platform: CredentialId
let subject: SubjectId
let shop: MerchantId
let other: MerchantId
const at = (name: string) => join(root, name)

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'retired-'))
  config = readConfig({ CLOAKROOM_DATA: at('data'), CLOAKROOM_KEYS: at('keys') })
  const identity = await generateIdentity()
  writeFileSync(at('identity'), `${identity}\n`)
  recipient = await identityToRecipient(identity)
  await withVault(async ({ store }) => {
    shop = newId.merchant()
    other = newId.merchant()
    const known = credential(null)
    platform = known.id
    const person = storePerson(shop)
    subject = person.subject.id
    await store.commit(DEFAULT, [
      { type: 'credential.insert', credential: known, secretHash: random(32) },
      { type: 'party.insert', party: party(shop) },
      { type: 'party.insert', party: party(other) },
      ...person.changes.filter(({ type }) => type === 'subject.insert' || type === 'field.put'),
    ])
  })
})
afterEach(() => rmSync(root, { recursive: true }))

/** As the service opens it: what ends is noted in the file of tombstones. */
async function withVault<T>(task: (vault: Vault) => Promise<T>): Promise<T> {
  const { vault, close } = await openVault(config)
  const kept = await keepTombstones(vault, at('tombstones'), (cause) => {
    throw cause
  })
  try {
    return await task(kept.vault)
  } finally {
    await kept.stop()
    await close()
  }
}

async function giveOut(...parties: readonly PartyId[]): Promise<Token[]> {
  const tokens = parties.map((one) => ({ ...token(subject, one, 'phone'), expiresAt: null }))
  const changes = tokens.map((one): Change => ({ type: 'token.insert', token: one }))
  await withVault(({ store }) => store.commit(DEFAULT, changes))
  return tokens.map((one) => one.token)
}

function retire(whose: PartyId | null): Promise<number> {
  const caller = { kind: 'platform', tenant: DEFAULT, credential: platform } as const
  return withVault((vault) => retireTokens(vault, { caller }, subject, whose))
}

async function backup(): Promise<void> {
  await backUpStopped(
    config,
    at('tombstones'),
    { target: at('backup.age'), recipients: [recipient] },
    () => {},
  )
}

/** @returns what is known as newer, and the tokens that live in the restored folder, which `withVault` opens from here on. */
async function restore(...newerLogs: readonly string[]) {
  const order = {
    file: at('backup.age'),
    identityFile: at('identity'),
    folder: at('restored'),
    newerLogs,
    acceptLoss: newerLogs.length === 0,
    shareFiles: [],
  }
  const { newer } = await restoreBackup(config, order)
  config = readConfig({ CLOAKROOM_DATA: at('restored'), CLOAKROOM_KEYS: at('keys') })
  return { live: await live(), tombstones: newer.flatMap((one) => one.tombstones) }
}

async function live(): Promise<Token[]> {
  const { vault, close } = await openVault(config)
  try {
    return (await vault.store.listTokensOf(DEFAULT, [subject], null)).map((one) => one.token)
  } finally {
    await close()
  }
}

describe.each(['tombstones', 'data'])(
  'tokens that were retired after the backup, with the newer %s',
  (newer) => {
    test('are retired in what is restored', async () => {
      await giveOut(shop, shop, other)
      await backup()
      expect(await retire(null)).toBe(3)
      expect((await restore(at(newer))).live).toEqual([])
    })

    test('are retired at the party at which they were, and live on at another', async () => {
      const [, kept] = await giveOut(shop, other)
      await backup()
      expect(await retire(shop)).toBe(1)
      expect((await restore(at(newer))).live).toEqual([kept])
    })
  },
)

test('negative control: restored without anything newer they live', async () => {
  const given = await giveOut(shop, shop, other)
  await backup()
  expect(await retire(null)).toBe(3)
  expect((await restore()).live.toSorted()).toEqual(given.toSorted())
})

describe('tokens that were given out after others were retired, and before the backup', () => {
  test.each(['tombstones', 'data'])('live on, with the newer %s', async (newer) => {
    await giveOut(shop)
    await retire(null)
    const given = await giveOut(shop, other)
    await backup()
    expect((await restore(at(newer))).live.toSorted()).toEqual(given.toSorted())
  })

  test('live on where those at one party are retired once more after it', async () => {
    await giveOut(shop)
    await retire(null)
    const [, kept] = await giveOut(shop, other)
    await backup()
    await retire(shop)
    expect((await restore(at('tombstones'))).live).toEqual([kept])
  })

  test('negative control: if all that the file says is done again, they do not', async () => {
    await giveOut(shop)
    await retire(null)
    await giveOut(shop, other)
    await backup()
    const { tombstones } = await restore(at('tombstones'))
    expect(tombstones.map(({ type }) => type)).toEqual(['tokens.retired'])
    const { vault, close } = await openVault(config)
    await replay(vault, tombstones)
    await close()
    expect(await live()).toEqual([])
  })
})
