import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { signCheckpoint } from '../../src/tlog/checkpoint.ts'
import { emptyRoot } from '../../src/tlog/merkle.ts'
import { ed25519Signer, formatNote, parseNote } from '../../src/tlog/note.ts'
import { consistencyProof } from '../../src/tlog/tree.ts'
import { formatAddCheckpoint, judgeCheckpoint, parseAddCheckpoint } from '../../src/tlog/witness.ts'
import type { AddCheckpoint, Seen } from '../../src/tlog/witness.ts'
import { ORIGIN, bitFlips, headOf, logOf, logSigner, seed, witnessVerifiers } from './log-for-tests.ts'
import { MemoryTiles } from './memory-tiles.ts'
import { NaiveTree, numberedLeaves } from './naive-tree.ts'
import { PETER } from './vectors.ts'

const OLD = 70
const NEW = 300
const log = await logOf(NEW)
const logs = new Map([[ORIGIN, [logSigner.verifier]]])
const naive = new NaiveTree(log.leaves)
const seenAt = (size: number): Seen => ({ size, root: Uint8Array.from(naive.root(size)) })

async function request(oldSize: number): Promise<AddCheckpoint> {
  return { oldSize, proof: await consistencyProof(oldSize, NEW, log.tiles.read), note: log.note }
}
const good = await request(OLD)

describe('a witness answers', () => {
  test('200 to a log that grew', () => {
    expect(judgeCheckpoint(good, logs, seenAt(OLD))).toEqual({ status: 200, checkpoint: log.head })
  })

  test('200 to a log that it never saw, and to one that did not grow', async () => {
    expect(judgeCheckpoint(await request(0), logs, undefined).status).toBe(200)
    expect(judgeCheckpoint(await request(NEW), logs, seenAt(NEW)).status).toBe(200)
  })

  test('200 to an empty log, once and again', async () => {
    const note = await signCheckpoint({ ...log.head, size: 0, root: emptyRoot() }, logSigner)
    const empty = { oldSize: 0, proof: [], note }
    expect(judgeCheckpoint(empty, logs, undefined).status).toBe(200)
    expect(judgeCheckpoint(empty, logs, { size: 0, root: emptyRoot() }).status).toBe(200)
    const false0 = await signCheckpoint({ ...log.head, size: 0 }, logSigner)
    expect(judgeCheckpoint({ ...empty, note: false0 }, logs, undefined).status).toBe(409)
  })

  test('404 to an unknown log', () => {
    expect(judgeCheckpoint(good, new Map(), undefined).status).toBe(404)
  })

  test('403 without a valid signature of a trusted key', () => {
    const other = ed25519Signer(ORIGIN, 1, seed(201)).verifier
    for (const keys of [[], [other], [witnessVerifiers[0]!]])
      expect(judgeCheckpoint(good, new Map([[ORIGIN, keys]]), seenAt(OLD)).status).toBe(403)
    const parsed = parseNote(log.note)!
    const zeros = parsed.signatures.map((line) => ({ ...line, signature: new Uint8Array(64) }))
    const forged = formatNote({ text: parsed.text, signatures: zeros })
    expect(judgeCheckpoint({ ...good, note: forged }, logs, seenAt(OLD)).status).toBe(403)
    // Beside the right one, a wrong one of the same key spoils the note.
    const mixed = formatNote({ text: parsed.text, signatures: [...parsed.signatures, ...zeros] })
    expect(judgeCheckpoint({ ...good, note: mixed }, logs, seenAt(OLD)).status).toBe(403)
  })

  test('200 while the log rolls over: one of its keys suffices', () => {
    const next = ed25519Signer(ORIGIN, 1, seed(202)).verifier
    const keys = new Map([[ORIGIN, [next, logSigner.verifier]]])
    expect(judgeCheckpoint(good, keys, seenAt(OLD)).status).toBe(200)
  })

  test('400 to what is no checkpoint, and to an old size above the new', () => {
    for (const note of ['', `${PETER.text}\n${PETER.line}`])
      expect(judgeCheckpoint({ ...good, note }, logs, seenAt(OLD)).status).toBe(400)
    const ahead = { size: NEW + 1, root: log.head.root }
    expect(judgeCheckpoint({ ...good, oldSize: NEW + 1 }, logs, ahead).status).toBe(400)
  })

  test('409 with its own size to another old size: rolled back, ahead, or never seen', async () => {
    for (const [asked, seen] of [
      [OLD, OLD + 1],
      [OLD, OLD - 1],
      [0, OLD],
      [NEW, OLD],
    ] as const)
      expect(judgeCheckpoint(await request(asked), logs, seenAt(seen))).toMatchObject({
        status: 409,
        size: seen,
      })
    expect(judgeCheckpoint(good, logs, undefined)).toMatchObject({ status: 409, size: 0 })
  })

  test('409 to another root at the same size', async () => {
    const forked = { ...seenAt(NEW), root: Uint8Array.from(naive.root(NEW - 1)) }
    expect(judgeCheckpoint(await request(NEW), logs, forked)).toMatchObject({ status: 409, size: NEW })
  })

  test('422 to a fork, and to a proof that is wrong in any hash', async () => {
    const forged = await MemoryTiles.of([...numberedLeaves(1, 9_999), ...log.leaves.slice(1)])
    const note = await signCheckpoint(await headOf(forged, NEW), logSigner)
    const proof = await consistencyProof(OLD, NEW, forged.read)
    expect(judgeCheckpoint({ oldSize: OLD, proof, note }, logs, seenAt(OLD)).status).toBe(422)
    for (const [i, hash] of good.proof.entries()) {
      const flipped = hash.map((byte, at) => (at === 0 ? byte ^ 1 : byte))
      const changed = { ...good, proof: good.proof.with(i, flipped) }
      expect(judgeCheckpoint(changed, logs, seenAt(OLD)).status).toBe(422)
      const shorter = { ...good, proof: good.proof.toSpliced(i, 1) }
      expect(judgeCheckpoint(shorter, logs, seenAt(OLD)).status).toBe(422)
    }
  })

  test('422 to a proof where there is nothing to prove', async () => {
    const { proof } = good
    expect(judgeCheckpoint({ ...(await request(0)), proof }, logs, undefined).status).toBe(422)
    expect(judgeCheckpoint({ ...(await request(NEW)), proof }, logs, seenAt(NEW)).status).toBe(422)
  })

  test('to the first thing that is wrong, in the order of the specification', () => {
    const all = { ...good, oldSize: NEW + 1, proof: [] }
    const stranger = new Map([[ORIGIN, [ed25519Signer(ORIGIN, 1, seed(203)).verifier]]])
    expect(judgeCheckpoint(all, new Map(), seenAt(OLD)).status).toBe(404)
    expect(judgeCheckpoint(all, stranger, seenAt(OLD)).status).toBe(403)
    expect(judgeCheckpoint(all, logs, seenAt(OLD)).status).toBe(400)
    expect(judgeCheckpoint({ ...good, oldSize: OLD - 1, proof: [] }, logs, seenAt(OLD)).status).toBe(409)
    expect(judgeCheckpoint({ ...good, proof: [] }, logs, seenAt(OLD)).status).toBe(422)
  })

  test('whatever two histories a log signs, it cosigns only one of them', () => {
    const sizes = fc.tuple(fc.integer({ min: 1, max: 200 }), fc.nat(), fc.nat())
    return fc.assert(
      fc.asyncProperty(sizes, async ([size, at, from]) => {
        const oldSize = 1 + (from % size)
        const forged = await MemoryTiles.of(log.leaves.slice(0, size).with(at % oldSize, Buffer.alloc(32)))
        const note = await signCheckpoint(await headOf(forged, size), logSigner)
        const proof = await consistencyProof(oldSize, size, forged.read)
        expect(judgeCheckpoint({ oldSize, proof, note }, logs, seenAt(oldSize)).status).not.toBe(200)
      }),
      { numRuns: 50 },
    )
  })
})

describe('the form of a request', () => {
  const text = formatAddCheckpoint(good)
  const [, ...rest] = text.split('\n')
  const after = rest.join('\n')

  test('comes back as it was, without proof lines too', async () => {
    for (const one of [good, await request(0)])
      expect(parseAddCheckpoint(formatAddCheckpoint(one))).toEqual(one)
  })

  test.each([
    ['nothing', ''],
    ['no old size', after],
    ['a leading zero', `old 070\n${after}`],
    ['a negative size', `old -1\n${after}`],
    ['2^53', `old 9007199254740992\n${after}`],
    ['another word', `size 70\n${after}`],
    ['a space more', `old  70\n${after}`],
    ['the old size twice', `old 70\nold 70\n${after}`],
    ['a line that is no hash', `old 70\nAAAA\n${after}`],
    ['64 proof lines', `old 70\n${`${rest[0]}\n`.repeat(64)}\n${log.note}`],
    ['carriage returns', text.replaceAll('\n', '\r\n')],
    ['no note', text.slice(0, text.indexOf('\n\n') + 2)],
    ['no signature', text.slice(0, text.indexOf('\n\n—') + 1)],
    ['text at the end', `${text}more\n`],
  ])('%s: refused', (_, malformed) => {
    expect(parseAddCheckpoint(malformed)).toBeUndefined()
  })

  test('formatting refuses what nobody could read', () => {
    for (const change of [
      { oldSize: -1 },
      { proof: [new Uint8Array(31)] },
      { proof: Array.from({ length: 64 }, () => good.proof[0]!) },
      { note: 'x' },
    ])
      expect(() => formatAddCheckpoint({ ...good, ...change })).toThrow(RangeError)
  })

  test('no flipped bit of a request gets a cosignature', () => {
    const accepted = [...bitFlips(text)].filter((flip) => {
      const changed = parseAddCheckpoint(flip.text)
      return changed && judgeCheckpoint(changed, logs, seenAt(OLD)).status === 200
    })
    expect(accepted).toEqual([])
  })

  test('negative control: the untouched request does', () => {
    expect(judgeCheckpoint(parseAddCheckpoint(text)!, logs, seenAt(OLD)).status).toBe(200)
  })
})
