import { describe, expect, test } from 'vitest'
import { toBase64 } from '../../src/core/bytes.ts'
import {
  formatCheckpoint,
  openCheckpoint,
  parseCheckpoint,
  signCheckpoint,
} from '../../src/tlog/checkpoint.ts'
import { ed25519Signer, formatNote, parseNote } from '../../src/tlog/note.ts'
import { ORIGIN, bitFlips, cuts, logOf, logSigner, seed, verifierFrom } from './log-for-tests.ts'
import { PUBLIC_LOG } from './vectors.ts'

const { head, note } = await logOf(12)
const text = formatCheckpoint(head)
const [, , root = ''] = text.split('\n')

describe('the text of a checkpoint', () => {
  test('comes back as it was, extension lines too', () => {
    expect(parseCheckpoint(text)).toEqual(head)
    const extended = { ...head, extensions: ['first', 'second line'] }
    expect(parseCheckpoint(formatCheckpoint(extended))).toEqual(extended)
    expect(parseCheckpoint(`${ORIGIN}\n0\n${root}\n`)?.size).toBe(0)
    expect(parseCheckpoint(`any origin + spaces\n0\n${root}\n`)?.origin).toBe('any origin + spaces')
  })

  test.each([
    ['nothing', ''],
    ['two lines', `${ORIGIN}\n12\n`],
    ['no newline at the end', text.slice(0, -1)],
    ['an empty origin', `\n12\n${root}\n`],
    ['a leading zero', `${ORIGIN}\n012\n${root}\n`],
    ['a sign', `${ORIGIN}\n+12\n${root}\n`],
    ['a negative size', `${ORIGIN}\n-1\n${root}\n`],
    ['a fraction', `${ORIGIN}\n1.5\n${root}\n`],
    ['an exponent', `${ORIGIN}\n1e3\n${root}\n`],
    ['hexadecimal', `${ORIGIN}\n0x10\n${root}\n`],
    ['a space', `${ORIGIN}\n12 \n${root}\n`],
    ['digits that are not ASCII', `${ORIGIN}\n١٢\n${root}\n`],
    ['2^53', `${ORIGIN}\n9007199254740992\n${root}\n`],
    ['a size that a number would round', `${ORIGIN}\n9007199254740993\n${root}\n`],
    ['20 digits', `${ORIGIN}\n18446744073709551615\n${root}\n`],
    ['a root of 31 bytes', `${ORIGIN}\n12\n${toBase64(head.root.slice(1))}\n`],
    ['a root of 33 bytes', `${ORIGIN}\n12\n${toBase64(new Uint8Array(33))}\n`],
    ['a root in hexadecimal', `${ORIGIN}\n12\n${'ab'.repeat(32)}\n`],
    ['a root without padding', `${ORIGIN}\n12\n${root.replace('=', '')}\n`],
    ['an empty extension line', `${text}\n`],
    ['an empty line between extensions', `${text}a\n\nb\n`],
    ['a control character', `${ORIGIN}\u0007\n12\n${root}\n`],
    ['a carriage return', text.replaceAll('\n', '\r\n')],
  ])('%s: refused', (_, malformed) => {
    expect(parseCheckpoint(malformed)).toBeUndefined()
  })

  test('formatting refuses what nobody could read', () => {
    for (const change of [
      { origin: '' },
      { origin: 'a\nb' },
      { size: -1 },
      { size: 1.5 },
      { size: 2 ** 53 },
      { root: new Uint8Array(31) },
      { extensions: [''] },
      { extensions: ['a\n'] },
    ])
      expect(() => formatCheckpoint({ ...head, ...change })).toThrow(RangeError)
  })
})

describe('a signed checkpoint', () => {
  test('opens under the log’s key', () => {
    expect(openCheckpoint(note, logSigner.verifier)).toEqual(head)
  })

  test('a public log’s opens under its key', () => {
    const checkpoint = openCheckpoint(PUBLIC_LOG.note, verifierFrom(PUBLIC_LOG.vkey))
    expect(checkpoint?.size).toBe(PUBLIC_LOG.size)
  })

  test('is refused, whichever bit was flipped, and cut off anywhere', () => {
    const changed = [...[...bitFlips(note)].map((flip) => flip.text), ...cuts(note)]
    expect(changed.filter((one) => openCheckpoint(one, logSigner.verifier))).toEqual([])
  })

  test('is refused under another key of the same name, and as another log’s', async () => {
    const other = ed25519Signer(ORIGIN, 1, seed(77))
    expect(openCheckpoint(note, other.verifier)).toBeUndefined()
    // The log's own key, over a checkpoint that names another origin.
    const foreign = formatCheckpoint({ ...head, origin: 'log.example/other' })
    const signature = Uint8Array.from(await logSigner.sign(new TextEncoder().encode(foreign)))
    const { name, keyId } = logSigner.verifier
    const signed = formatNote({ text: foreign, signatures: [{ name, keyId, signature }] })
    expect(openCheckpoint(signed, logSigner.verifier)).toBeUndefined()
  })

  test('a signed text that is no checkpoint does not open', async () => {
    const notOne = 'log.example/vault\nnot a size\n'
    const signature = Uint8Array.from(await logSigner.sign(new TextEncoder().encode(notOne)))
    const { name, keyId } = logSigner.verifier
    const signed = formatNote({ text: notOne, signatures: [{ name, keyId, signature }] })
    expect(parseNote(signed)).toBeDefined()
    expect(openCheckpoint(signed, logSigner.verifier)).toBeUndefined()
  })

  test('is made by the log’s own key alone, and only if the signature is right', async () => {
    await expect(signCheckpoint({ ...head, origin: 'log.example/other' }, logSigner)).rejects.toThrow(
      RangeError,
    )
    await expect(signCheckpoint(head, ed25519Signer(ORIGIN, 4, seed(0)))).rejects.toThrow(RangeError)
    const broken = { verifier: logSigner.verifier, sign: () => new Uint8Array(64) }
    await expect(signCheckpoint(head, broken)).rejects.toThrow('does not verify')
    expect(await signCheckpoint(head, logSigner)).toBe(note)
  })
})
