import { expect, test } from 'vitest'
import { DAY_MS } from '../../../src/core/time.ts'
import { openCheckpoint } from '../../../src/tlog/checkpoint.ts'
import { parseNote, parseVerifier } from '../../../src/tlog/note.ts'
import type { Verifier } from '../../../src/tlog/note.ts'
import { openStatement } from '../../../src/tlog/statement.ts'
import { approveDestruction, askDestruction } from '../../../src/vault/keys/destroy.ts'
import { LOG_KEY_OVERLAP_MS, retireUnneeded } from '../../../src/vault/keys/retire.ts'
import { rotate } from '../../../src/vault/keys/rotate.ts'
import { evidenceOf } from '../../../src/vault/log/evidence.ts'
import { integrateLogs } from '../../../src/vault/log/integrate.ts'
import { logVerifierKey } from '../../../src/vault/log/signer.ts'
import { TENANT, openVault } from '../keys/vault-for-tests.ts'

// Whoever keeps a log's public key has to be able to go on checking when the log takes a new one.

async function openLog() {
  const opened = await openVault()
  const { vault } = opened
  await integrateLogs(vault)
  return {
    ...opened,
    async verifier(): Promise<Verifier> {
      return parseVerifier(await logVerifierKey(vault, TENANT))!
    },
    async note(): Promise<string> {
      await integrateLogs(vault)
      return (await vault.store.findLog(TENANT))!.checkpoint
    },
  }
}

test('a log with a new key signs with the old one too, for 90 days and no longer', async () => {
  const { vault, pass, verifier, note } = await openLog()
  const old = await verifier()
  await rotate(vault, TENANT, 'log')
  const fresh = await verifier()
  expect(fresh.keyId).not.toBe(old.keyId)
  const during = await note()
  expect([old, fresh].map((key) => openCheckpoint(during, key)?.size)).toEqual([
    expect.any(Number),
    expect.any(Number),
  ])
  pass(LOG_KEY_OVERLAP_MS - 1)
  await retireUnneeded(vault, TENANT)
  expect(openCheckpoint(await note(), old)).toBeDefined()
  pass(1)
  await retireUnneeded(vault, TENANT)
  const after = await note()
  expect(openCheckpoint(after, fresh)).toBeDefined()
  expect(openCheckpoint(after, old)).toBeUndefined()
})

test('a log key that has leaked signs no more once two people have destroyed it', async () => {
  const { vault, operator, verifier, note } = await openLog()
  const old = await verifier()
  await rotate(vault, TENANT, 'log')
  expect(openCheckpoint(await note(), old)).toBeDefined()
  const asked = await askDestruction(vault, await operator(), { kind: 'log', version: 1 })
  await approveDestruction(vault, await operator(), asked.id)
  const after = await note()
  expect(openCheckpoint(after, await verifier())).toBeDefined()
  expect(openCheckpoint(after, old)).toBeUndefined()
})

test('what a person is given is signed under both keys', async () => {
  const opened = await openLog()
  const { vault, verifier } = opened
  const subject = await opened.person('+8613812345678')
  const old = await verifier()
  await rotate(vault, TENANT, 'log')
  const { caller } = await opened.operator()
  const { vkey, checkpoint, statement } = await evidenceOf(vault, caller, subject)
  expect(parseVerifier(vkey)?.keyId).toBe((await verifier()).keyId)
  for (const key of [old, await verifier()]) {
    expect(openCheckpoint(checkpoint, key)).toBeDefined()
    expect(openStatement(statement, key)).toBeDefined()
  }
})

test('a log that is rotated again and again carries three signatures, the newest first', async () => {
  const { vault, pass, verifier, note } = await openLog()
  const keys: Verifier[] = []
  for (let i = 0; i < 5; i++) {
    pass(DAY_MS)
    await rotate(vault, TENANT, 'log')
    keys.unshift(await verifier())
  }
  const ids = parseNote(await note())?.signatures.map(({ keyId }) => keyId)
  expect(ids).toEqual(keys.slice(0, 3).map(({ keyId }) => keyId))
})
