import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { toBase64, toHex, utf8 } from '../../src/core/bytes.ts'
import {
  ed25519Signer,
  formatNote,
  formatVerifier,
  parseNote,
  parseVerifier,
  verifierOf,
  verifyEd25519,
  verifyNote,
} from '../../src/tlog/note.ts'
import { base64Bytes, bitFlips, bytesOf, cuts, seed, verifierFrom } from './log-for-tests.ts'
import { C2SP_NOTE, ENOCH, PETER, PUBLIC_LOG } from './vectors.ts'

const peterNote = `${PETER.text}\n${PETER.line}`
const bothNote = `${PETER.text}\n${PETER.line}${ENOCH.line}`

/** What a reader does who trusts one key. */
function opens(noteText: string, vkey: string): boolean {
  const note = parseNote(noteText)
  return note !== undefined && verifyNote(note, verifierFrom(vkey)) === 'signed'
}

describe('published notes', () => {
  test('the example of golang.org/x/mod/sumdb/note opens under either key', () => {
    expect(parseNote(bothNote)?.text).toBe(PETER.text)
    expect(opens(bothNote, PETER.vkey)).toBe(true)
    expect(opens(bothNote, ENOCH.vkey)).toBe(true)
    expect(opens(peterNote, ENOCH.vkey)).toBe(false)
  })

  test('its private key gives its signature, byte for byte', async () => {
    const signer = ed25519Signer('PeterNeumann', 1, base64Bytes(PETER.seed))
    expect(formatVerifier(signer.verifier)).toBe(PETER.vkey)
    const signature = Uint8Array.from(await signer.sign(utf8(PETER.text)))
    const { name, keyId } = signer.verifier
    expect(formatNote({ text: PETER.text, signatures: [{ name, keyId, signature }] })).toBe(peterNote)
  })

  test('the example of c2sp.org/signed-note', () => {
    expect(opens(C2SP_NOTE.note, C2SP_NOTE.vkey)).toBe(true)
    const { name, keyId, algorithm, publicKey } = verifierFrom(C2SP_NOTE.vkey)
    expect({ name, keyId, algorithm }).toEqual({ name: 'example.com/foo', keyId: 0x530d903a, algorithm: 1 })
    expect(toHex(publicKey)).toBe('e932791ae6e7a840a46164c904786426d5e7821dd8b29a00d61cae72afdd4da4')
  })

  test('a public log’s checkpoint opens under its key, whatever else signed it', () => {
    expect(opens(PUBLIC_LOG.note, PUBLIC_LOG.vkey)).toBe(true)
  })

  test('each comes back letter for letter from what was parsed', () => {
    for (const text of [peterNote, bothNote, C2SP_NOTE.note, PUBLIC_LOG.note])
      expect(formatNote(parseNote(text)!)).toBe(text)
  })
})

describe('a changed note', () => {
  test('is refused, whichever bit was flipped', () => {
    const accepted = [...bitFlips(peterNote)].filter(({ text }) => opens(text, PETER.vkey))
    expect(accepted).toEqual([])
  })

  test('is refused, cut off anywhere or with a letter left out', () => {
    expect([...cuts(peterNote)].filter((text) => opens(text, PETER.vkey))).toEqual([])
  })

  test('negative control: the untouched one is accepted by the same check', () => {
    expect(opens(peterNote, PETER.vkey)).toBe(true)
  })

  test('one wrong signature under a trusted key spoils it, beside a right one', () => {
    const wrong = PETER.line.replace('ZJkuBS9U', 'ZJkuBS9V')
    const note = parseNote(`${PETER.text}\n${wrong}${PETER.line}`)
    expect(note && verifyNote(note, verifierFrom(PETER.vkey))).toBe('invalid')
    expect(opens(`${PETER.text}\n${wrong}${ENOCH.line}`, ENOCH.vkey)).toBe(true)
  })

  test('a signature counts only under both its name and its key id', () => {
    const renamed = PETER.line.replace('PeterNeumann', 'CarmenSandiego')
    const otherId = PETER.line.replace('x08g', 'xxxx')
    expect(opens(`${PETER.text}\n${renamed}`, PETER.vkey)).toBe(false)
    expect(opens(`${PETER.text}\n${otherId}`, PETER.vkey)).toBe(false)
  })

  test('a cosigner’s key does not open a note that it signed as text', async () => {
    const { verifier, sign } = ed25519Signer('witness.example/w1', 4, seed(9))
    const signature = Uint8Array.from(await sign(utf8(PETER.text)))
    const { name, keyId } = verifier
    expect(verifyNote({ text: PETER.text, signatures: [{ name, keyId, signature }] }, verifier)).toBe(
      'invalid',
    )
  })
})

describe('the form of a note', () => {
  test.each([
    ['nothing', ''],
    ['no signature', PETER.text],
    ['an empty line and no signature', `${PETER.text}\n`],
    ['no newline at the end', peterNote.slice(0, -1)],
    ['no empty line', `${PETER.text}${PETER.line}`],
    ['no text', `\n${PETER.line}`],
    ['text after the signatures', `${peterNote}Unexpected line.\n`],
    ['an empty line after the signatures', `${peterNote}\n`],
    ['a control character', `\u0001${peterNote}`],
    ['a tab', peterNote.replace('cryptography is', 'cryptography\tis')],
    ['a carriage return', peterNote.replaceAll('\n', '\r\n')],
    ['half a surrogate pair', `\ud800${peterNote}`],
    ['a space in the name', peterNote.replace('PeterNeumann', 'Peter Neumann')],
    ['another Unicode space in the name', peterNote.replace('PeterNeumann', 'Peter\u2003Neumann')],
    ['U+0085 in the name', peterNote.replace('PeterNeumann', 'Peter\u0085Neumann')],
    ['a plus in the name', peterNote.replace('PeterNeumann', 'Peter+Neumann')],
    ['no name', peterNote.replace('PeterNeumann ', '')],
    ['an empty name', peterNote.replace('PeterNeumann', '')],
    ['a hyphen for the dash', peterNote.replace('—', '-')],
    ['two spaces', peterNote.replace('PeterNeumann ', 'PeterNeumann  ')],
    ['a space at the end of a line', peterNote.replace(/\n$/, ' \n')],
    ['base64 without padding', peterNote.replace(/=\n$/, '\n')],
    ['base64 whose last letter has bits to spare', peterNote.replace(/AM=\n$/, 'AN=\n')],
    ['the other base64 alphabet', peterNote.replace('go/ZJ', 'go_ZJ')],
    ['a key id alone', `${PETER.text}\n— PeterNeumann x08gow==\n`],
    ['101 signatures', `${PETER.text}\n${PETER.line.repeat(101)}`],
  ])('%s: refused', (_, text) => {
    expect(parseNote(text)).toBeUndefined()
  })

  test('100 signatures and empty lines in the text are taken', () => {
    expect(parseNote(`${PETER.text}\n${PETER.line.repeat(100)}`)?.signatures).toHaveLength(100)
    expect(parseNote(`a\n\n\nb\n\n${PETER.line}`)?.text).toBe('a\n\n\nb\n')
  })

  test('what parses is what formatting gives, and nothing throws', () => {
    const letters = fc.string({
      unit: fc.constantFrom('a', '\n', '\n\n', '— ', ' ', '+', 'AAAAAAA=', 'x'),
      maxLength: 12,
    })
    fc.assert(
      fc.property(letters, (text) => {
        const note = parseNote(text)
        if (note) expect(formatNote(note)).toBe(text)
      }),
      { numRuns: 20_000 },
    )
  })

  test('formatting refuses what nobody could read', () => {
    const signature = { name: 'a', keyId: 1, signature: new Uint8Array(64) }
    for (const note of [
      { text: 'no newline', signatures: [signature] },
      { text: '', signatures: [signature] },
      { text: 'a\u0000\n', signatures: [signature] },
      { text: 'a\n', signatures: [] },
      { text: 'a\n', signatures: [{ ...signature, name: 'a b' }] },
      { text: 'a\n', signatures: [{ ...signature, name: '' }] },
      { text: 'a\n', signatures: [{ ...signature, signature: new Uint8Array() }] },
      { text: 'a\n', signatures: Array.from({ length: 101 }, () => signature) },
    ])
      expect(() => formatNote(note)).toThrow(RangeError)
  })
})

describe('verifier keys', () => {
  test.each([PETER.vkey, ENOCH.vkey, C2SP_NOTE.vkey, PUBLIC_LOG.vkey, ...PUBLIC_LOG.witnesses])(
    '%s comes back as it was',
    (vkey) => {
      expect(formatVerifier(verifierFrom(vkey))).toBe(vkey)
    },
  )

  test('each mangling of golang.org/x/mod/sumdb/note’s test is refused', () => {
    const { vkey } = PETER
    const taken: string[] = []
    const tryOne = (text: string) => {
      if (parseVerifier(text)) taken.push(text)
    }
    for (let from = 0; from < vkey.length; from++)
      for (let to = from + 1; to <= vkey.length; to++)
        if (from > 0 || to < vkey.length) tryOne(vkey.slice(from, to))
    for (let i = 0; i < vkey.length; i++)
      tryOne(`${vkey.slice(0, i)}${String.fromCharCode(vkey.charCodeAt(i) + 1)}${vkey.slice(i + 1)}`)
    for (const { text } of bitFlips(vkey)) tryOne(text)
    expect(taken).toEqual([])
  })

  test.each([
    ['a key of another length', 'PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY=='],
    ['an unknown algorithm', 'PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW'],
    ['a key id in capitals', PETER.vkey.replace('c74f20a3', 'C74F20A3')],
    ['a newline', `${PETER.vkey}\n`],
    ['a space before', ` ${PETER.vkey}`],
  ])('%s: refused', (_, vkey) => {
    expect(parseVerifier(vkey)).toBeUndefined()
  })

  test('bytes that are no point of the curve are refused, though name and key id are right', () => {
    const offCurve = bytesOf('02'.padEnd(64, '0'))
    expect(parseVerifier(formatVerifier(verifierOf('a', 1, offCurve)))).toBeUndefined()
  })

  test('the same key under another name or algorithm has another key id', () => {
    const { publicKey } = verifierFrom(PETER.vkey)
    const ids = [verifierOf('a', 1, publicKey), verifierOf('a', 4, publicKey), verifierOf('b', 1, publicKey)]
    expect(new Set(ids.map(({ keyId }) => keyId)).size).toBe(3)
  })

  test('names and keys that cannot be are refused', () => {
    const { publicKey } = verifierFrom(PETER.vkey)
    for (const name of ['', 'a b', 'a+b', 'a\nb', 'a\u00a0b', '\ud800'])
      expect(() => verifierOf(name, 1, publicKey)).toThrow(RangeError)
    expect(() => verifierOf('a', 1, publicKey.slice(1))).toThrow(RangeError)
    expect(() => ed25519Signer('a', 1, new Uint8Array(31))).toThrow(RangeError)
  })
})

describe('Ed25519 by RFC 8032, strictly', () => {
  const message = utf8(PETER.text)
  const { publicKey } = verifierFrom(PETER.vkey)
  const signature = base64Bytes(PETER.line.split(' ')[2]!.trimEnd()).slice(4)

  test('a signature with the group order added to s is refused', () => {
    // L, little-endian: s + L verifies under the bare equation, and would be a second signature of the same text.
    const order = bytesOf('edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010')
    const malleable = signature.slice()
    let carry = 0
    for (let i = 0; i < 32; i++) {
      carry += malleable[32 + i]! + order[i]!
      malleable[32 + i] = carry & 0xff
      carry >>= 8
    }
    expect(verifyEd25519(publicKey, message, malleable)).toBe(false)
    expect(verifyEd25519(publicKey, message, signature)).toBe(true)
  })

  test('a key of small order, under which one signature fits many texts, is refused', () => {
    const identity = bytesOf('01'.padEnd(64, '0'))
    const forged = bytesOf(`${'01'.padEnd(64, '0')}${'00'.repeat(32)}`)
    expect(verifyEd25519(identity, message, forged)).toBe(false)
  })

  test('signatures and keys of other lengths are refused without an exception', () => {
    for (const length of [0, 63, 65, 128])
      expect(verifyEd25519(publicKey, message, new Uint8Array(length))).toBe(false)
    expect(verifyEd25519(new Uint8Array(31), message, signature)).toBe(false)
  })

  test('the seed may be wiped once the signer is made', async () => {
    const own = seed(5)
    const signer = ed25519Signer('a', 1, own)
    const before = toBase64(await signer.sign(message))
    own.fill(0)
    expect(toBase64(await signer.sign(message))).toBe(before)
  })
})
