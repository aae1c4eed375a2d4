import { createServer } from 'node:http'
import type { Server } from 'node:http'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, unlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openLogSource } from '../../src/cli/verify/log-source.ts'
import type { LogSource } from '../../src/cli/verify/log-source.ts'
import { TreeWalk } from '../../src/cli/verify/tree-walk.ts'
import { verifyLog } from '../../src/cli/verify/verify-log.ts'
import type { LogOptions, Trusted } from '../../src/cli/verify/verify-log.ts'
import { toHex } from '../../src/core/bytes.ts'
import { VaultError } from '../../src/core/errors.ts'
import { addSignatureLines, cosign } from '../../src/tlog/cosignature.ts'
import { ed25519Signer } from '../../src/tlog/note.ts'
import { tilePath, tilesOf } from '../../src/tlog/tile.ts'
import type { Tile } from '../../src/tlog/tile.ts'
import { NaiveTree, numberedLeaves } from '../tlog/naive-tree.ts'
import { MadeLog } from './made-log.ts'

type Damage = { checkpoint?: string; size?: number; tile?: (tile: Tile, bytes: Uint8Array) => Uint8Array }

/** The log as somebody gives it out who may have laid hands on it. */
function given(log: MadeLog, { checkpoint, size, tile = (_, bytes) => bytes }: Damage = {}): LogSource {
  return {
    checkpoint: async () => checkpoint ?? log.checkpoint(size),
    tile: async (asked) => tile(asked, Uint8Array.from(log.bytesOf(asked))),
  }
}

const trustIn = (log: MadeLog): Trusted => ({ log: log.signer.verifier, witnesses: [], quorum: 0 })

async function faults(source: LogSource, log: MadeLog, options: LogOptions = {}): Promise<string[]> {
  const { faults } = await verifyLog(source, trustIn(log), options)
  return faults.map(({ code, tile }) => (tile === undefined ? code : `${code} ${tile}`))
}

test('the root and the tiles above follow from the leaves as RFC 6962 says, at every size', () => {
  const leaves = numberedLeaves(1_100)
  const naive = new NaiveTree(leaves)
  for (const size of [0, 1, 2, 3, 7, 255, 256, 257, 511, 512, 513, 700, 1_023, 1_024, 1_100]) {
    const walk = new TreeWalk()
    for (let at = 0; at < size; at += 256) walk.add(leaves.slice(at, Math.min(at + 256, size)))
    expect(toHex(walk.root()), `${size}`).toBe(toHex(naive.root(size)))
  }
})

describe('a log as it should be', () => {
  test('holds at every size, the empty one included, and against every earlier checkpoint of its own', async () => {
    const log = await new MadeLog().grow(66_000)
    const earlier = [0, 1, 255, 256, 257, 65_535, 65_536, 65_537, 66_000]
    for (const size of [0, 1, 256, 257, 65_536, 66_000]) {
      expect(await faults(given(log, { size }), log), `${size}`).toEqual([])
      for (const before of earlier.filter((before) => before <= size)) {
        const options = { earlier: await log.checkpoint(before) }
        expect(await faults(given(log, { size }), log, options), `${before} to ${size}`).toEqual([])
      }
    }
  })
})

describe('a log that somebody laid hands on', () => {
  const log = new MadeLog()
  beforeAll(async () => void (await log.grow(66_000)))

  test('any bit of any tile, at every level', async () => {
    for (const damaged of tilesOf(log.size).filter((_, i) => i % 40 === 0 || i > 256)) {
      for (const at of [0, damaged.width * 32 - 1]) {
        const tile = (asked: Tile, bytes: Uint8Array) => {
          if (tilePath(asked) === tilePath(damaged)) bytes[at]! ^= 0x10
          return bytes
        }
        expect(await faults(given(log, { tile }), log), `${tilePath(damaged)} ${at}`).not.toEqual([])
      }
    }
  })

  test('a wrong tile above the leaves is named, and nothing else', async () => {
    const tile = ({ level, index }: Tile, bytes: Uint8Array) => {
      if (level === 1 && index === 0) bytes[100]! ^= 1
      return bytes
    }
    expect(await faults(given(log, { tile }), log)).toEqual(['tile_wrong 1/000'])
  })

  test('two leaves that changed places, a tile that is cut, long, or not there', async () => {
    const swapped = ({ level, index }: Tile, bytes: Uint8Array) =>
      level === 0 && index === 3
        ? Buffer.concat([bytes.subarray(32, 64), bytes.subarray(0, 32), bytes.subarray(64)])
        : bytes
    expect(await faults(given(log, { tile: swapped }), log)).toEqual([
      'tile_wrong 1/000',
      'tile_wrong 2/000.p/1',
      'root_differs',
    ])
    for (const bent of [
      (bytes: Uint8Array) => bytes.subarray(1),
      (bytes: Uint8Array) => Buffer.concat([bytes, bytes.subarray(0, 32)]),
      () => new Uint8Array(),
    ]) {
      const tile = ({ index }: Tile, bytes: Uint8Array) => (index === 100 ? bent(bytes) : bytes)
      expect(await faults(given(log, { tile }), log)).toEqual(['tile_unreadable 0/100'])
    }
    const tile = ({ level }: Tile, bytes: Uint8Array) => {
      if (level === 2) throw new VaultError('not_found', 'gone')
      return bytes
    }
    expect(await faults(given(log, { tile }), log)).toEqual(['tile_unreadable 2/000.p/1'])
  })

  test('a checkpoint of another key, of another log, or none', async () => {
    const forger = await new MadeLog('log.test/a', 9).grow(10)
    const neighbour = await new MadeLog('log.test/b', 1).grow(10)
    const checkpoints = [await forger.checkpoint(), await neighbour.checkpoint(), '', 'nonsense\n']
    for (const checkpoint of checkpoints)
      expect(await faults(given(log, { checkpoint }), log)).toEqual(['checkpoint_invalid'])
  })

  test('rolled back or forked, with everything made to fit and signed by the log itself', async () => {
    const earlier = await log.checkpoint(500)
    expect(await faults(given(log, { size: 400 }), log, { earlier })).toEqual(['rolled_back'])
    const fork = await (await new MadeLog().grow(499)).grow(300, 'other ')
    expect(await faults(given(fork), log)).toEqual([])
    expect(await faults(given(fork), log, { earlier })).toEqual(['forked'])
    expect(await faults(given(fork, { size: 500 }), log, { earlier })).toEqual(['forked'])
    const forger = await new MadeLog('log.test/a', 9).grow(10)
    expect(await faults(given(log), log, { earlier: await forger.checkpoint() })).toEqual(['earlier_invalid'])
  })

  test('too few witnesses', async () => {
    const [a, b] = [1, 2].map((seed) => ed25519Signer(`w.test/${seed}`, 4, new Uint8Array(32).fill(seed)))
    const note = await log.checkpoint(300)
    const checkpoint = addSignatureLines(note, await cosign(note, a!, 1_700_000_000))
    const trusted = { ...trustIn(log), witnesses: [a!.verifier, b!.verifier] }
    const source = given(log, { checkpoint })
    expect(await verifyLog(source, { ...trusted, quorum: 1 })).toMatchObject({ faults: [], cosignatures: 1 })
    expect((await verifyLog(source, { ...trusted, quorum: 2 })).faults).toEqual([{ code: 'quorum_not_met' }])
  })
})

/** A folder of files, served as they are: as a public log is. */
async function serveFolder(folder: string): Promise<{ url: string; server: Server }> {
  const server = createServer((request, response) => {
    try {
      response.end(readFileSync(join(folder, request.url ?? '')))
    } catch {
      response.statusCode = 404
      response.end()
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  return { url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`, server }
}

describe('a log in a folder, and behind an address', () => {
  const folder = mkdtempSync(join(tmpdir(), 'cloakroom-verify-'))
  const log = new MadeLog()
  let served: Awaited<ReturnType<typeof serveFolder>>
  beforeAll(async () => {
    await log.grow(700)
    await log.writeTo(folder)
    served = await serveFolder(folder)
  })
  afterAll(() => {
    served.server.close()
    rmSync(folder, { recursive: true })
  })

  test('holds', async () => {
    for (const from of [folder, served.url, `${served.url}/`])
      expect(await faults(openLogSource(from), log)).toEqual([])
  })

  test('holds where a partial tile has given way to the full one', async () => {
    const grown = await new MadeLog().grow(1_024)
    const other = mkdtempSync(join(tmpdir(), 'cloakroom-verify-'))
    await grown.writeTo(other)
    writeFileSync(join(other, 'checkpoint'), await grown.checkpoint(700))
    const { server, url } = await serveFolder(other)
    // Above the leaves the tree of 700 has a partial tile of 2 where that of 1,024 has one of 4: that one has to be there.
    writeFileSync(join(other, 'tile/1/000.p/2'), grown.bytesOf({ level: 1, index: 0, width: 2 }))
    for (const from of [other, url]) expect(await faults(openLogSource(from), grown)).toEqual([])
    server.close()
    rmSync(other, { recursive: true })
  })

  test('a missing file is named, and an address where nobody is', async () => {
    unlinkSync(join(folder, 'tile/0/001'))
    expect(await faults(openLogSource(folder), log)).toEqual(['tile_unreadable 0/001'])
    expect(await faults(openLogSource(served.url), log)).toEqual(['tile_unreadable 0/001'])
    expect(await faults(openLogSource(join(folder, 'nowhere')), log)).toEqual(['checkpoint_unreadable'])
    expect(await faults(openLogSource('http://127.0.0.1:9'), log)).toEqual(['checkpoint_unreadable'])
  })
})
