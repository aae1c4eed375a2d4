import { describe, expect, test } from 'vitest'
import { openCheckpoint } from '../../src/tlog/checkpoint.ts'
import {
  addSignatureLines,
  cosign,
  countCosignatures,
  takeCosignatures,
  verifyCosignature,
} from '../../src/tlog/cosignature.ts'
import { ed25519Signer, formatSignatureLine, parseNote, verifierOf } from '../../src/tlog/note.ts'
import {
  bitFlips,
  logOf,
  logSigner,
  seed,
  verifierFrom,
  witnessSigners,
  witnessVerifiers,
} from './log-for-tests.ts'
import { ENOCH, PETER, PUBLIC_LOG } from './vectors.ts'

const NOW_S = 1_700_000_000
const [w1, w2, w3] = witnessSigners as [
  (typeof witnessSigners)[0],
  (typeof witnessSigners)[0],
  (typeof witnessSigners)[0],
]
const { note } = await logOf(12)
const line1 = await cosign(note, w1, NOW_S)
const line2 = await cosign(note, w2, NOW_S + 1)
const cosigned = addSignatureLines(note, line1 + line2)
const policy = (quorum: number) => ({ witnesses: witnessVerifiers, quorum })
const logLine = new Set(linePlaces(note, logSigner.verifier.name))

/** Byte places of the line of a signature by this name. */
function linePlaces(text: string, name: string): number[] {
  const start = text.indexOf(`— ${name} `)
  const from = Buffer.byteLength(text.slice(0, start))
  const length = Buffer.byteLength(text.slice(start, text.indexOf('\n', start)))
  return Array.from({ length }, (_, i) => from + i)
}

describe('a cosignature', () => {
  test.each(PUBLIC_LOG.witnesses)('of the public witness %s verifies', (vkey) => {
    expect(verifyCosignature(PUBLIC_LOG.note, verifierFrom(vkey))).toBe(PUBLIC_LOG.cosignedAt)
  })

  test('tells when, and leaves the log’s own signature standing', () => {
    expect(verifyCosignature(cosigned, w1.verifier)).toBe(NOW_S)
    expect(verifyCosignature(cosigned, w2.verifier)).toBe(NOW_S + 1)
    expect(verifyCosignature(cosigned, w3.verifier)).toBeUndefined()
    expect(openCheckpoint(cosigned, logSigner.verifier)?.size).toBe(12)
  })

  test('is refused, whichever bit of the cosigned note was flipped', () => {
    // The log's line is not part of what a witness signs; all else is.
    const accepted = [...bitFlips(note + line1)].filter(
      ({ bit, text }) => !logLine.has(bit >> 3) && verifyCosignature(text, w1.verifier) !== undefined,
    )
    expect(accepted).toEqual([])
  })

  test('negative control: flipped bits of the log’s line do not hurt it, and the log’s own check finds them', () => {
    const flips = [...bitFlips(note + line1)].filter(({ bit }) => logLine.has(bit >> 3))
    expect(flips.some(({ text }) => verifyCosignature(text, w1.verifier) === NOW_S)).toBe(true)
    expect(flips.filter(({ text }) => openCheckpoint(text, logSigner.verifier))).toEqual([])
  })

  test('is of one checkpoint: moved to another it does not verify', async () => {
    const other = await logOf(13)
    expect(verifyCosignature(addSignatureLines(other.note, line1), w1.verifier)).toBeUndefined()
  })

  test('is no signature of the text, and a signature of the text is no cosignature', async () => {
    const { verifier, sign } = ed25519Signer('witness.example/w1', 4, seed(32))
    const bare = Uint8Array.from(await sign(new TextEncoder().encode(parseNote(note)!.text)))
    const { name, keyId } = verifier
    for (const signature of [bare, new Uint8Array([...new Uint8Array(8), ...bare])]) {
      const line = formatSignatureLine({ name, keyId, signature })
      expect(verifyCosignature(addSignatureLines(note, line), verifier)).toBeUndefined()
    }
    // A right cosignature, under a key that is for texts.
    const asLog = verifierOf(name, 1, verifier.publicKey)
    const { signature } = parseNote(note + line1)!.signatures[1]!
    const relabelled = note + formatSignatureLine({ name, keyId: asLog.keyId, signature })
    expect(verifyCosignature(relabelled, asLog)).toBeUndefined()
    expect(verifyCosignature(relabelled, { ...asLog, algorithm: 4 })).toBe(NOW_S)
  })

  test('a time beyond 2^53 − 1 is refused', async () => {
    const { signature, ...rest } = parseNote(addSignatureLines(note, line1))!.signatures[1]!
    const late = signature.slice()
    late[0] = 0x7f
    const line = formatSignatureLine({ ...rest, signature: late })
    expect(verifyCosignature(addSignatureLines(note, line), w1.verifier)).toBeUndefined()
    await expect(cosign(note, w1, 2 ** 53)).rejects.toThrow(RangeError)
    await expect(cosign(note, w1, -1)).rejects.toThrow(RangeError)
    await expect(cosign(note, w1, 1.5)).rejects.toThrow(RangeError)
  })

  test('is given on checkpoints alone, by cosigners’ keys alone', async () => {
    await expect(cosign(`${PETER.text}\n${PETER.line}`, w1, NOW_S)).rejects.toThrow(RangeError)
    await expect(cosign('nothing', w1, NOW_S)).rejects.toThrow(RangeError)
    await expect(cosign(note, logSigner, NOW_S)).rejects.toThrow(RangeError)
  })

  test('of several by one witness the latest counts, and a wrong one spoils them', async () => {
    const later = await cosign(note, w1, NOW_S + 60)
    expect(verifyCosignature(note + later + line1, w1.verifier)).toBe(NOW_S + 60)
    const { signature, ...key } = parseNote(note + later)!.signatures[1]!
    const wrong = formatSignatureLine({ ...key, signature: signature.with(7, signature[7]! ^ 1) })
    expect(verifyCosignature(note + line1 + wrong, w1.verifier)).toBeUndefined()
  })
})

describe('a policy of k of n', () => {
  test('counts valid cosignatures of its witnesses, each once', () => {
    expect(countCosignatures(note, policy(2))).toBe(0)
    expect(countCosignatures(cosigned, policy(2))).toBe(2)
    expect(countCosignatures(note + line1 + line1, policy(2))).toBe(1)
    expect(countCosignatures('malformed', policy(2))).toBe(0)
  })

  test('one key under two names is one witness', async () => {
    const alias = ed25519Signer('witness.example/alias', 4, seed(32))
    const both = note + line1 + (await cosign(note, alias, NOW_S))
    const witnesses = [w1.verifier, alias.verifier]
    expect(witnesses.map((witness) => verifyCosignature(both, witness))).toEqual([NOW_S, NOW_S])
    expect(countCosignatures(both, { witnesses, quorum: 2 })).toBe(1)
  })
})

describe('signature lines', () => {
  test('are appended; one of the same key is replaced', async () => {
    const later = await cosign(note, w1, NOW_S + 60)
    expect(addSignatureLines(cosigned, later)).toBe(note + line2 + later)
    expect(addSignatureLines(note, '')).toBe(note)
  })

  test('that are malformed, or too many, are refused', () => {
    for (const lines of ['x', '\n', line1.slice(0, -1), `${line1}\n`, line1.repeat(101)])
      expect(() => addSignatureLines(note, lines)).toThrow(RangeError)
    expect(() => addSignatureLines('x', line1)).toThrow(RangeError)
  })
})

describe('what a witness answered', () => {
  test('is taken if it verifies', () => {
    expect(takeCosignatures(note, line1 + line2, witnessVerifiers)).toEqual({
      note: cosigned,
      by: [w1.verifier, w2.verifier],
    })
  })

  test('cannot displace the log’s signature, nor bring in others’', () => {
    const { name, keyId } = logSigner.verifier
    const forged = formatSignatureLine({ name, keyId, signature: new Uint8Array(64) })
    const answer = forged + ENOCH.line + line1
    expect(takeCosignatures(note, answer, witnessVerifiers)).toEqual({
      note: note + line1,
      by: [w1.verifier],
    })
    // Control: taken as it came, the same answer would have.
    expect(openCheckpoint(addSignatureLines(note, answer), logSigner.verifier)).toBeUndefined()
  })

  test('is left out if it is wrong, malformed or too long', async () => {
    const others = await cosign((await logOf(13)).note, w1, NOW_S)
    for (const answer of ['', 'x', '\n', others, line1.slice(0, -1), line1.repeat(101), `${line1}\u0000`])
      expect(takeCosignatures(note, answer, witnessVerifiers)).toEqual({ note, by: [] })
  })

  test('a hundred valid lines by one witness become one, the latest', async () => {
    const lines = await Promise.all(Array.from({ length: 100 }, (_, i) => cosign(note, w1, NOW_S + i)))
    expect(takeCosignatures(note, lines.join(''), witnessVerifiers)).toEqual({
      note: note + lines[99]!,
      by: [w1.verifier],
    })
  })
})
