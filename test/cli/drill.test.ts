import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { Socket } from 'node:net'
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { command as init } from '../../src/cli/init.ts'
import { command as keys } from '../../src/cli/keys.ts'
import { readDrillOrder } from '../../src/cli/drill/options.ts'
import { openDataFolder } from '../../src/runtime/node/data-folder.ts'
import { openChannels } from '../../src/runtime/node/channels/open-channels.ts'
import { readConfig } from '../../src/runtime/node/config.ts'
import { playOn } from '../../src/runtime/node/drill/drill.ts'
import type { DrillOrder, RealCase } from '../../src/runtime/node/drill/order.ts'
import { Papers } from '../../src/runtime/node/drill/paper.ts'
import type { Post } from '../../src/runtime/node/drill/silent-channels.ts'
import { serve } from '../../src/runtime/node/serve.ts'
import { LAUNCHER } from '../../scripts/demo/service.ts'
import { needlesOf, searchBytes, searchFolder } from '../../scripts/demo/search.ts'
import { startMailServer } from '../runtime/channels/mail-server.ts'
import {
  fillVault,
  hashesIn,
  leftIn,
  makePlace,
  run,
  runDrill,
  wordsOfAll,
  writeShares,
} from './drill-vault.ts'

/** Each kind, and what a suspect who can try again is told once it is contained. */
const KINDS = [
  ['credential_leak', '401 unauthenticated'],
  ['insider', 'denied contained'],
  ['lost_handheld', 'denied contained'],
  ['copied_store', undefined],
] as const

function countWithheld(stdout: string): number {
  return Number(/(\d+) messages held back/.exec(stdout)?.[1])
}

test.each(KINDS)(
  'a drill of %s is played to its close, and finds those whom it made up',
  async (kind, refusal) => {
    const place = makePlace()
    const out = place.at('out')
    const { exit, stdout, stderr } = await runDrill(place, '--kind', kind, '--persons', '60', '--out', out)
    expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' })
    expect(stdout).toMatch(/made up {4}\d+ persons: found to the last one/)
    expect(stdout).toContain('who wrote it tries first: 403')
    expect(stdout).toMatch(/\n12 {2}Close .*\n {4}closed/)
    expect(/tries again: (.*)/.exec(stdout)?.[1]).toBe(refusal)
    expect(countWithheld(stdout)).toBeGreaterThan(10)
    const report = JSON.parse(readFileSync(join(out, 'report.json'), 'utf8'))
    expect(report.incident).toMatchObject({ kind, title: expect.stringMatching(/^DRILL/) })
    expect(readFileSync(join(out, 'report.pdf')).subarray(0, 5).toString()).toBe('%PDF-')
    expect(readFileSync(join(out, 'report.html'), 'utf8')).toContain('DRILL')
    expect(stdout.startsWith(readFileSync(join(out, 'transcript.txt'), 'utf8'))).toBe(true)
    const letters = readdirSync(out).filter((name) => name.startsWith('letter-persons-EU-'))
    expect(letters).toContain('letter-persons-EU-en.txt')
  },
)

test('what was noticed days ago is said to be late, by how much; what was noticed now is not', async () => {
  const fiveDaysAgo = new Date(Date.now() - 5 * 86_400_000).toISOString()
  const late = await runDrill(makePlace(), '--persons', '60', '--aware', fiveDaysAgo)
  expect(late.stdout).toMatch(/eu-gdpr-33-1 +authority +\S+ +2 d 0? ?.*\n/)
  expect(late.stdout).toMatch(/Had it been real, \d+ clocks of the law would have been missed/)
  const now = await runDrill(makePlace(), '--persons', '60')
  expect(now.stdout).toContain('no clock of the law would have been missed')
})

test('the data folder that it is played on stays as it was, byte for byte', async () => {
  const place = makePlace()
  const { credential, touched } = await fillVault(place)
  const before = hashesIn(place.data)
  const keysBefore = hashesIn(place.keys)
  const done = await runDrill(place, '--data', place.data, '--credential', credential)
  expect(done).toMatchObject({ exit: 0, stderr: '' })
  expect(done.stdout).toContain(`persons    ${touched}\n`)
  expect(hashesIn(place.data)).toEqual(before)
  expect(hashesIn(place.keys)).toEqual(keysBefore)
})

test('negative control: the same play on the folder itself changes it', async () => {
  const place = makePlace()
  const { credential } = await fillVault(place)
  const before = hashesIn(place.data)
  await playOn(
    readConfig(place.env),
    orderOn(place.data, credential),
    realOn(place.data, credential),
    await Papers.in(undefined),
    () => {},
  )
  expect(hashesIn(place.data)).not.toEqual(before)
})

function realOn(folder: string, credential: string): RealCase {
  const suspects = { credentials: [credential] }
  return { folder, tenant: undefined, suspects, from: undefined, to: undefined, shareFiles: [] }
}

function orderOn(folder: string, credential: string): DrillOrder {
  const on = realOn(folder, credential)
  return { kind: 'credential_leak', aware: undefined, out: undefined, on }
}

/** How often this process has begun a connection. The folder's own control socket is asked for: it is a path, not a host. */
function watchConnections(): () => number {
  const connect = vi.spyOn(Socket.prototype, 'connect')
  onTestFinished(() => connect.mockRestore())
  return () => connect.mock.calls.filter((call) => !JSON.stringify(call).includes('control.sock')).length
}

async function withMailServer() {
  const server = await startMailServer()
  onTestFinished(() => server.stop())
  const more = {
    CLOAKROOM_SMTP_URL: `smtp://127.0.0.1:${server.port}?tls=none`,
    CLOAKROOM_MAIL_FROM: 'privacy@vault.example',
  }
  return { server, place: makePlace(more) }
}

test('no message leaves and no connection is opened, where a mail server is set up and waits', async () => {
  const { server, place } = await withMailServer()
  const { credential, touched } = await fillVault(place)
  const connections = watchConnections()
  const done = await runDrill(place, '--data', place.data, '--credential', credential)
  expect(countWithheld(done.stdout)).toBeGreaterThan(touched)
  expect({ mails: server.mails.length, there: server.connections(), here: connections() }).toEqual({
    mails: 0,
    there: 0,
    here: 0,
  })
})

test('negative control: the same play with the channels of the configuration sends', async () => {
  const { server, place } = await withMailServer()
  const { credential, touched } = await fillVault(place)
  const connections = watchConnections()
  const config = readConfig(place.env)
  const post: Post = { channels: openChannels(config.channels), withheld: [] }
  const papers = await Papers.in(undefined)
  await playOn(
    config,
    orderOn(place.data, credential),
    realOn(place.data, credential),
    papers,
    () => {},
    post,
  )
  await post.channels.close()
  expect(server.mails.length).toBeGreaterThan(touched)
  expect(connections()).toBeGreaterThan(0)
})

test('nothing of a person is printed or written', async () => {
  const place = makePlace()
  const { credential } = await fillVault(place)
  const out = place.at('out')
  const { stdout } = await runDrill(place, '--data', place.data, '--credential', credential, '--out', out)
  const needles = wordsOfAll().flatMap(needlesOf)
  expect(searchBytes('transcript', Buffer.from(stdout), needles)).toEqual([])
  expect(searchFolder(out, needles).hits).toEqual([])
  // The control: one word of one person is found wherever it stands.
  writeFileSync(join(out, 'planted.txt'), `for ${wordsOfAll()[3]}`)
  expect(searchFolder(out, needles).hits).toHaveLength(1)
})

test('a folder that a service holds is copied while it serves, and its log does not grow', async () => {
  const place = makePlace()
  const { credential, touched, platformKey } = await fillVault(place)
  const service = await serve(readConfig({ ...place.env, PORT: '0' }))
  onTestFinished(() => service.stop())
  const from = new Date().toISOString()
  const done = await runDrill(place, '--data', place.data, '--credential', credential)
  expect(done).toMatchObject({ exit: 0, stderr: '' })
  expect(done.stdout).toContain(`persons    ${touched}\n`)
  const headers = { authorization: `Bearer ${platformKey}` }
  const answer = await fetch(`${service.address}/v1/events?from=${from}`, { headers })
  expect(await answer.json()).toEqual({ items: [], next_cursor: null })
})

test('a folder that something else holds is refused', async () => {
  const place = makePlace()
  const { credential } = await fillVault(place)
  const held = openDataFolder(place.data)
  onTestFinished(() => held.release())
  const done = await runDrill(place, '--data', place.data, '--credential', credential)
  expect(done.exit).toBe('data_folder_in_use')
})

test('a sealed root key asks for its passphrase, and one in shares for enough of them', async () => {
  const sealed = makePlace({ CLOAKROOM_ENV: 'production' })
  writeFileSync(sealed.at('passphrase'), 'correct horse battery\n', { mode: 0o600 })
  await run(keys, sealed.env, 'init', '--passphrase-file', sealed.at('passphrase'))
  const withIt = { ...sealed, env: { ...sealed.env, CLOAKROOM_PASSPHRASE_FILE: sealed.at('passphrase') } }
  const { credential } = await fillVault(withIt)
  const args = ['--data', sealed.data, '--credential', credential]
  expect((await runDrill(sealed, ...args)).exit).toBe('passphrase_required')
  expect((await runDrill(withIt, ...args)).exit).toBe(0)

  const shared = makePlace({ CLOAKROOM_ENV: 'production' })
  const { stdout } = await run(keys, shared.env, 'init', '--shares', '3', '--threshold', '2')
  const shares = stdout.match(/cks1-\S+/g) ?? []
  const [first = '', second = ''] = writeShares(shared, shares)
  const other = await fillVault(shared, shares.slice(0, 2))
  const call = ['--data', shared.data, '--credential', other.credential]
  expect((await runDrill(shared, ...call)).exit).toBe('shares_missing')
  expect((await runDrill(shared, ...call, '--share-file', first)).exit).toBe('shares_missing')
  expect((await runDrill(shared, ...call, '--share-file', first, '--share-file', second)).exit).toBe(0)
})

test('what cannot be played says so: no such credential, nobody touched, no vault, no such tenant, a folder with something in it', async () => {
  const place = makePlace()
  const { credential } = await fillVault(place)
  const { data } = place
  const unknown = await runDrill(place, '--data', data, '--credential', 'key_06h15vg614vcrc2wzrwtcr1c0c')
  expect(unknown).toMatchObject({
    exit: 'invalid_request',
    stderr: expect.stringContaining('/suspects/credentials/0 unknown'),
  })
  const window = ['--from', '2020-01-01T00:00:00Z', '--to', '2020-01-02T00:00:00Z']
  const nobody = await runDrill(place, '--data', data, '--credential', credential, ...window)
  expect(nobody).toMatchObject({
    exit: 'invalid_request',
    stderr: expect.stringContaining('nobody is touched'),
  })
  const copied = await runDrill(place, '--data', data, '--kind', 'copied_store', '--credential', credential)
  expect(copied).toMatchObject({ exit: 'invalid_request', stderr: expect.stringContaining('--key-version') })
  expect((await runDrill(place, '--data', place.at('nowhere'), '--credential', credential)).exit).toBe(
    'not_found',
  )
  const named = ['--data', data, '--credential', credential, '--tenant', 'acme']
  expect((await runDrill(place, ...named)).exit).toBe('not_found')
  mkdirSync(place.at('full'))
  writeFileSync(place.at('full/letter.txt'), 'mine')
  expect((await runDrill(place, '--out', place.at('full'))).exit).toBe('folder_not_empty')
  const damaged = makePlace()
  await run(init, damaged.env)
  writeFileSync(join(damaged.data, 'cloakroom.sqlite'), 'no database')
  expect((await runDrill(damaged, '--data', damaged.data, '--credential', credential)).exit).toBe(
    'database_unreadable',
  )
})

test('a call that cannot be understood does nothing and exits with 2', async () => {
  const wrong = [
    ['--kind', 'earthquake'],
    ['--persons', '3'],
    ['--persons', 'many'],
    ['--aware', 'Friday'],
    ['--aware', '2999-01-01T00:00:00Z'],
    ['--credential', 'key_1'],
    ['--data', 'd'],
    ['--data', 'd', '--from', '2026-01-01T00:00:00Z'],
    ['--data', 'd', '--persons', '60', '--party', 'mer_1'],
    ['--data', 'd', '--party', 'm', '--from', '2026-01-02T00:00:00Z', '--to', '2026-01-01T00:00:00Z'],
    ['--data', 'd', '--key-version', '0'],
    ['--loud'],
  ]
  for (const args of wrong) {
    expect(readDrillOrder(args), args.join(' ')).toBeTypeOf('string')
    expect((await runDrill(makePlace(), ...args)).exit).toBe(2)
  }
})

test('nothing of it is left in the temporary folder: after its end, after a refusal, after an interruption', async () => {
  const place = makePlace()
  const { credential } = await fillVault(place)
  mkdirSync(place.at('tmp'))
  const env = { ...process.env, ...place.env, TMPDIR: place.at('tmp') }
  const begin = (...args: string[]) =>
    spawn(process.execPath, [LAUNCHER, 'drill', ...args], { env, stdio: 'ignore' })
  const call = ['--data', place.data, '--credential', credential]
  for (const [args, code] of [
    [call, 0],
    [[...call, '--tenant', 'acme'], 1],
  ] as const) {
    expect(await once(begin(...args), 'exit')).toEqual([code, null])
    expect(leftIn(place.at('tmp'))).toEqual([])
  }
  const interrupted = begin('--persons', '5000')
  await vi.waitUntil(() => leftIn(place.at('tmp')).length === 1, { timeout: 60_000, interval: 20 })
  interrupted.kill('SIGTERM')
  await once(interrupted, 'exit')
  expect(leftIn(place.at('tmp'))).toEqual([])
})
