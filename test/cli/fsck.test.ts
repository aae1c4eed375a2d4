import Database from 'better-sqlite3'
import { createHash } from 'node:crypto'
import { cpSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { command } from '../../src/cli/fsck.ts'
import { openVault, setDailyQuota } from '../../src/runtime/node/compose.ts'
import { readConfig } from '../../src/runtime/node/config.ts'
import { integrateLogs } from '../../src/vault/log/integrate.ts'
import { publicCheckpoint } from '../../src/vault/log/proofs.ts'
import { logVerifierKey } from '../../src/vault/log/signer.ts'
import { TENANT } from '../proofs/service-process.ts'
import { runCommand } from './run-command.ts'
import type { Outcome } from './run-command.ts'

let folder: string
let env: NodeJS.ProcessEnv
let data: string
let database: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cloakroom-fsck-'))
  data = join(folder, 'data')
  database = join(data, 'cloakroom.sqlite')
  env = { CLOAKROOM_DATA: data, CLOAKROOM_KEYS: join(folder, 'keys') }
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

type Made = { checkpoint: string; vkey: string }

/** A data folder with a few events under a checkpoint; `meanwhile` sees it as a running service leaves it. */
async function make(events: number, meanwhile: () => unknown = () => undefined): Promise<Made> {
  const opened = await openVault(readConfig(env))
  try {
    for (let i = 0; i < events; i++) await setDailyQuota(opened.vault, TENANT, 1_000 + i)
    await integrateLogs(opened.vault)
    await meanwhile()
    const { vault } = opened
    return { checkpoint: await publicCheckpoint(vault, TENANT), vkey: await logVerifierKey(vault, TENANT) }
  } finally {
    await opened.close()
  }
}

async function fsck(...args: string[]): Promise<Outcome> {
  return runCommand(command, env, ...args)
}

function tamper(statement: string): void {
  const client = new Database(database)
  client.exec(statement)
  client.close()
}

/** Every file but the lock, by what is in it. */
function files(of = data): Record<string, string> {
  const names = readdirSync(of).filter((name) => !name.startsWith('lock'))
  return Object.fromEntries(
    names.map((name) => [
      name,
      createHash('sha256')
        .update(readFileSync(join(of, name)))
        .digest('hex'),
    ]),
  )
}

describe('cloakroom fsck', () => {
  test('finds nothing in a stopped service’s folder, exits 0 and leaves every byte as it was', async () => {
    await make(3)
    const before = files()
    const { exit, stdout, stderr } = await fsck()
    expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' })
    expect(stdout).toMatch(/^Nothing found in 1 tenants, 5 events, 1 tiles, \d+ rows of state\.\n$/)
    expect(files()).toEqual(before)
  })

  test('reads what a killed service left in its write-ahead log, where it lies', async () => {
    await make(3, () => cpSync(data, `${data}-killed`, { recursive: true }))
    data = env['CLOAKROOM_DATA'] = `${data}-killed`
    expect(readFileSync(join(data, 'cloakroom.sqlite-wal')).length).toBeGreaterThan(0)
    const before = files()
    expect(await fsck()).toMatchObject({ exit: 0, stdout: expect.stringContaining('5 events') })
    expect(files()).toEqual(before)
  })

  test('says what does not fit, one line a finding, and exits 1', async () => {
    await make(3)
    tamper(`update events set at = at + 1 where place = (select max(place) from events)`)
    const { exit, stdout } = await fsck()
    expect(exit).toBe(1)
    const [finding, closing] = stdout.split('\n')
    expect(finding).toMatch(
      /^default {2}column_differs {2}evt_\w{26} at 4: `at` is not what the leaf says; the row was/,
    )
    expect(closing).toMatch(/^1 found in 1 tenants/)
  })

  test('--json gives one object a line: findings, then the counts', async () => {
    await make(1)
    tamper(`delete from tiles`)
    const { exit, stdout } = await fsck('--json')
    const [finding, done, ...more] = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(exit).toBe(1)
    expect(finding).toEqual({
      finding: expect.objectContaining({ tenant: 'default', code: 'tile_missing', id: '0/000.p/3' }),
    })
    expect(done.done).toMatchObject({ events: 3, findings: 1, unsigned: 0, unsigned_because: null })
    expect(more).toEqual([])
  })

  test('without the root key checks everything else, and says so', async () => {
    const { vkey } = await make(1)
    rmSync(join(folder, 'keys'), { recursive: true })
    const { exit, stdout } = await fsck()
    expect(exit).toBe(0)
    expect(stdout).toContain('The signatures of 1 logs were not checked. There is no root key')
    tamper(`update logs set checkpoint = replace(checkpoint, '— ', '— other')`)
    expect((await fsck()).exit).toBe(0)
    writeFileSync(join(folder, 'vkey'), `${vkey}\n`)
    const checked = await fsck('--vkey', join(folder, 'vkey'))
    expect(checked.exit).toBe(1)
    expect(checked.stdout).toContain('checkpoint_unsigned')
  })

  test('a checkpoint kept elsewhere finds a folder that was set back whole', async () => {
    await make(2)
    cpSync(data, join(folder, 'earlier'), { recursive: true })
    const { checkpoint } = await make(3)
    writeFileSync(join(folder, 'seen'), checkpoint)
    const at = (path: string) => [
      '--database',
      join(path, 'cloakroom.sqlite'),
      '--checkpoint',
      join(folder, 'seen'),
    ]
    expect((await fsck(...at(data))).exit).toBe(0)
    const before = files(join(folder, 'earlier'))
    const { exit, stdout } = await fsck(...at(join(folder, 'earlier')))
    expect(exit).toBe(1)
    expect(stdout).toMatch(/^default {2}log_rolled_back {2}witnessed: it covers 7 events, and 4 are there/)
    expect(files(join(folder, 'earlier'))).toEqual(before)
  })

  test('refuses a folder that is in use, a file in use, and what is no database', async () => {
    let [folderInUse, fileInUse]: (Outcome | undefined)[] = []
    await make(1, async () => {
      folderInUse = await fsck()
      fileInUse = await fsck('--database', database)
    })
    expect(folderInUse).toMatchObject({ exit: 'data_folder_in_use', stdout: '' })
    expect(fileInUse).toMatchObject({ exit: 'data_folder_in_use', stdout: '' })
    writeFileSync(join(folder, 'none'), 'not a database, though long enough to be taken for one'.repeat(50))
    expect((await fsck('--database', join(folder, 'none'))).exit).toBe('database_unreadable')
    new Database(join(folder, 'empty')).exec('create table t (a)').close()
    expect((await fsck('--database', join(folder, 'empty'))).exit).toBe('database_unreadable')
  })

  test('makes no folder where there is none', async () => {
    expect((await fsck()).exit).toBe('database_unreadable')
    expect(existsSync(data)).toBe(false)
  })

  test('a call that cannot be understood exits with 2', async () => {
    for (const args of [['x'], ['--database'], ['--fix']]) {
      const { exit, stderr } = await fsck(...args)
      expect(exit).toBe(2)
      expect(stderr).toContain('Usage: cloakroom fsck')
    }
  })
})
