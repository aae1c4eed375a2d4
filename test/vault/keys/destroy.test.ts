import { expect, test } from 'vitest'
import { DAY_MS } from '../../../src/core/time.ts'
import { approveDestruction, askDestruction } from '../../../src/vault/keys/destroy.ts'
import { rotate } from '../../../src/vault/keys/rotate.ts'
import { TENANT, codeOf, openVault } from './vault-for-tests.ts'

const OLD = { kind: 'wrap', version: 1 } as const

async function rotated() {
  const opened = await openVault()
  const id = await opened.person('+8613812345678')
  await rotate(opened.vault, TENANT, 'wrap')
  const [ann, ben] = [await opened.operator(), await opened.operator()]
  return { ...opened, id, ann, ben }
}

test('destroying a version takes two credentials, and leaves its bytes in no file and in no memory', async () => {
  const { vault, holds, said, ann, ben } = await rotated()
  const [record] = (await vault.store.listTenantKeys(TENANT)).filter(({ kind }) => kind === 'wrap')
  expect(holds(record!.wrapped)).toBe(true)
  const asked = await askDestruction(vault, ann, OLD)
  expect(await codeOf(approveDestruction(vault, ann, asked.id))).toBe('approval_own')
  expect((await vault.keyring.tenantKeys(TENANT)).wrap.version(1)).toBeDefined()
  const { approvedBy } = await approveDestruction(vault, ben, asked.id)
  expect(approvedBy).toBe(ben.caller.credential)
  expect(holds(record!.wrapped)).toBe(false)
  await expect(vault.keyring.tenantKeys(TENANT).then(({ wrap }) => wrap.version(1))).rejects.toThrow(
    'not there',
  )
  expect(await codeOf(approveDestruction(vault, ben, asked.id))).toBe('state_conflict')
  expect(
    (await said()).slice(-2).map(({ type, code, counts, credential }) => [type, code, counts, credential]),
  ).toEqual([
    ['key.destruction_asked', 'wrap', { version: 1 }, ann.caller.credential],
    ['key.destroyed', 'wrap', { version: 1 }, ben.caller.credential],
  ])
})

test('a request runs out after 24 hours, to the millisecond', async () => {
  const { vault, pass, ann, ben } = await rotated()
  const asked = await askDestruction(vault, ann, OLD)
  pass(DAY_MS)
  expect(await codeOf(approveDestruction(vault, ben, asked.id))).toBe('state_conflict')
  const anew = await askDestruction(vault, ann, OLD)
  pass(DAY_MS - 1)
  expect(await codeOf(approveDestruction(vault, ben, anew.id))).toBe('none')
})

test('what is in use, still needed, destroyed already or not there is not destroyed', async () => {
  const { vault, ann, ben } = await rotated()
  expect(await codeOf(askDestruction(vault, ann, { kind: 'wrap', version: 2 }))).toBe('state_conflict')
  expect(await codeOf(askDestruction(vault, ann, { kind: 'wrap', version: 3 }))).toBe('not_found')
  expect(await codeOf(askDestruction(vault, ann, { kind: 'session', version: 1 }))).toBe('state_conflict')
  const asked = await askDestruction(vault, ann, OLD)
  await approveDestruction(vault, ben, asked.id)
  expect(await codeOf(askDestruction(vault, ann, OLD))).toBe('state_conflict')
})

test('a version that rows are still being taken from is not destroyed', async () => {
  const cut = () => Promise.reject(new Error('cut'))
  const { vault, operator } = await openVault((store) => ({ ...store, listDataKeys: cut }))
  await expect(rotate(vault, TENANT, 'wrap')).rejects.toThrow('cut')
  expect(await codeOf(askDestruction(vault, await operator(), OLD))).toBe('state_conflict')
})

test('a signing key that has leaked goes before it would be retired, and both are in the log', async () => {
  const { vault, said, ann, ben } = await rotated()
  for (const kind of ['log', 'session'] as const) {
    await rotate(vault, TENANT, kind)
    const asked = await askDestruction(vault, ann, { kind, version: 1 })
    await approveDestruction(vault, ben, asked.id)
    const versions = await vault.store.listTenantKeys(TENANT)
    expect(versions.filter((one) => one.kind === kind).map(({ state }) => state)).toEqual([
      'destroyed',
      'primary',
    ])
    expect((await said()).slice(-2).map(({ type, code }) => [type, code])).toEqual([
      ['key.retired', kind],
      ['key.destroyed', kind],
    ])
  }
})

test('a row that turns up under the version after the request stops the destruction', async () => {
  const { vault, id, ann, ben } = await rotated()
  const asked = await askDestruction(vault, ann, OLD)
  const [row] = await vault.store.listDataKeys(TENANT, 0, 1)
  const dataKey = { ...row!.dataKey, tenantKeyVersion: 1 }
  await vault.store.commit(TENANT, [{ type: 'data_key.rewrap', subject: id, from: 2, dataKey }])
  expect(await codeOf(approveDestruction(vault, ben, asked.id))).toBe('conflict')
  expect((await vault.keyring.tenantKeys(TENANT)).wrap.version(1)).toBeDefined()
})
