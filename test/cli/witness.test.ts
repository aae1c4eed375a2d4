import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { request as httpRequest } from 'node:http'
import type { IncomingMessage } from 'node:http'
import { chmodSync, mkdirSync, readFileSync, readdirSync, rmdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { MAX_BODY_BYTES } from '../../src/cli/witness/server.ts'
import { originHash } from '../../src/cli/witness/state.ts'
import { parseCheckpoint } from '../../src/tlog/checkpoint.ts'
import { addSignatureLines, verifyCosignature } from '../../src/tlog/cosignature.ts'
import { parseNote, parseVerifier } from '../../src/tlog/note.ts'
import { recordingEnded, whyNoRecording } from '../proofs/p01-p03-strace.ts'
import { MadeLog } from './made-log.ts'
import { FORGETFUL, WITNESS, WitnessProcess } from './witness-process.ts'

/** Is gone with its test, however that ends. */
function forThisTest(witness: WitnessProcess): WitnessProcess {
  onTestFinished(() => witness.discard())
  return witness
}

const sizeOf = (note = '') => parseCheckpoint(parseNote(note)?.text ?? '')?.size

describe('the answers of c2sp.org/tlog-witness', () => {
  const log = new MadeLog('log.test/answers', 1)
  const untouched = new MadeLog('log.test/untouched', 2)
  const witness = new WitnessProcess([log.vkey, untouched.vkey])
  beforeAll(async () => {
    await log.grow(300)
    await untouched.grow(10)
    await witness.start()
    expect((await witness.add(await log.request(0, 200))).status).toBe(200)
  })
  afterAll(() => witness.discard())

  async function answer(body: string) {
    const response = await witness.add(body)
    return {
      status: response.status,
      type: response.headers.get('content-type'),
      body: await response.text(),
    }
  }

  test('200: the line is a cosignature of the checkpoint, of now, by the key that keygen printed', async () => {
    const body = await untouched.request(0)
    const before = Math.floor(Date.now() / 1000)
    const { status, body: line } = await answer(body)
    expect(status).toBe(200)
    const at = verifyCosignature(
      addSignatureLines(await untouched.checkpoint(), line),
      parseVerifier(witness.vkey)!,
    )
    expect(at).toBeGreaterThanOrEqual(before)
    expect(at).toBeLessThanOrEqual(Date.now() / 1000)
  })

  test('200 again for the same checkpoint, from its own size', async () => {
    expect((await answer(await log.request(200, 200))).status).toBe(200)
  })

  test('404 for a log that it does not watch', async () => {
    const strange = await new MadeLog('log.test/strange', 1).grow(1)
    expect(await answer(await strange.request(0))).toMatchObject({ status: 404 })
  })

  test('403 for another key under the name of a log', async () => {
    const forger = await new MadeLog('log.test/answers', 9).grow(300)
    expect(await answer(await forger.request(200))).toMatchObject({ status: 403 })
  })

  test('409 with the size that it has, in the type that says so', async () => {
    for (const oldSize of [0, 199, 201]) {
      expect(await answer(await log.request(oldSize))).toEqual({
        status: 409,
        type: 'text/x.tlog.size',
        body: '200\n',
      })
    }
  })

  test('409 for a smaller tree: the log was rolled back', async () => {
    expect(await answer(await log.request(100, 150))).toMatchObject({ status: 409, body: '200\n' })
  })

  test('409 for another root at the same size, and the note is in its log', async () => {
    const fork = await new MadeLog('log.test/answers', 1).grow(200, 'other ')
    expect(await answer(await fork.request(200))).toMatchObject({ status: 409, body: '200\n' })
    expect(witness.stderr).toContain(JSON.stringify(await fork.checkpoint()).slice(1, -1))
  })

  test('422 for a fork further on, and for a proof in which one bit differs', async () => {
    const fork = await new MadeLog('log.test/answers', 1).grow(300, 'other ')
    expect(await answer(await fork.request(200))).toMatchObject({ status: 422 })
    const lines = (await log.request(200)).split('\n')
    const hash = Buffer.from(lines[1]!, 'base64')
    hash[0]! ^= 1
    lines[1] = hash.toString('base64')
    expect(await answer(lines.join('\n'))).toMatchObject({ status: 422 })
  })

  test('422 for a proof where none belongs, from nothing', async () => {
    const body = await untouched.request(10)
    const grown = await new MadeLog('log.test/untouched', 2).grow(20)
    const extra = (await grown.request(10)).replace('\n\n', `\n${'A'.repeat(43)}=\n\n`)
    expect((await answer(body)).status).toBe(200)
    expect((await answer(extra)).status).toBe(422)
  })

  test('400 for an old size above the checkpoint’s, and for whatever is no request', async () => {
    const good = await log.request(200)
    const bad = [
      good.replace('old 200', 'old 301'),
      good.replace('old 200', 'old 0200'),
      good.replace('old 200', 'old -1'),
      good.replace('old 200', 'Old 200'),
      good.replace('\n\n', '\n'),
      good.slice(0, -1),
      `old 200\n${`${'A'.repeat(43)}=\n`.repeat(64)}\n${await log.checkpoint()}`,
      '',
      '\n\n',
      'old 0\n\n',
    ]
    for (const body of bad) expect(await answer(body), body).toMatchObject({ status: 400 })
    const bytes = await fetch(`${witness.url}/add-checkpoint`, {
      method: 'POST',
      body: new Uint8Array([0xff]),
    })
    expect(bytes.status).toBe(400)
  })

  test('413 above the limit, with and without a length', async () => {
    expect(await answer('x'.repeat(MAX_BODY_BYTES + 1))).toMatchObject({ status: 413 })
    const streamed = httpRequest(`${witness.url}/add-checkpoint`, { method: 'POST' })
    // The rest of what is sent may meet a closed connection.
    streamed.on('error', () => undefined)
    for (let sent = 0; sent <= MAX_BODY_BYTES; sent += 8_192) streamed.write('x'.repeat(8_192))
    const [response] = (await once(streamed, 'response')) as [IncomingMessage]
    expect(response.statusCode).toBe(413)
    streamed.destroy()
  })

  test('other paths are not there, other methods not allowed', async () => {
    const ask = async (path: string, method = 'GET') => {
      const { status, headers } = await fetch(`${witness.url}${path}`, { method })
      return [status, headers.get('allow')]
    }
    expect(await ask('/add-checkpoint')).toEqual([405, 'POST'])
    expect(await ask('/vkey', 'DELETE')).toEqual([405, 'GET, HEAD'])
    for (const path of [
      '/',
      '/checkpoint/',
      `/checkpoint/${'0'.repeat(64)}`,
      '/add-checkpoint/',
      '/nonsense',
    ])
      expect(await ask(path), path).toEqual([404, null])
    expect(await ask('/vkey', 'HEAD')).toEqual([200, null])
  })

  test('shows the latest checkpoint that it cosigned, with the log’s signature and its own alone', async () => {
    const stranger = new MadeLog('log.test/stranger', 5)
    const note = (await log.checkpoint()).concat(
      (await signedBy(stranger, await log.checkpoint())).split('\n\n')[1]!,
    )
    const body = `${(await log.request(200)).split('\n\n')[0]}\n\n${note}`
    expect((await answer(body)).status).toBe(200)
    const shown = (await witness.latest('log.test/answers'))!
    expect(sizeOf(shown)).toBe(300)
    expect(parseNote(shown)!.signatures.map(({ name }) => name)).toEqual(['log.test/answers', witness.name])
    expect(await (await fetch(`${witness.url}/vkey`)).text()).toBe(`${witness.vkey}\n`)
  })
})

/** A line under the note by a key that nobody asked for. */
async function signedBy({ signer }: MadeLog, note: string): Promise<string> {
  const { text } = parseNote(note)!
  const signature = Buffer.from(await signer.sign(Buffer.from(text)))
  const id = Buffer.alloc(4)
  id.writeUInt32BE(signer.verifier.keyId)
  return `${text}\n— ${signer.verifier.name} ${Buffer.concat([id, signature]).toString('base64')}\n`
}

/** Of a witness that is killed after every answer: which fork or rolled-back checkpoint it then cosigned. */
async function forgottenAfterKills(program: readonly string[], rounds: number): Promise<string[]> {
  const [log, fork] = [new MadeLog(), new MadeLog()]
  await log.grow(40)
  await fork.grow(40, 'other ')
  const witness = forThisTest(new WitnessProcess([log.vkey], { program }))
  const wrong: string[] = []
  await witness.start()
  for (let size = 1; size <= rounds; size++) {
    const oldSize = sizeOf(await witness.latest('log.test/a')) ?? 0
    expect((await witness.add(await log.request(oldSize, size))).status).toBe(200)
    await witness.restart()
    if (sizeOf(await witness.latest('log.test/a')) !== size) wrong.push(`forgot ${size}`)
    if ((await witness.add(await fork.request(0, size))).status === 200) wrong.push(`forked at ${size}`)
  }
  return wrong
}

describe('what a witness has cosigned', () => {
  test('it remembers through kill -9 after every answer, and cosigns neither fork nor roll-back', async () => {
    expect(await forgottenAfterKills(WITNESS, 8)).toEqual([])
  })

  test('negative control: one that does not write it down is found out', async () => {
    expect(await forgottenAfterKills(FORGETFUL, 1)).toEqual(['forgot 1', 'forked at 1'])
  })

  test('is never less than what it answered, wherever in the middle of its work it is killed', async () => {
    const log = await new MadeLog().grow(4_000)
    const witness = forThisTest(new WitnessProcess([log.vkey]))
    let answered = 0
    for (let kill = 0; kill < 8; kill++) {
      await witness.start()
      let size = sizeOf(await witness.latest('log.test/a')) ?? 0
      expect(size).toBeGreaterThanOrEqual(answered)
      let killed: Promise<void> | undefined
      for (let alive = true, times = 0; alive; times++) {
        // It has answered some by then, however slow the machine is.
        if (times === 1 + kill) killed = sleep(2 * kill).then(() => witness.end())
        const response = await witness.add(await log.request(size, size + 1)).catch(() => undefined)
        alive = response?.status === 200
        if (alive) answered = ++size
      }
      await killed
      expect(readdirSync(witness.state).filter((name) => name.endsWith('.checkpoint')).length).toBeLessThan(2)
    }
    expect(answered).toBeGreaterThan(8)
  })

  test('503 without a cosignature while it cannot be written down, and it comes back by itself', async () => {
    const log = await new MadeLog().grow(5)
    const witness = forThisTest(new WitnessProcess([log.vkey]))
    await witness.start()
    const inTheWay = join(witness.state, `${originHash('log.test/a')}.checkpoint.new`)
    mkdirSync(inTheWay)
    const refused = await witness.add(await log.request(0))
    expect([refused.status, await refused.text()]).toEqual([
      503,
      'the witness cannot remember anything now\n',
    ])
    expect(await witness.latest('log.test/a')).toBeUndefined()
    rmdirSync(inTheWay)
    expect((await witness.add(await log.request(0))).status).toBe(200)
  })

  test('is one history, whatever arrives at once', async () => {
    const log = await new MadeLog().grow(100)
    const fork = await new MadeLog().grow(100, 'other ')
    const witness = forThisTest(new WitnessProcess([log.vkey]))
    await witness.start()
    const bodies = await Promise.all(
      Array.from({ length: 40 }, (_, i) => (i % 2 ? fork : log).request(0, 60 + i)),
    )
    const statuses = await Promise.all(bodies.map(async (body) => (await witness.add(body)).status))
    expect(statuses.filter((status) => status === 200)).toHaveLength(1)
    expect(statuses.filter((status) => status === 409)).toHaveLength(39)
    expect(sizeOf(await witness.latest('log.test/a'))).toBe(60 + statuses.indexOf(200))
  })

  test.skipIf(whyNoRecording())(
    'is on disk before it is said: synced, put in place, the folder synced, and then the answer',
    async () => {
      const log = await new MadeLog().grow(50)
      const witness = forThisTest(new WitnessProcess([log.vkey]))
      const trace = join(witness.folder, 'trace')
      // What a program hands to the kernel in a ring is seen by no tracer.
      const noRings = ['-e', 'inject=?io_uring_setup:error=ENOSYS']
      const calls =
        'trace=?io_uring_setup,fsync,fdatasync,rename,renameat,renameat2,write,writev,sendto,sendmsg'
      await witness.start(['strace', '-D', '-f', '-y', '-s', '24', '-e', calls, ...noRings, '-o', trace])
      for (let size = 1; size <= 20; size++)
        expect((await witness.add(await log.request(size - 1, size))).status).toBe(200)
      await witness.end('SIGTERM')
      await recordingEnded(trace, witness.pid)
      const steps = stepsIn(readFileSync(trace, 'utf8'))
      // When it lets go of the folder it syncs it once more.
      const said = steps.slice(0, steps.lastIndexOf('answer') + 1)
      expect(said).toEqual(
        Array.from({ length: 20 }, () => ['sync', 'rename', 'sync folder', 'answer']).flat(),
      )
    },
  )
})

/** What the process did, in the order in which the kernel had done it. */
function stepsIn(trace: string): string[] {
  const begun = new Map<string, string>()
  return trace.split('\n').flatMap((line) => {
    const pid = /^\d+/.exec(line)?.[0] ?? ''
    if (line.includes('<unfinished ...>')) {
      begun.set(pid, line)
      // An answer is given when it begins to be, the rest is done when it has ended.
      return line.includes('HTTP/1.1 200') ? ['answer'] : []
    }
    const whole = line.includes('resumed>') ? (begun.get(pid) ?? '') : line
    if (/f(data)?sync\(\d+<[^>]*\.checkpoint\.new>/.test(whole)) return ['sync']
    if (/rename\w*\(.*\.checkpoint/.test(whole)) return ['rename']
    if (/fsync\(\d+<[^>]*\/state>/.test(whole)) return ['sync folder']
    return whole === line && line.includes('HTTP/1.1 200') ? ['answer'] : []
  })
}

describe('a witness does not start', () => {
  const log = new MadeLog()
  const witness = new WitnessProcess([log.vkey])
  const run = (args: readonly string[]) => {
    const { status, stderr } = spawnSync(process.execPath, [...WITNESS, ...args], { encoding: 'utf8' })
    return { status, stderr }
  }
  beforeAll(async () => {
    await log.grow(3)
    await witness.start()
    await witness.add(await log.request(0))
  })
  afterAll(() => witness.discard())

  test('on a state folder that another is using', () => {
    const { status, stderr } = run(witness.args.map((arg) => (/^\d{4,5}$/.test(arg) ? '0' : arg)))
    expect(status).toBe(1)
    expect(stderr).toContain('in use by another process')
  })

  test('on a state that it did not write, or that is damaged: it would have forgotten', async () => {
    await witness.end()
    const [name] = readdirSync(witness.state).filter((name) => name.endsWith('.checkpoint'))
    const file = join(witness.state, name!)
    const whole = readFileSync(file, 'utf8')
    const other = forThisTest(new WitnessProcess([log.vkey]))
    await other.start()
    const foreign = addSignatureLines(
      await log.checkpoint(),
      await (await other.add(await log.request(0))).text(),
    )
    for (const text of ['', whole.slice(0, -1), whole.replace('\n3\n', '\n2\n'), foreign]) {
      writeFileSync(file, text)
      const { status, stderr } = run(witness.args)
      expect([status, stderr.includes('is not a checkpoint that this witness cosigned')]).toEqual([1, true])
    }
    writeFileSync(file, whole)
    await witness.start()
    expect(sizeOf(await witness.latest('log.test/a'))).toBe(3)
  })

  test('with a key that others can read, of another name, or that is none', () => {
    const args = ['--state', join(witness.folder, 'b'), '--log', log.vkey, '--port', '0']
    const key = ['--key', witness.keyFile]
    expect(run([...args, ...key, '--name', 'other.test/w']).stderr).toContain('is that of witness.test/w1')
    chmodSync(witness.keyFile, 0o644)
    expect(run([...args, ...key, '--name', witness.name]).stderr).toContain('chmod 600')
    chmodSync(witness.keyFile, 0o600)
    const none = join(witness.folder, 'none')
    expect(run([...args, '--key', none, '--name', 'w']).stderr).toContain('does not exist')
    const damaged = readFileSync(witness.keyFile, 'utf8').replace(/"key": "./, '"key": "/')
    writeFileSync(none, damaged, { mode: 0o600 })
    expect(run([...args, '--key', none, '--name', witness.name]).stderr).toMatch(/damaged/)
  })

  test('without what it needs: exit 2', () => {
    const rest = ['--state', 's', '--key', 'k', '--name', 'w']
    const calls = [
      [],
      rest,
      [...rest, '--log', 'nonsense'],
      [...rest, '--log', witness.vkey],
      [...rest, '--log', log.vkey, '--log', log.vkey],
      [...rest, '--log', log.vkey, '--port', '70000'],
      ['keygen', '--key', 'k'],
      ['keygen', '--key', 'k', '--name', 'a b'],
      ['keygen', '--key', 'k', '--name', 'w', '--state', 's'],
    ]
    for (const args of calls) expect(run(args), args.join(' ')).toMatchObject({ status: 2 })
  })
})

test('keygen makes a key for its owner alone, and never writes over one', async () => {
  const witness = forThisTest(new WitnessProcess([]))
  expect(statSync(witness.keyFile).mode & 0o777).toBe(0o600)
  expect(parseVerifier(witness.vkey)).toMatchObject({ name: witness.name, algorithm: 4 })
  const before = readFileSync(witness.keyFile)
  const again = spawnSync(process.execPath, [...WITNESS, 'keygen', '--name', 'x', '--key', witness.keyFile])
  expect(again.status).toBe(1)
  expect(again.stderr.toString()).toContain('never written over')
  expect(readFileSync(witness.keyFile)).toEqual(before)
  expect(readdirSync(witness.folder)).toEqual(['key'])
})
