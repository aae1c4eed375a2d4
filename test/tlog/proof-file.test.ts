import { describe, expect, test } from 'vitest'
import { addSignatureLines, cosign } from '../../src/tlog/cosignature.ts'
import { ed25519Signer } from '../../src/tlog/note.ts'
import { formatProof, parseProof, verifyProof } from '../../src/tlog/proof-file.ts'
import { inclusionProof } from '../../src/tlog/tree.ts'
import {
  ORIGIN,
  bitFlips,
  cuts,
  logOf,
  logSigner,
  seed,
  witnessSigners,
  witnessVerifiers,
} from './log-for-tests.ts'

const SIZE = 300
const INDEX = 123
const log = await logOf(SIZE)
const lines = await Promise.all(witnessSigners.map((witness) => cosign(log.note, witness, 1_700_000_000)))
const checkpoint = addSignatureLines(log.note, lines.join(''))
const hashes = await inclusionProof(INDEX, SIZE, log.tiles.read)
const proof = { index: INDEX, hashes, checkpoint }
const text = formatProof(proof)
const leaf = log.leaves[INDEX]!
const trusted = { log: logSigner.verifier, witnesses: witnessVerifiers, quorum: 3 }

describe('a proof file', () => {
  test('shows that the leaf is in the log, and how many witnesses saw it', () => {
    expect(verifyProof(text, leaf, trusted)).toEqual({
      ok: true,
      checkpoint: log.head,
      index: INDEX,
      cosignatures: 3,
    })
  })

  test('comes back as it was, with extra data and without hashes too', async () => {
    const extra = new TextEncoder().encode('extra information')
    const single = await logOf(1)
    for (const one of [proof, { ...proof, extra }, { index: 0, hashes: [], checkpoint: single.note }]) {
      expect(parseProof(formatProof(one))).toEqual(one)
      expect(formatProof(parseProof(formatProof(one))!)).toBe(formatProof(one))
    }
    expect(formatProof({ ...proof, extra: new Uint8Array() })).toBe(text)
  })

  test('a log of one leaf', async () => {
    const { leaves, note } = await logOf(1)
    const only = formatProof({ index: 0, hashes: [], checkpoint: note })
    expect(verifyProof(only, leaves[0]!, { log: logSigner.verifier })).toMatchObject({ ok: true })
  })

  test('is refused, whichever bit was flipped, cut off anywhere, or with a letter left out', async () => {
    const { small, check } = await smallProof()
    const changed = [...[...bitFlips(small)].map((flip) => flip.text), ...cuts(small)]
    expect(changed.filter(check)).toEqual([])
  })

  test('negative control: the untouched one is accepted by the same check, with changed extra data too', async () => {
    const { small, check } = await smallProof()
    expect(check(small)).toBe(true)
    const withExtra = formatProof({ ...proof, extra: Uint8Array.of(1) })
    // Nobody signs the extra data: whoever reads it must not trust it.
    expect(verifyProof(withExtra, leaf, trusted).ok).toBe(true)
  })
})

/** Twelve leaves and one witness: each bit costs two verifications. */
async function smallProof() {
  const { leaves, note, tiles } = await logOf(12)
  const [witness] = witnessSigners
  const seen = addSignatureLines(note, await cosign(note, witness!, 1_700_000_000))
  const small = formatProof({ index: 5, hashes: await inclusionProof(5, 12, tiles.read), checkpoint: seen })
  const policy = { log: logSigner.verifier, witnesses: [witness!.verifier], quorum: 1 }
  return { small, check: (text: string) => verifyProof(text, leaves[5]!, policy).ok }
}

describe('why a proof is refused', () => {
  const refusal = (changed: string, hash = leaf, against: Parameters<typeof verifyProof>[2] = trusted) =>
    verifyProof(changed, hash, against)

  test('malformed', () => {
    expect(refusal('')).toEqual({ ok: false, code: 'proof_malformed' })
  })

  test('not signed by the log', () => {
    const other = ed25519Signer(ORIGIN, 1, seed(200))
    expect(refusal(text, leaf, { log: other.verifier })).toEqual({ ok: false, code: 'checkpoint_untrusted' })
    // A witness does not stand in for the log.
    expect(refusal(text, leaf, { log: witnessVerifiers[0]! })).toEqual({
      ok: false,
      code: 'checkpoint_untrusted',
    })
  })

  test('another leaf, another place, another tree', async () => {
    const code = 'not_included'
    expect(refusal(text, log.leaves[INDEX + 1])).toEqual({ ok: false, code })
    expect(refusal(text, Buffer.alloc(31))).toEqual({ ok: false, code })
    expect(refusal(formatProof({ ...proof, index: INDEX + 1 }))).toEqual({ ok: false, code })
    expect(refusal(formatProof({ ...proof, index: SIZE }))).toEqual({ ok: false, code })
    expect(refusal(formatProof({ ...proof, hashes: hashes.slice(1) }))).toEqual({ ok: false, code })
    const grown = await logOf(SIZE + 1)
    const moved = formatProof({ ...proof, checkpoint: grown.note })
    expect(refusal(moved, leaf, { log: logSigner.verifier })).toEqual({ ok: false, code })
  })

  test('too few witnesses; without a number all of them have to', () => {
    const two = formatProof({ ...proof, checkpoint: addSignatureLines(log.note, lines.slice(1).join('')) })
    const code = 'quorum_not_met'
    expect(refusal(two)).toEqual({ ok: false, code })
    expect(refusal(two, leaf, { log: logSigner.verifier, witnesses: witnessVerifiers })).toEqual({
      ok: false,
      code,
    })
    expect(refusal(two, leaf, { ...trusted, quorum: 2 })).toMatchObject({ ok: true, cosignatures: 2 })
    expect(refusal(two, leaf, { log: logSigner.verifier, quorum: 1 })).toEqual({ ok: false, code })
    expect(refusal(two, leaf, { ...trusted, quorum: Number.NaN })).toEqual({ ok: false, code })
    expect(refusal(two, leaf, { log: logSigner.verifier })).toMatchObject({ ok: true, cosignatures: 0 })
  })
})

describe('the form of a proof file', () => {
  const [header, index, ...rest] = text.split('\n')
  const after = rest.join('\n')
  const hash = rest[0]!

  test.each([
    ['nothing', ''],
    ['another header', text.replace('@v1', '@v2')],
    ['no index', `${header}\n${after}`],
    ['a leading zero', `${header}\nindex 0123\n${after}`],
    ['a negative index', `${header}\nindex -5\n${after}`],
    ['an index beyond 2^53 − 1', `${header}\nindex 9007199254740992\n${after}`],
    ['two spaces', `${header}\nindex  123\n${after}`],
    ['a capital', `${header}\nIndex 123\n${after}`],
    ['the index twice', `${header}\n${index}\n${index}\n${after}`],
    ['extra data twice', `${header}\nextra AA==\nextra AA==\n${index}\n${after}`],
    ['extra data after the index', `${header}\n${index}\nextra AA==\n${after}`],
    ['extra data that is not base64', `${header}\nextra !!notbase64!!\n${index}\n${after}`],
    ['extra data without padding', `${header}\nextra AA\n${index}\n${after}`],
    ['an extra line without data', `${header}\nextra \n${index}\n${after}`],
    ['a hash that is not base64', `${header}\n${index}\n!!notbase64!!\n${after}`],
    ['a hash of another length', `${header}\n${index}\n${'A'.repeat(88)}\n${after}`],
    ['64 hashes', `${header}\n${index}\n${`${hash}\n`.repeat(64)}\n${checkpoint}`],
    ['carriage returns', text.replaceAll('\n', '\r\n')],
    ['two empty lines', text.replace('\n\n', '\n\n\n')],
    ['no checkpoint', text.slice(0, text.indexOf('\n\n') + 2)],
    ['a checkpoint without signature', text.slice(0, text.indexOf('\n\n—') + 1)],
    ['a note that is no checkpoint', text.replace(`\n${SIZE}\n`, '\nmany\n')],
    ['text at the end', `${text}more\n`],
    ['a newline before', `\n${text}`],
    ['a byte order mark', `\ufeff${text}`],
  ])('%s: refused', (_, malformed) => {
    expect(parseProof(malformed)).toBeUndefined()
  })

  test('63 hashes are read, though no tree is so high', () => {
    const long = `${header}\n${index}\n${`${hash}\n`.repeat(63)}\n${checkpoint}`
    expect(parseProof(long)?.hashes).toHaveLength(63)
    expect(verifyProof(long, leaf, trusted)).toEqual({ ok: false, code: 'not_included' })
  })

  test('formatting refuses what nobody could read', () => {
    for (const change of [
      { index: -1 },
      { hashes: [new Uint8Array(31)] },
      { hashes: Array.from({ length: 64 }, () => hashes[0]!) },
      { checkpoint: 'x' },
    ])
      expect(() => formatProof({ ...proof, ...change })).toThrow(RangeError)
  })
})
