import { generateIdentity, identityToRecipient } from 'age-encryption'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { parseTenantId } from '../../../src/core/id.ts'
import type { TenantId } from '../../../src/core/id.ts'
import { backUpStopped } from '../../../src/runtime/node/backup/stopped.ts'
import { addTenant, openVault } from '../../../src/runtime/node/compose.ts'
import { readConfig } from '../../../src/runtime/node/config.ts'
import { rowsIn, tryMove } from './stores.ts'

let root: string
let env: NodeJS.ProcessEnv
const at = (name: string) => join(root, name)

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'cloakroom-move-'))
  env = { CLOAKROOM_DATA: at('data'), CLOAKROOM_KEYS: at('keys') }
  const identity = await generateIdentity()
  writeFileSync(at('identity'), `${identity}\n`)
  await (await openVault(readConfig(env))).close()
  const order = { target: at('backup.age'), recipients: [await identityToRecipient(identity)] }
  await backUpStopped(readConfig(env), undefined, order, () => undefined)
})
afterEach(() => rmSync(root, { recursive: true }))

function order(more: { acceptLoss?: boolean; newerLogs?: string[] } = {}) {
  const restore = {
    identityFile: at('identity'),
    folder: at('way'),
    newerLogs: [],
    acceptLoss: true,
    shareFiles: [],
    ...more,
  }
  return { from: at('backup.age'), to: at('new'), restore }
}

/** Names of all tenants, as the rows say. */
function tenantsIn(folder: string): string {
  return rowsIn(folder)['tenants']?.join() ?? ''
}

describe('a move of a backup', () => {
  test('gives the rows that were backed up, and leaves no other vault behind', async () => {
    const before = rowsIn(at('data'))
    expect((await tryMove(order(), {}, env)).code).toBe('moved')
    expect(rowsIn(at('new'))).toEqual(before)
    expect(existsSync(at('way'))).toBe(false)
  })

  test('is refused without what is newer, or a word that it may be lost', async () => {
    expect((await tryMove(order({ acceptLoss: false }), {}, env)).code).toBe('invalid_request')
    expect(existsSync(join(at('new'), 'cloakroom.sqlite'))).toBe(false)
  })

  test('ends again what ended since, as the lost folder knows it', async () => {
    const opened = await openVault(readConfig(env))
    await addTenant(opened.vault, parseTenantId('later') as TenantId)
    await opened.close()
    const { code } = await tryMove(order({ acceptLoss: false, newerLogs: [at('data')] }), {}, env)
    expect(code).toBe('moved')
    // What came after the backup is not in it; only endings are.
    expect(tenantsIn(at('new'))).not.toContain('later')
  })

  test('that was broken off goes on from the same restore, and from no other', async () => {
    const stage = (name: string) => {
      if (name === 'comparing') throw Object.assign(new Error('broken off'), { code: 'broken_off' })
    }
    expect((await tryMove(order(), { stage }, env)).code).toBe('broken_off')
    const changed = order({ newerLogs: [at('data')] })
    expect((await tryMove(changed, {}, env)).code).toBe('folder_not_empty')
    let restores = 0
    const restored = () => void (restores += 1)
    expect((await tryMove(order(), { restored }, env)).code).toBe('moved')
    expect(restores).toBe(0)
    expect(rowsIn(at('new'))).toEqual(rowsIn(at('data')))
  })

  test('needs an identity and a folder on the way, which is not the target', async () => {
    const { restore, ...without } = order()
    expect((await tryMove(without, {}, env)).code).toBe('invalid_request')
    const same = { ...without, restore: { ...restore, folder: at('new') } }
    expect((await tryMove(same, {}, env)).code).toBe('invalid_request')
  })

  test('of a file that is no backup is refused', async () => {
    writeFileSync(at('backup.age'), 'no backup')
    expect((await tryMove(order(), {}, env)).code).toBe('backup_invalid')
  })
})
