import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { readConfig } from '../../src/runtime/node/config.ts'
import { ROOT, environmentOf, read, unitEnvironment, unknownSettings } from './facts.ts'

type Service = {
  image: string
  build?: { context: string; dockerfile: string }
  environment: Record<string, string>
  secrets: string[]
  volumes: string[]
  networks: string[]
  ports?: string[]
  tmpfs?: string[]
  read_only?: boolean
  cap_drop?: string[]
  healthcheck?: unknown
  depends_on?: Record<string, { condition: string }>
  stop_grace_period: string
}
type Compose = {
  services: Record<'vault' | 'postgres', Service>
  volumes: Record<string, unknown>
  networks: Record<string, { internal?: boolean } | null>
  secrets: Record<string, { file: string }>
}

const compose = parse(read('deploy/compose.yaml')) as Compose
const { vault, postgres } = compose.services
const IMAGE = environmentOf(read('deploy/Dockerfile'))

describe('the compose file', () => {
  test('sets what the service reads, over what the image sets', () => {
    expect(unknownSettings(Object.keys(vault.environment))).toEqual([])
    const { CLOAKROOM_DATABASE_URL_FILE: _, ...plain } = vault.environment
    const given = {
      ...IMAGE,
      ...plain,
      CLOAKROOM_PUBLIC_URL: 'https://v.test',
      CLOAKROOM_LOG_NAME: 'v.test/log',
    }
    const config = readConfig(given)
    // What is mounted: the keys in a volume that stays, the socket in memory that does not.
    expect(vault.volumes.map((volume) => volume.split(':')[1])).toContain(
      config.rootKeyFile.replace(/\/keys\/root\.key$/, ''),
    )
    expect(config.dataFolder.startsWith(`${vault.tmpfs?.[0]}/`)).toBe(true)
    expect(vault.ports).toEqual([`127.0.0.1:${config.port}:${config.port}`])
  })

  test('names secrets, volumes, networks and files that there are', () => {
    for (const service of [vault, postgres]) {
      expect(Object.keys(compose.secrets)).toEqual(expect.arrayContaining(service.secrets))
      expect(Object.keys(compose.networks)).toEqual(expect.arrayContaining(service.networks))
      const files = Object.values(service.environment).filter((value) => value.startsWith('/run/secrets/'))
      expect(service.secrets).toEqual(
        expect.arrayContaining(files.map((file) => file.replace('/run/secrets/', ''))),
      )
      const [mounted, named] = [
        service.volumes.filter((volume) => volume.startsWith('./')),
        service.volumes.filter((volume) => !volume.startsWith('./')),
      ]
      expect(Object.keys(compose.volumes)).toEqual(
        expect.arrayContaining(named.map((volume) => volume.split(':')[0])),
      )
      for (const volume of mounted)
        expect(existsSync(join(ROOT, 'deploy', volume.split(':')[0] ?? ''))).toBe(true)
    }
    expect(existsSync(join(ROOT, 'deploy', vault.build?.context ?? '', vault.build?.dockerfile ?? ''))).toBe(
      true,
    )
  })

  test('holds no secret, and git does not take the files that do', () => {
    const files = Object.values(compose.secrets).map(({ file }) => file)
    expect(files.filter((file) => !file.startsWith('./secrets/'))).toEqual([])
    expect(read('.gitignore').split('\n')).toContain('deploy/secrets/')
    expect(read('deploy/compose.yaml')).not.toMatch(/postgres(ql)?:\/\/|ck_[a-z]/)
  })

  test('leaves the vault no right that it does not need, and the database to the vault', () => {
    expect([vault.read_only, vault.cap_drop, postgres.ports]).toEqual([true, ['ALL'], undefined])
    expect(postgres.networks.map((name) => compose.networks[name]?.internal)).toEqual([true])
    expect(vault.depends_on?.['postgres']?.condition).toBe('service_healthy')
    expect(postgres.healthcheck).toBeDefined()
  })

  test('gives the vault longer to stop than it gives the requests under way', () => {
    const [, drainMs] = /DRAIN_MS = ([\d_]+)/.exec(read('src/runtime/node/serve.ts')) ?? []
    expect(Number.parseInt(vault.stop_grace_period, 10) * 1000).toBeGreaterThan(
      Number(drainMs?.replaceAll('_', '')),
    )
  })

  test('takes a PostgreSQL that the vault takes', () => {
    const [, major] = /postgres:(\d+)/.exec(postgres.image) ?? []
    const [, oldest] = /OLDEST_SERVER = ([\d_]+)/.exec(read('src/runtime/postgres-server.ts')) ?? []
    expect(Number(major) * 10_000).toBeGreaterThanOrEqual(Number(oldest?.replaceAll('_', '')))
  })
})

describe('the systemd unit', () => {
  const unit = read('deploy/cloakroom.service')

  test('sets what the service reads, and starts what there is', () => {
    const environment = unitEnvironment(unit)
    expect(unknownSettings(Object.keys(environment))).toEqual([])
    const config = readConfig(environment)
    expect(config.environment).toBe('production')
    const [, state] = /^StateDirectory=(.+)$/m.exec(unit) ?? []
    for (const path of [config.dataFolder, config.rootKeyFile]) expect(path).toContain(`/var/lib/${state}/`)
    const [, entry] = /^ExecStart=\/usr\/bin\/node \/opt\/cloakroom\/(\S+) serve$/m.exec(unit) ?? []
    expect(existsSync(join(ROOT, entry ?? 'none'))).toBe(true)
  })

  test('hands over the passphrase that it loads', () => {
    const [, loaded] = /^LoadCredential=([^:]+):/m.exec(unit) ?? []
    expect(unitEnvironment(unit)['CLOAKROOM_PASSPHRASE_FILE']).toBe(`%d/${loaded}`)
  })
})
