import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { command as fsck } from '../../src/cli/fsck.ts'
import { command as keys } from '../../src/cli/keys.ts'
import { command as tenant } from '../../src/cli/tenant.ts'
import { Connection, mustSend } from '../proofs/p10-connection.ts'
import { ServiceProcess } from '../proofs/service-process.ts'
import { runCommand } from './run-command.ts'

const service = new ServiceProcess()
let connection: Connection
/** The platform credential of a second person. */
let second: string

beforeAll(async () => {
  await service.start()
  connection = new Connection(service)
  const { stdout } = await run(tenant, ['credential', 'default', '--label', 'privacy officer'])
  second = secretIn(stdout)
})
afterAll(() => {
  connection.close()
  service.discard()
})

const KEYS = () => service.env.CLOAKROOM_KEYS ?? ''

async function run(command: typeof keys, args: string[]) {
  return runCommand(command, service.env, ...args)
}

function secretIn(text: string): string {
  return /ck_default_\S+/.exec(text)?.[0] ?? ''
}

function call(key: string, path: string, body?: object) {
  return connection.send({ method: body ? 'POST' : 'GET', path, key, ...(body && { body }) })
}

async function credentialFiles(...secrets: string[]): Promise<string[]> {
  const paths = secrets.map((_, i) => join(service.dataFolder, `..`, `credential-${i}`))
  for (const [i, path] of paths.entries()) await writeFile(path, `${secrets[i]}\n`)
  return paths.flatMap((path) => ['--credential-file', path])
}

describe('a second platform credential', () => {
  test('is issued beside the running service, by whoever is at its machine, and stands in the log', async () => {
    expect(second).not.toBe('')
    expect((await call(second, '/v1/keys')).status).toBe(200)
    type Events = { items: { type: string; concerns?: string }[] }
    const { items } = await mustSend<Events>(connection, {
      method: 'GET',
      path: '/v1/events?limit=10',
      key: second,
    })
    expect(items.filter(({ type }) => type === 'credential.issued')).toHaveLength(2)
  })

  test('is refused for a tenant that is not there, and without a label', async () => {
    expect((await run(tenant, ['credential', 'nobody', '--label', 'x'])).exit).toBe('not_found')
    expect((await run(tenant, ['credential', 'default', '--label', ' '])).exit).toBe('invalid_request')
    expect((await run(tenant, ['credential', 'default'])).exit).toBe(2)
  })
})

test('a version of a tenant’s key is destroyed over HTTP by two credentials, and by one never', async () => {
  expect((await run(keys, ['rotate', 'note'])).exit).toBe(0)
  const first = service.platformKey
  const asked = JSON.parse((await call(first, '/v1/keys/destructions', { kind: 'note', version: 1 })).text)
  const approve = `/v1/keys/destructions/${asked.id}/approve`
  expect((await call(first, approve, {})).status).toBe(403)
  expect(JSON.parse((await call(second, approve, {})).text)).toMatchObject({ kind: 'note', version: 1 })
  expect(JSON.parse((await call(first, `/v1/keys/destructions/${asked.id}`)).text).approved_by).toMatch(
    /^key_/,
  )
  const { items } = JSON.parse((await call(first, '/v1/keys')).text)
  expect(items).toContainEqual(expect.objectContaining({ kind: 'note', version: 1, state: 'destroyed' }))
  expect((await call(first, '/v1/keys/destructions', { kind: 'note', version: 2 })).status).toBe(409)
})

describe('a root key', () => {
  let old: string
  beforeAll(async () => {
    old = JSON.parse(await readFile(join(KEYS(), 'root.key'), 'utf8')).key_id
    expect((await run(keys, ['rotate', 'root'])).exit).toBe(0)
  })

  test('that something needs is not destroyed, nor one that is not there', async () => {
    const two = await credentialFiles(service.platformKey, second)
    const now = JSON.parse(await readFile(join(KEYS(), 'root-2.key'), 'utf8')).key_id
    expect((await run(keys, ['destroy', 'root', now, ...two])).exit).toBe('state_conflict')
    expect((await run(keys, ['destroy', 'root', '0'.repeat(16), ...two])).exit).toBe('root_key_missing')
  })

  test('is not destroyed by one credential twice, by an unknown one, or by one alone', async () => {
    const twice = await credentialFiles(second, second)
    expect((await run(keys, ['destroy', 'root', old, ...twice])).exit).toBe('approval_own')
    const unknown = await credentialFiles(second, `${second.slice(0, -4)}aaaa`)
    expect((await run(keys, ['destroy', 'root', old, ...unknown])).exit).toBe('unauthenticated')
    expect((await run(keys, ['destroy', 'root', old, ...twice.slice(0, 2)])).exit).toBe(2)
    expect(await readdir(KEYS())).toContain('root.key.retired')
  })

  test('that is retired is destroyed by two, stands in the log, and the vault goes on', async () => {
    const two = await credentialFiles(service.platformKey, second)
    const { exit, stdout } = await run(keys, ['destroy', 'root', old, ...two])
    expect({ exit, stdout }).toMatchObject({ exit: 0, stdout: expect.stringContaining(old) })
    expect(await readdir(KEYS())).toEqual(['root-2.key'])
    const { items } = JSON.parse((await call(second, '/v1/events?limit=100')).text)
    expect(items.slice(-2).map(({ type, code }: Record<string, string>) => [type, code])).toEqual([
      ['key.destruction_asked', 'root'],
      ['key.destroyed', 'root'],
    ])
    await service.stop()
    expect((await run(fsck, [])).exit).toBe(0)
  })
})
