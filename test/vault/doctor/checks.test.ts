import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { DAY_MS, HOUR_MS, MINUTE_MS, instant } from '../../../src/core/time.ts'
import type { Instant } from '../../../src/core/time.ts'
import type { TenantId } from '../../../src/core/id.ts'
import { CHECKS, diagnose } from '../../../src/vault/doctor/diagnose.ts'
import type { Facts, RootKeyFacts, SettingsFacts, TenantFacts } from '../../../src/vault/doctor/facts.ts'

const NOW = instant(Date.parse('2026-11-23T12:00:00Z'))

function ago(ms: number): Instant {
  return instant(NOW - ms)
}

const SETTINGS: SettingsFacts = {
  environment: 'production',
  engine: 'sqlite',
  listens: { host: '127.0.0.1', port: 8787, reach: 'loopback' },
  publicUrl: 'https://vault.example.com',
  logName: 'vault.example.com/log',
  witnesses: { quorum: 1, count: 2 },
  tombstones: true,
  bootstrapKey: false,
  smtp: { host: 'mail.example.com', tls: 'implicit', reach: 'everywhere' },
  ownNetworks: ['10.0.0.0/8', 'fd12:3456:789a::/48'],
  database: undefined,
}

const KEYS: RootKeyFacts = {
  sealed: false,
  needed: ['aa'],
  files: [
    { keyId: 'aa', path: '/k/root.key', protection: 'argon2id', readableByOthers: false, retired: false },
  ],
  besideData: false,
}

const TENANT: TenantFacts = {
  tenant: 'acme' as TenantId,
  quotaPerDay: null,
  keys: [
    { kind: 'wrap', version: 1, state: 'active', createdAt: ago(800 * DAY_MS) },
    { kind: 'wrap', version: 2, state: 'primary', createdAt: ago(365 * DAY_MS) },
    { kind: 'ref', version: 1, state: 'primary', createdAt: ago(800 * DAY_MS) },
  ],
  rotations: [],
  log: {
    size: 10,
    lastAt: ago(MINUTE_MS),
    covered: 10,
    coveredAt: ago(MINUTE_MS),
    cosigned: 10,
    cosignedAt: ago(MINUTE_MS),
  },
}

/** All areas seen, nothing amiss: just inside of every bound. */
const HEALTHY: Required<Facts> = {
  now: NOW,
  settings: SETTINGS,
  root_keys: KEYS,
  files: [
    { kind: 'data_folder', path: '/d', mode: 0o700 },
    { kind: 'key_folder', path: '/k', mode: 0o700 },
    { kind: 'database', path: '/d/cloakroom.sqlite', mode: 0o600 },
    { kind: 'secret_file', path: '/s/pass', mode: 0o400 },
  ],
  tenants: [TENANT],
  backup: { newestAt: ago(48 * HOUR_MS) },
  clock: { movedMs: -5_000, overMs: 1e9 },
  versions: { node: '24.21.0', sqlite: '3.50.2', postgres: undefined, schema: 'this' },
  limits: { openFiles: 4_096, freeDiskBytes: 2 * 2 ** 30, databaseBytes: 2 ** 30 },
  law: { staleRules: [] },
  advisories: [],
}

function settings(more: Partial<SettingsFacts>): Partial<Facts> {
  return { settings: { ...SETTINGS, ...more } }
}

function rootKeys(more: Partial<RootKeyFacts>): Partial<Facts> {
  return { root_keys: { ...KEYS, ...more } }
}

function rootKeyFile(more: Partial<RootKeyFacts['files'][number]>): Partial<Facts> {
  return rootKeys({ files: KEYS.files.map((file) => ({ ...file, ...more })) })
}

function tenant(more: Partial<TenantFacts>): Partial<Facts> {
  return { tenants: [{ ...TENANT, ...more }] }
}

function log(more: Partial<TenantFacts['log']>): Partial<Facts> {
  return tenant({ log: { ...TENANT.log, ...more } })
}

function file(kind: 'data_folder' | 'key_folder' | 'database' | 'secret_file', mode: number): Partial<Facts> {
  return { files: [{ kind, path: '/x', mode }] }
}

function versions(more: Partial<Required<Facts>['versions']>): Partial<Facts> {
  return { versions: { ...HEALTHY.versions, ...more } }
}

const EVERYWHERE = { host: '0.0.0.0', port: 8787, reach: 'everywhere' } as const
const PRIVATE = { host: '10.0.0.5', port: 8787, reach: 'private' } as const
const RUNNING = {
  level: 'wrap',
  target: '3',
  state: 'running',
  steps: 1,
  cursor: 5,
  again: false,
  done: 5,
  total: 9,
  startedAt: ago(DAY_MS + 1),
  finishedAt: null,
} as const

/** By code: facts that are sick in one thing alone, and which other findings come with it. */
const SICK: Record<string, { facts: Partial<Facts>; too?: readonly string[]; mend?: string }> = {
  vault_sealed: { facts: rootKeys({ sealed: true }) },
  root_key_missing: { facts: rootKeys({ needed: ['aa', 'bb'] }) },
  root_key_readable: { facts: rootKeyFile({ readableByOthers: true }), mend: 'chmod 600 /k/root.key' },
  root_key_plain: { facts: rootKeyFile({ protection: 'none' }) },
  root_key_beside_data: { facts: rootKeys({ besideData: true }) },
  key_old: {
    facts: tenant({
      keys: [{ kind: 'log', version: 4, state: 'primary', createdAt: ago(365 * DAY_MS + 1) }],
    }),
    mend: 'cloakroom keys rotate log --tenant acme',
  },
  rotation_stalled: { facts: tenant({ rotations: [RUNNING] }), mend: 'cloakroom keys rotate wrap' },
  data_folder_open: { facts: file('data_folder', 0o750), mend: 'chmod 700 /x' },
  key_folder_open: { facts: file('key_folder', 0o701), mend: 'chmod 700 /x' },
  database_open: {
    facts: {
      files: [
        { kind: 'data_folder', path: '/d', mode: 0o711 },
        { kind: 'database', path: '/x', mode: 0o640 },
      ],
    },
    too: ['data_folder_open'],
    mend: 'chmod 600 /x',
  },
  secret_file_open: { facts: file('secret_file', 0o604), mend: 'chmod 600 /x' },
  log_behind: { facts: log({ size: 11, lastAt: ago(MINUTE_MS + 1) }) },
  no_witness: { facts: settings({ witnesses: 'none' }) },
  witness_behind: { facts: log({ cosigned: 9, cosignedAt: ago(10 * MINUTE_MS + 1) }) },
  log_name_local: { facts: settings({ logName: 'cloakroom.localhost/log' }) },
  backup_missing: { facts: { backup: { newestAt: null } } },
  backup_old: { facts: { backup: { newestAt: ago(48 * HOUR_MS + 1) } } },
  tombstones_off: { facts: settings({ tombstones: false }) },
  clock_moved: { facts: { clock: { movedMs: -5_001, overMs: 1e6 } } },
  clock_behind_log: { facts: log({ lastAt: instant(NOW + 1_001) }) },
  node_ended: { facts: versions({ node: '22.1.0' }) },
  node_unkept: { facts: versions({ node: '25.0.0' }) },
  postgres_ended: { facts: versions({ postgres: '15.4 (Debian)' }) },
  sqlite_old: { facts: versions({ sqlite: '3.50.1' }) },
  schema_older: { facts: versions({ schema: 'older' }) },
  schema_newer: { facts: versions({ schema: 'newer' }) },
  few_open_files: { facts: { limits: { ...HEALTHY.limits, openFiles: 4_095 } } },
  disk_low: { facts: { limits: { ...HEALTHY.limits, freeDiskBytes: 2 * 2 ** 30 - 1 } } },
  development_reachable: {
    facts: settings({ environment: 'development', listens: PRIVATE }),
    too: ['metrics_reachable'],
  },
  listens_everywhere: { facts: settings({ listens: EVERYWHERE }), too: ['metrics_reachable'] },
  metrics_reachable: { facts: settings({ listens: PRIVATE }) },
  public_url_plain: { facts: settings({ publicUrl: 'http://vault.example.com' }) },
  smtp_plain: { facts: settings({ smtp: { host: '10.2.0.9', tls: 'none', reach: 'private' } }) },
  smtp_opportunistic: {
    facts: settings({ smtp: { host: 'mail.example.com', tls: 'opportunistic', reach: 'everywhere' } }),
  },
  database_plain: {
    facts: settings({ engine: 'postgres', database: { host: 'db', encrypted: false, reach: 'everywhere' } }),
  },
  own_networks_wide: { facts: settings({ ownNetworks: ['0.0.0.0/7'] }) },
  bootstrap_key_left: { facts: settings({ bootstrapKey: true }) },
  quota_off: { facts: tenant({ quotaPerDay: 1_000_001 }), mend: 'cloakroom tenant quota acme default' },
  law_unchecked: { facts: { law: { staleRules: ['a', 'b', 'c', 'd', 'e', 'f'] } } },
  advisory: {
    facts: {
      advisories: [
        { id: 'GHSA-1', name: 'pg', version: '8.1.0', severity: 'high', summary: 's', fixedIn: '8.1.1' },
      ],
    },
    mend: 'npm install pg@8.1.1, or a version of Cloakroom that brings it',
  },
}

/** The end of Node 22 and PostgreSQL 15 lies ahead of the other cases' moment. */
const LATE: Readonly<Record<string, Instant>> = {
  node_ended: instant(Date.parse('2027-05-01T00:00:00Z')),
  postgres_ended: instant(Date.parse('2027-11-12T00:00:00Z')),
}

function late(code: string, facts: Facts): Facts {
  const now = LATE[code]
  return now === undefined ? facts : { now, ...(facts.versions && { versions: facts.versions }) }
}

describe('every finding has a sick case that it finds and a healthy one that it leaves alone', () => {
  test('the well have no finding, and nothing is unseen', () => {
    expect(diagnose(HEALTHY)).toEqual({ findings: [], unseen: [] })
  })

  test('there is a case for each check, and no two checks share a code', () => {
    expect(Object.keys(SICK).toSorted()).toEqual(CHECKS.map(({ code }) => code).toSorted())
  })

  test.each(CHECKS.map((check) => [check.code, check] as const))('%s', (code, check) => {
    const { facts, too = [], mend = check.mend } = SICK[code] ?? { facts: {} }
    const { findings } = diagnose(late(code, { ...HEALTHY, ...facts }))
    expect(findings.map((finding) => finding.code).toSorted()).toEqual([code, ...too].toSorted())
    expect(findings.find((finding) => finding.code === code)).toMatchObject({
      severity: check.severity,
      mend,
    })
    expect(check.look(late(code, HEALTHY))).toEqual([])
  })

  test('what cannot be seen is said to be unseen and is no finding', () => {
    const { findings, unseen } = diagnose({ now: NOW, law: { staleRules: [] } })
    expect(findings).toEqual([])
    expect(unseen).not.toContain('law')
    expect(unseen).toHaveLength(9)
  })

  test('the gravest comes first, and a finding may have a severity of its own', () => {
    const low = { id: 'x', name: 'pg', version: '1.0.0', severity: 'low', summary: 's', fixedIn: undefined }
    const facts = { ...HEALTHY, ...rootKeyFile({ readableByOthers: true }), advisories: [low] } as Facts
    const { findings } = diagnose({ ...facts, settings: { ...SETTINGS, witnesses: 'none' } })
    expect(findings.map(({ severity }) => severity)).toEqual(['critical', 'medium', 'low'])
  })
})

test('docs/doctor.md lists every check as it is', () => {
  const page = readFileSync(join(import.meta.dirname, '../../../docs/doctor.md'), 'utf8')
  const rows = page.split('\n').filter((line) => /^\| `[a-z_]+` \|/.test(line))
  const shown = CHECKS.map(
    ({ code, severity, when, mend }) => `| \`${code}\` | ${severity} | ${when} | ${mend} |`,
  )
  expect(rows).toEqual(shown)
})
