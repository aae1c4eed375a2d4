import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { openVault } from '../../src/runtime/node/compose.ts'
import { readConfig } from '../../src/runtime/node/config.ts'
import { runDoctor } from '../../src/runtime/node/doctor/doctor.ts'
import { integrateLogs } from '../../src/vault/log/integrate.ts'
import { newDatabase } from './opened.ts'

const folder = mkdtempSync(join(tmpdir(), 'cloakroom-doctor-pg-'))
afterEach(() => rmSync(folder, { recursive: true, force: true }))

test('of a stopped service on PostgreSQL the database is read, with its version and the way to it', async () => {
  const url = await newDatabase()
  const far = url.replace('127.0.0.1', 'localhost')
  const env = {
    CLOAKROOM_DATA: join(folder, 'data'),
    CLOAKROOM_KEYS: join(folder, 'keys'),
    CLOAKROOM_DATABASE_URL: far,
  }
  const config = readConfig(env)
  const opened = await openVault(config)
  await integrateLogs(opened.vault)
  await opened.close()
  const { findings, unseen } = await runDoctor(config, env, { advisories: undefined, backups: undefined })
  expect(findings.map(({ code }) => code)).toEqual(['root_key_plain', 'no_witness'])
  expect(unseen).toEqual(['backup', 'clock', 'advisories'])
  expect(JSON.stringify(findings)).not.toContain(new URL(url).password)
})
