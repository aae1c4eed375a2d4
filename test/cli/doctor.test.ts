import Database from 'better-sqlite3'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { command } from '../../src/cli/doctor.ts'
import { openVault } from '../../src/runtime/node/compose.ts'
import { readConfig } from '../../src/runtime/node/config.ts'
import { leaveBackupMark } from '../../src/runtime/node/backup/mark.ts'
import { serve } from '../../src/runtime/node/serve.ts'
import { instant } from '../../src/core/time.ts'
import { integrateLogs } from '../../src/vault/log/integrate.ts'
import type { Diagnosis } from '../../src/runtime/node/doctor/doctor.ts'
import { runCommand } from './run-command.ts'

let folder: string
let env: NodeJS.ProcessEnv
let data: string
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'cloakroom-doctor-'))
  data = join(folder, 'data')
  env = { CLOAKROOM_DATA: data, CLOAKROOM_KEYS: join(folder, 'keys'), PORT: '0' }
  const opened = await openVault(readConfig(env))
  await integrateLogs(opened.vault)
  await opened.close()
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

async function doctor(...args: string[]) {
  return runCommand(command, env, ...args)
}

async function codes(...args: string[]): Promise<readonly string[]> {
  const { stdout } = await doctor('--json', ...args)
  return (JSON.parse(stdout) as Diagnosis).findings.map(({ code }) => code)
}

const FRESH = ['backup_missing', 'root_key_plain', 'no_witness', 'tombstones_off']

describe('of a stopped service', () => {
  test('the store is read, and the exit code follows the severity', async () => {
    expect(await codes()).toEqual(FRESH)
    expect((await doctor()).exit).toBe(1)
    expect((await doctor('--fail-on', 'critical')).exit).toBe(0)
    await leaveBackupMark(data, instant(Date.now()))
    expect(await codes()).toEqual(FRESH.slice(1))
    expect((await doctor()).exit).toBe(0)
    expect((await doctor('--fail-on', 'medium')).exit).toBe(1)
  })

  test('permissions of folders, database and keys are looked at', async () => {
    chmodSync(data, 0o755)
    chmodSync(join(data, 'cloakroom.sqlite'), 0o644)
    chmodSync(join(folder, 'keys', 'root.key'), 0o644)
    const found = await codes()
    expect(found.slice(0, 1)).toEqual(['root_key_readable'])
    expect(found).toEqual(expect.arrayContaining(['data_folder_open', 'database_open']))
  })

  test('a root key that the data needs and that is gone is found', async () => {
    rmSync(join(folder, 'keys', 'root.key'))
    expect(await codes()).toContain('root_key_missing')
  })

  test('a store that a newer version wrote is said to be one, and is not read', async () => {
    const client = new Database(join(data, 'cloakroom.sqlite'))
    client.prepare(`insert into __drizzle_migrations (hash, created_at) values ('n', 99999999999999)`).run()
    client.close()
    expect((await codes())[0]).toBe('schema_newer')
  })

  test('the newest backup in a folder counts, and published faults are held against what is installed', async () => {
    writeFileSync(join(folder, 'one.age'), 'x')
    const feed = {
      id: 'GHSA-x',
      summary: 'made up',
      affected: [
        {
          package: { ecosystem: 'npm', name: 'zod' },
          ranges: [{ type: 'SEMVER', events: [{ introduced: '0' }] }],
        },
      ],
      database_specific: { severity: 'CRITICAL' },
    }
    writeFileSync(join(folder, 'feed.json'), JSON.stringify(feed))
    const found = await codes('--backups', folder, '--advisories', join(folder, 'feed.json'))
    expect(found).toEqual(['advisory', ...FRESH.slice(1)])
  })

  test('what cannot be understood or read is said by a code', async () => {
    expect((await doctor('--fail-on', 'mild')).exit).toBe(2)
    expect((await doctor('--nonsense')).exit).toBe(2)
    expect((await doctor('--advisories', join(folder, 'none.json'))).exit).toBe('invalid_request')
    rmSync(data, { recursive: true })
    expect((await doctor()).exit).toBe('not_found')
  })
})

describe('of a running service', () => {
  test('the service itself is asked: its clock and limits are seen too, and nothing that it says is secret', async () => {
    const serving = await serve(readConfig(env))
    try {
      const { stdout } = await doctor('--json')
      const { findings, unseen } = JSON.parse(stdout) as Diagnosis
      expect(unseen).toEqual(['advisories'])
      expect(findings.map(({ code }) => code).filter((code) => code !== 'few_open_files')).toEqual(FRESH)
      expect(stdout).not.toMatch(/ck_|postgres:\/\/|password/)
    } finally {
      await serving.stop()
    }
  })
})
