import { createPublicKey, verify } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { toHex, utf8 } from '../../src/core/bytes.ts'
import { formatCheckpoint, signCheckpoint } from '../../src/tlog/checkpoint.ts'
import { addSignatureLines, cosign, verifyCosignature } from '../../src/tlog/cosignature.ts'
import { leafHash } from '../../src/tlog/merkle.ts'
import { formatVerifier, parseNote } from '../../src/tlog/note.ts'
import type { Verifier } from '../../src/tlog/note.ts'
import { formatProof, verifyProof } from '../../src/tlog/proof-file.ts'
import { tilePath, tilesOf } from '../../src/tlog/tile.ts'
import { consistencyProof, inclusionProof } from '../../src/tlog/tree.ts'
import { formatAddCheckpoint, judgeCheckpoint, parseAddCheckpoint } from '../../src/tlog/witness.ts'
import { ORIGIN, headOf, logSigner, seed, witnessSigners } from './log-for-tests.ts'
import { MemoryTiles } from './memory-tiles.ts'
import { NaiveTree, naiveLeafHash } from './naive-tree.ts'

const shown = readFileSync(new URL('../../docs/log.md', import.meta.url), 'utf8')
const witness = witnessSigners[0]!
const TIME_S = 1_700_000_000

/** As the document shows texts: four spaces before each line that is not empty. */
const block = (text: string) => text.replaceAll(/^(?=.)/gm, '    ')

const leaves = ['a', 'b', 'c'].map((leaf) => leafHash(utf8(leaf)))
const tiles = new MemoryTiles()
for (const leaf of leaves) await tiles.grow([leaf])
const head = await headOf(tiles, 3)
const note = await signCheckpoint(head, logSigner)
const line = await cosign(note, witness, TIME_S)

test('keys', () => {
  for (const first of [0, 32]) expect(shown).toContain(`H'${toHex(seed(first))}'`)
  for (const { verifier } of [logSigner, witness]) expect(shown).toContain(formatVerifier(verifier))
})

test('root and tile, by a second implementation too', () => {
  const naive = new NaiveTree(['a', 'b', 'c'].map((leaf) => naiveLeafHash(Buffer.from(leaf))))
  expect(toHex(head.root)).toBe(naive.root().toString('hex'))
  expect(shown).toContain(`root of "a", "b", "c"  H'${naive.root().toString('hex')}'`)
  const tile = toHex(tiles.at({ level: 0, index: 0, width: 3 }))
  expect(shown.replaceAll(/\s/g, '')).toContain(`tile/0/000.p/3H'${tile}'`)
})

test('paths and layout', () => {
  expect(shown).toContain(`tile/${tilePath({ level: 0, index: 1_234_067, width: 256 })}\n`)
  expect(shown).toContain(`tile/${tilePath({ level: 0, index: 1_234, width: 5 })}\n`)
  const rows = Map.groupBy(tilesOf(70_000), ({ level }) => level)
  const row = (level: number) => {
    const widths = rows.get(level)?.map(({ width }) => width) ?? []
    const full = widths.filter((width) => width === 256).length
    const partial = `1 partial of ${widths.find((width) => width < 256)}`
    return `level ${level}: ${full > 0 ? `${full} full, ` : ''}${partial}`
  }
  expect(shown).toContain(`size 70,000   ${[0, 1, 2].map(row).join('; ')}\n`)
})

test('checkpoint and cosignature, which OpenSSL verifies too', () => {
  expect(shown).toContain(`\n\n${block(note)}`)
  expect(shown).toContain(`time ${TIME_S}, on the checkpoint above:\n${block(line)}`)
  const text = formatCheckpoint(head)
  const [own, cosignature] = parseNote(addSignatureLines(note, line))!.signatures
  expect(opensslVerifies(logSigner.verifier, text, own!.signature)).toBe(true)
  const message = `cosignature/v1\ntime ${TIME_S}\n${text}`
  expect(Buffer.from(cosignature!.signature).readBigUInt64BE()).toBe(BigInt(TIME_S))
  expect(opensslVerifies(witness.verifier, message, cosignature!.signature.slice(8))).toBe(true)
  // Control: the same signatures, over anything else, are refused.
  expect(opensslVerifies(witness.verifier, text, cosignature!.signature.slice(8))).toBe(false)
  expect(opensslVerifies(logSigner.verifier, message, own!.signature)).toBe(false)
  expect(verifyCosignature(note + line, witness.verifier)).toBe(TIME_S)
})

function opensslVerifies({ publicKey }: Verifier, message: string, signature: Uint8Array): boolean {
  const x = Buffer.from(publicKey).toString('base64url')
  const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' })
  return verify(null, Buffer.from(message), key, signature)
}

test('proof file', async () => {
  const hashes = await inclusionProof(1, 3, tiles.read)
  const proof = formatProof({ index: 1, hashes, checkpoint: note, extra: utf8('b') })
  expect(shown).toContain(`leaf "b", extra "b":\n${block(proof)}`)
  expect(verifyProof(proof, leaves[1]!, { log: logSigner.verifier })).toMatchObject({ ok: true, index: 1 })
})

test('witness request', async () => {
  const request = { oldSize: 2, proof: await consistencyProof(2, 3, tiles.read), note }
  const text = formatAddCheckpoint(request)
  expect(shown).toContain(`from 2 to 3 leaves:\n${block(text)}`)
  const logs = new Map([[ORIGIN, [logSigner.verifier]]])
  const seen = await headOf(tiles, 2)
  expect(judgeCheckpoint(parseAddCheckpoint(text)!, logs, seen).status).toBe(200)
})
