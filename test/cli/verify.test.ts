import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { command } from '../../src/cli/verify.ts'
import { parseTenantId } from '../../src/core/id.ts'
import type { TenantId } from '../../src/core/id.ts'
import { addSignatureLines, cosign } from '../../src/tlog/cosignature.ts'
import { ed25519Signer, formatVerifier } from '../../src/tlog/note.ts'
import { formatProof } from '../../src/tlog/proof-file.ts'
import { integrateLogs } from '../../src/vault/log/integrate.ts'
import { logVerifierKey } from '../../src/vault/log/signer.ts'
import { openWorld } from '../http/world.ts'
import type { World } from '../http/world.ts'
import { MadeLog } from './made-log.ts'
import { runCommand } from './run-command.ts'
import type { Outcome } from './run-command.ts'

const folder = mkdtempSync(join(tmpdir(), 'cloakroom-verify-'))
afterAll(() => rmSync(folder, { recursive: true }))

async function verify(...args: string[]): Promise<Outcome> {
  return runCommand(command, {}, ...args)
}

function write(name: string, content: string | Uint8Array): string {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}

const [alice, bob] = ['alice', 'bob'].map((name, i) =>
  ed25519Signer(`${name}.test/w`, 4, new Uint8Array(32).fill(40 + i)),
)
const vkeyOf = (signer = alice!) => formatVerifier(signer.verifier)

describe('a proof file', () => {
  const log = new MadeLog()
  const vkey = ['--vkey', log.vkey]
  let proof: string
  let leaf: string
  beforeAll(async () => {
    await log.grow(700)
    const note = await log.checkpoint()
    const checkpoint = addSignatureLines(note, await cosign(note, alice!, 1_700_000_000))
    proof = write('proof', formatProof({ index: 300, hashes: await log.inclusion(300), checkpoint }))
    leaf = write('leaf', log.leaf(300))
  })

  test('holds for its leaf, with the key as it is or in a file, and says where the leaf is', async () => {
    const key = write('vkey', `${log.vkey}\n`)
    for (const given of [log.vkey, key]) {
      const { exit, stdout } = await verify(proof, '--leaf', leaf, '--vkey', given)
      expect([exit, stdout]).toEqual([
        0,
        expect.stringContaining('in the log log.test/a, at 300 of 700 entries'),
      ])
    }
  })

  test('does not hold for another leaf, another key, a changed hash, or with too few witnesses', async () => {
    const other = write('other', log.leaf(301))
    const lines = readFileSync(proof, 'utf8').split('\n')
    const bent = write(
      'bent',
      [lines[0], lines[1], ...lines.slice(2, 4).toReversed(), ...lines.slice(4)].join('\n'),
    )
    const forger = new MadeLog('log.test/a', 9)
    expect(await verify(proof, '--leaf', other, ...vkey)).toMatchObject({
      exit: 1,
      stdout: expect.stringContaining('does not show that this leaf'),
    })
    expect(await verify(bent, '--leaf', leaf, ...vkey)).toMatchObject({ exit: 1 })
    expect(await verify(proof, '--leaf', leaf, '--vkey', forger.vkey)).toMatchObject({
      exit: 1,
      stdout: expect.stringContaining('not signed by this log'),
    })
    expect(await verify(leaf, '--leaf', leaf, ...vkey)).toMatchObject({
      exit: 1,
      stdout: expect.stringContaining('not a proof'),
    })
    const both = ['--witness', vkeyOf(), '--witness', vkeyOf(bob)]
    expect(await verify(proof, '--leaf', leaf, ...vkey, '--witness', vkeyOf())).toMatchObject({ exit: 0 })
    expect(await verify(proof, '--leaf', leaf, ...vkey, ...both, '--quorum', '1')).toMatchObject({ exit: 0 })
    expect(await verify(proof, '--leaf', leaf, ...vkey, ...both)).toMatchObject({
      exit: 1,
      stdout: expect.stringContaining('Too few of the witnesses'),
    })
  })

  test('as JSON', async () => {
    const { exit, stdout } = await verify(proof, '--leaf', leaf, ...vkey, '--json')
    expect(exit).toBe(0)
    expect(JSON.parse(stdout)).toEqual({
      ok: true,
      kind: 'proof',
      index: 300,
      origin: 'log.test/a',
      size: 700,
      root: expect.stringMatching(/^[A-Za-z0-9+/]{43}=$/),
      cosignatures: 0,
      quorum: 0,
      findings: [],
    })
  })

  test('a call that cannot be understood exits with 2, one that cannot be done names why', async () => {
    const calls = [
      [],
      [proof],
      ['--vkey', log.vkey],
      [proof, proof, ...vkey],
      [proof, '--log', 'x', ...vkey],
      [proof, ...vkey, '--quorum', '1'],
      [proof, ...vkey, '--witness', vkeyOf(), '--quorum', '0'],
      [proof, ...vkey, '--save', 'x'],
      ['--log', 'x', '--leaf', leaf, ...vkey],
      [proof, ...vkey, '--nonsense'],
    ]
    for (const args of calls) {
      const { exit, stderr } = await verify(...args)
      expect([exit, stderr.includes('Usage: cloakroom verify')], args.join(' ')).toEqual([2, true])
    }
    expect(await verify(proof, ...vkey)).toMatchObject({ exit: 'invalid_request' })
    expect(await verify(proof, '--leaf', leaf, '--vkey', 'nonsense')).toMatchObject({
      exit: 'config_invalid',
    })
    expect(await verify(proof, '--leaf', leaf, '--vkey', vkeyOf())).toMatchObject({ exit: 'config_invalid' })
    const twice = ['--witness', vkeyOf(), '--witness', vkeyOf()]
    expect(await verify(proof, '--leaf', leaf, ...vkey, ...twice)).toMatchObject({ exit: 'config_invalid' })
    const many = ['--witness', vkeyOf(), '--quorum', '2']
    expect(await verify(proof, '--leaf', leaf, ...vkey, ...many)).toMatchObject({ exit: 'config_invalid' })
    await expect(verify(join(folder, 'nowhere'), ...vkey)).rejects.toThrow('ENOENT')
  })
})

describe('a whole log', () => {
  test('is kept with --save, held against --earlier, and a fork of it is refused and not kept', async () => {
    const log = await new MadeLog().grow(700)
    const place = join(folder, 'log')
    await log.writeTo(place)
    const kept = join(folder, 'kept')
    const args = ['--log', place, '--vkey', log.vkey, '--save', kept]
    expect(await verify(...args)).toMatchObject({ exit: 0, stdout: expect.stringContaining('700 entries') })
    expect(readFileSync(kept, 'utf8')).toBe(await log.checkpoint())
    await (await log.grow(600)).writeTo(place)
    expect(await verify(...args, '--earlier', kept)).toMatchObject({ exit: 0 })
    expect(readFileSync(kept, 'utf8')).toBe(await log.checkpoint())
    const fork = await (await new MadeLog().grow(1_299)).grow(10, 'other ')
    await fork.writeTo(place)
    const refused = await verify(...args, '--earlier', kept, '--json')
    expect(refused.exit).toBe(1)
    expect(JSON.parse(refused.stdout)).toMatchObject({ ok: false, findings: [{ code: 'forked' }] })
    expect(readFileSync(kept, 'utf8')).toBe(await log.checkpoint())
  })

  test('nothing is kept of a log that does not hold', async () => {
    const log = await new MadeLog().grow(300)
    const place = join(folder, 'damaged')
    await log.writeTo(place)
    writeFileSync(join(place, 'tile/0/000'), new Uint8Array(8_192))
    const kept = join(folder, 'not-kept')
    const { exit, stdout } = await verify('--log', place, '--vkey', log.vkey, '--save', kept)
    expect([exit, existsSync(kept)]).toEqual([1, false])
    expect(stdout).toBe(
      'This does not hold:\n' +
        '- Tile 1/000.p/1: A part of the tree does not follow from the level below it.\n' +
        '- The leaves give another root than the checkpoint that the log signed.\n',
    )
  })
})

describe('what a running service gives out', () => {
  let world: World
  let vkey: string
  let subject: string
  const tenant = parseTenantId('default') as TenantId
  beforeAll(async () => {
    world = await openWorld()
    const customer = await world.addCustomer('u-1')
    subject = customer.subject
    for (const _ of [1, 2, 3]) {
      const items = [{ key: 'k', token: customer.tokens.name }]
      await world.ok(world.shop.credential, '/v1/mask', { items })
    }
    await integrateLogs(world.vault)
    vkey = await logVerifierKey(world.vault, tenant)
  })
  afterAll(() => world.close())

  const evidence = async () => (await world.ok(world.platform, `/v1/subjects/${subject}/evidence`)).body

  test('the whole log over HTTP', async () => {
    const server = createServer((request, response) => {
      void (async () => {
        const answer = await world.app.request(`https://vault.test${request.url}`)
        response.statusCode = answer.status
        response.end(Buffer.from(await answer.arrayBuffer()))
      })()
    })
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as { port: number }
    const url = `http://127.0.0.1:${port}/log/default`
    expect(await verify('--log', url, '--vkey', vkey)).toMatchObject({ exit: 0 })
    server.close()
  })

  test('an event’s proof and leaf', async () => {
    const { items } = (await world.ok(world.platform, '/v1/events?limit=100')).body as {
      items: { id: string }[]
    }
    const { id } = items[3]!
    const proof = write('p', (await world.ok(world.platform, `/v1/events/${id}/proof`)).text)
    const leaf = write('l', (await world.ok(world.platform, `/v1/events/${id}/leaf`)).text)
    expect(await verify(proof, '--leaf', leaf, '--vkey', vkey)).toMatchObject({ exit: 0 })
  })

  test('a person’s evidence holds, later evidence holds against earlier', async () => {
    const first = write('first.json', JSON.stringify(await evidence()))
    const second = write('second.json', JSON.stringify(await evidence()))
    expect(await verify(first, '--vkey', vkey)).toMatchObject({
      exit: 0,
      stdout: expect.stringContaining('none left out'),
    })
    expect(await verify(second, '--vkey', vkey, '--earlier', first)).toMatchObject({ exit: 0 })
    const back = await verify(first, '--vkey', vkey, '--earlier', second, '--json')
    expect(JSON.parse(back.stdout).findings.map(({ code }: { code: string }) => code)).toEqual([
      'earlier_row_missing',
      'rolled_back',
    ])
  })

  test('evidence with a row left out, changed, or of another is found out, each with its sentence', async () => {
    const whole = await evidence()
    const without = { ...whole, entries: whole.entries.slice(0, -1) }
    const twice = { ...whole, entries: [...whole.entries.slice(0, -1), whole.entries[0]] }
    const renamed = { ...whole, subject: subject.replace(/.$/, (last) => (last === '0' ? '1' : '0')) }
    const [changed] = [structuredClone(whole)]
    changed.entries[0].leaf = Buffer.from('cloakroom-event/1\n{}').toString('base64')
    for (const [i, bundle] of [without, twice, renamed, changed].entries()) {
      const file = write(`bad-${i}.json`, JSON.stringify(bundle))
      const { exit, stdout } = await verify(file, '--vkey', vkey)
      expect(exit).toBe(1)
      expect(stdout).toMatch(/^This does not hold:\n(- [^\n]+\.\n)+$/)
    }
  })

  test('earlier evidence that somebody made up, or of another person, proves nothing', async () => {
    const whole = await evidence()
    const now = write('now.json', JSON.stringify(whole))
    const madeUp = write('made-up.json', JSON.stringify({ ...whole, entries: [] }))
    expect(await verify(now, '--vkey', vkey, '--earlier', madeUp)).toMatchObject({
      exit: 1,
      stdout: expect.stringContaining('does not hold by itself'),
    })
    const other = (await world.addCustomer('u-2')).subject
    await integrateLogs(world.vault)
    const bundle = (await world.ok(world.platform, `/v1/subjects/${other}/evidence`)).body
    const another = write('another.json', JSON.stringify(bundle))
    expect(await verify(now, '--vkey', vkey, '--earlier', another)).toMatchObject({
      exit: 1,
      stdout: expect.stringContaining('about another person'),
    })
    const none = write('none.json', '{}')
    expect(await verify(now, '--vkey', vkey, '--earlier', none)).toMatchObject({ exit: 'invalid_request' })
  })

  test('evidence asks for witnesses where they are named', async () => {
    const file = write('witnessed.json', JSON.stringify(await evidence()))
    expect(await verify(file, '--vkey', vkey, '--witness', vkeyOf())).toMatchObject({
      exit: 1,
      stdout: expect.stringContaining('Too few of the witnesses'),
    })
  })
})
