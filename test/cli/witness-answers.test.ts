import { once } from 'node:events'
import { request as httpRequest } from 'node:http'
import type { IncomingMessage } from 'node:http'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { MAX_BODY_BYTES } from '../../src/cli/witness/server.ts'
import { addSignatureLines, verifyCosignature } from '../../src/tlog/cosignature.ts'
import { parseNote, parseVerifier } from '../../src/tlog/note.ts'
import { MadeLog, sizeOf } from './made-log.ts'
import { WitnessProcess } from './witness-process.ts'

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
