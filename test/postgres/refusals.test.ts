import { generateIdentity, identityToRecipient } from 'age-encryption'
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { command as backup } from '../../src/cli/backup.ts'
import type { Command } from '../../src/cli/command.ts'
import { command as fsck } from '../../src/cli/fsck.ts'
import { command as restore } from '../../src/cli/restore.ts'
import { command as serve } from '../../src/cli/serve.ts'
import { isVaultError } from '../../src/core/errors.ts'
import { PostgresNode } from '../proofs/postgres-deployment.ts'
import { newDatabase } from './opened.ts'

/** Nobody listens there: what is refused for the setting alone does not ask. */
const NOWHERE = 'postgres://nobody@127.0.0.1:1/none'

let root: string
let recipient: string
const at = (name: string) => join(root, name)

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'cloakroom-refusals-'))
  const identity = await generateIdentity()
  writeFileSync(at('identity'), `${identity}\n`)
  writeFileSync(at('backup.age'), 'a backup of a data folder')
  recipient = await identityToRecipient(identity)
})
afterEach(() => rmSync(root, { recursive: true }))

/** As `main.ts` runs it: a VaultError is an outcome. */
async function refusal(command: Command, args: readonly string[], env: NodeJS.ProcessEnv): Promise<unknown> {
  const silent = { write: () => true }
  try {
    return await command.run(args, { stdout: silent, stderr: silent, env })
  } catch (error) {
    if (!isVaultError(error)) throw error
    return { code: error.code, message: error.message }
  }
}

function refused(what: string) {
  const why = 'is there for a data folder only, and CLOAKROOM_DATABASE_URL is set: see docs/postgres.md.'
  return { code: 'config_invalid', message: `${what} ${why}` }
}

describe('with CLOAKROOM_DATABASE_URL set', () => {
  const env = () => ({
    CLOAKROOM_DATABASE_URL: NOWHERE,
    CLOAKROOM_DATA: at('data'),
    CLOAKROOM_KEYS: at('keys'),
  })

  test.each<[string, Command, () => string[]]>([
    ['This backup', backup, () => ['--to', at('new.age'), '--recipient', recipient]],
    [
      'This restore',
      restore,
      () => [at('backup.age'), '--identity', at('identity'), '--to', at('new'), '--accept-loss'],
    ],
    ['This check', fsck, () => []],
  ])('%s is refused for what it is, and nothing is made', async (what, command, args) => {
    const before = readdirSync(root)
    expect(await refusal(command, args(), env())).toEqual(refused(what))
    expect(readdirSync(root)).toEqual(before)
  })

  test('a database file is checked by itself all the same', async () => {
    const outcome = await refusal(fsck, ['--database', at('none.sqlite')], env())
    expect(outcome).toMatchObject({ code: 'database_unreadable' })
  })

  test('a service that is to keep tombstones does not start', async () => {
    process.env['CLOAKROOM_TOMBSTONES'] = at('tombstones')
    try {
      expect(await refusal(serve, [], env())).toEqual(refused('CLOAKROOM_TOMBSTONES'))
    } finally {
      delete process.env['CLOAKROOM_TOMBSTONES']
    }
    expect(existsSync(at('tombstones'))).toBe(false)
  })
})

test('a service on PostgreSQL that is asked for a backup refuses it, and leaves nothing behind', async () => {
  const node = new PostgresNode({ CLOAKROOM_DATABASE_URL: await newDatabase() })
  try {
    await node.start()
    const order = ['--to', at('new.age'), '--recipient', recipient]
    expect(await refusal(backup, order, node.env)).toEqual(refused('This backup'))
    expect(existsSync(at('new.age'))).toBe(false)
    expect(readdirSync(node.dataFolder).filter((name) => name.startsWith('backup-copy'))).toEqual([])
  } finally {
    node.discard()
  }
})
