import { ed25519 } from '@noble/curves/ed25519.js'
import { concat, fromBase64, toBase64, utf8 } from '../core/bytes.ts'
import type { Bytes } from '../core/bytes.ts'
import { sha256 } from '../core/sha256.ts'
import { isPlainText, linesOf } from './encoding.ts'

/** c2sp.org/signed-note: signature types. 1 signs the text, 4 a cosignature/v1 message (c2sp.org/tlog-cosignature). */
export type NoteAlgorithm = 1 | 4

/** A public key that signs notes. Name and key id together say which key a signature is of. */
export type Verifier = {
  name: string
  /** 32 bits, unsigned; not a fingerprint: anybody can make a key with the same. */
  keyId: number
  algorithm: NoteAlgorithm
  /** Ed25519, 32 bytes. */
  publicKey: Bytes
}

export type Signer = {
  verifier: Verifier
  /** @returns the raw Ed25519 signature, 64 bytes. */
  sign(message: Uint8Array): Uint8Array | Promise<Uint8Array>
}

/** `signature` is without the four bytes of the key id, and has at least one byte. */
export type NoteSignature = { name: string; keyId: number; signature: Bytes }

/** `text` ends in a newline. */
export type Note = { text: string; signatures: readonly NoteSignature[] }

/** As in golang.org/x/mod/sumdb/note. c2sp.org/signed-note asks for a limit of 16 or more. */
export const MAX_NOTE_SIGNATURES = 100

const KEY_BYTES = 32
const KEY_ID_BYTES = 4
export const ED25519_SIGNATURE_BYTES = 64
const SIGNATURE_PREFIX = '— '

/**
 * The verifier of a public key, its key id computed as c2sp.org/signed-note recommends.
 *
 * @throws RangeError for a name or key that cannot be.
 */
export function verifierOf(name: string, algorithm: NoteAlgorithm, publicKey: Uint8Array): Verifier {
  if (!isKeyName(name))
    throw new RangeError('a key name is not empty and has no space, plus or control character')
  if (publicKey.length !== KEY_BYTES) throw new RangeError('not an Ed25519 public key of 32 bytes')
  return { name, keyId: keyIdOf(name, algorithm, publicKey), algorithm, publicKey: concat(publicKey) }
}

function keyIdOf(name: string, algorithm: NoteAlgorithm, publicKey: Uint8Array): number {
  return readUint32(sha256(concat(utf8(`${name}\n`), Uint8Array.of(algorithm), publicKey)))
}

function readUint32(bytes: Uint8Array): number {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(0)
}

function isKeyName(name: string): boolean {
  return name !== '' && isPlainText(name) && !/[\p{White_Space}+]/u.test(name)
}

/**
 * A verifier key as people hand it on: name+key id in hex+base64 of algorithm and public key.
 *
 * @returns undefined for another spelling, an algorithm other than 1 and 4, a key id that is not of this name and key,
 *   or bytes that are no point of the curve.
 */
export function parseVerifier(vkey: string): Verifier | undefined {
  // The base64 may hold a plus, name and key id may not.
  const parts = /^([^+]+)\+([0-9a-f]{8})\+(.+)$/.exec(vkey)
  if (!parts) return undefined
  const [, name = '', keyId = '', encoded = ''] = parts
  const bytes = fromBase64(encoded)
  const algorithm = bytes?.[0]
  if (bytes?.length !== 1 + KEY_BYTES || (algorithm !== 1 && algorithm !== 4)) return undefined
  const publicKey = bytes.slice(1)
  if (!isKeyName(name) || !ed25519.utils.isValidPublicKey(publicKey, false)) return undefined
  const verifier = verifierOf(name, algorithm, publicKey)
  return formatKeyId(verifier) === keyId ? verifier : undefined
}

export function formatVerifier(verifier: Verifier): string {
  const key = concat(Uint8Array.of(verifier.algorithm), verifier.publicKey)
  return `${verifier.name}+${formatKeyId(verifier)}+${toBase64(key)}`
}

function formatKeyId({ keyId }: Verifier): string {
  return keyId.toString(16).padStart(8, '0')
}

/**
 * A signer that holds its key in memory.
 *
 * @param seed the 32-byte private key of RFC 8032.
 * @throws RangeError for a name or seed that cannot be.
 */
export function ed25519Signer(name: string, algorithm: NoteAlgorithm, seed: Uint8Array): Signer {
  if (seed.length !== KEY_BYTES) throw new RangeError('not an Ed25519 seed of 32 bytes')
  const own = concat(seed)
  const verifier = verifierOf(name, algorithm, ed25519.getPublicKey(own))
  return { verifier, sign: (message) => ed25519.sign(message, own) }
}

/** RFC 8032, strictly: no unreduced encodings, no keys of small order. Never throws. */
export function verifyEd25519(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  if (publicKey.length !== KEY_BYTES || signature.length !== ED25519_SIGNATURE_BYTES) return false
  return ed25519.verify(signature, message, publicKey, { zip215: false })
}

/** @returns undefined for anything but one whole signed note: a text, an empty line, 1 to 100 signature lines. */
export function parseNote(noteText: string): Note | undefined {
  if (!isPlainText(noteText)) return undefined
  // The text may have empty lines itself: the last one separates.
  const split = noteText.lastIndexOf('\n\n')
  if (split < 0) return undefined
  const signatures = parseSignatureLines(noteText.slice(split + 2))
  return signatures && signatures.length > 0 ? { text: noteText.slice(0, split + 1), signatures } : undefined
}

/** @returns undefined unless every line is a signature line, ends in a newline, and they are at most 100. */
export function parseSignatureLines(text: string): NoteSignature[] | undefined {
  const lines = linesOf(text)
  if (!lines || lines.length > MAX_NOTE_SIGNATURES) return undefined
  const signatures = lines.map(parseSignatureLine)
  return signatures.every((signature) => signature !== undefined) ? signatures : undefined
}

function parseSignatureLine(line: string): NoteSignature | undefined {
  if (!line.startsWith(SIGNATURE_PREFIX)) return undefined
  const [name = '', encoded = '', ...more] = line.slice(SIGNATURE_PREFIX.length).split(' ')
  const bytes = fromBase64(encoded)
  if (more.length > 0 || !isKeyName(name) || !bytes || bytes.length <= KEY_ID_BYTES) return undefined
  return { name, keyId: readUint32(bytes), signature: bytes.slice(KEY_ID_BYTES) }
}

/** @throws RangeError for a note that `parseNote` would not take. */
export function formatNote(note: Note): string {
  const text = `${note.text}\n${note.signatures.map(formatSignatureLine).join('')}`
  if (parseNote(text)?.text !== note.text) throw new RangeError('not a note: text, key name or signature')
  return text
}

/**
 * A note that each of the signers has signed, in their order.
 *
 * @param text ends in a newline.
 * @throws RangeError for a note that `parseNote` would not take, for a signer whose algorithm is not 1, and for none at all; Error
 *   if a signature does not verify: a signer may be a device elsewhere, and what it gets wrong must not be published.
 */
export async function signNote(text: string, signers: readonly Signer[]): Promise<string> {
  if (signers.length === 0) throw new RangeError('nobody to sign')
  const message = utf8(text)
  const signatures = await Promise.all(
    signers.map(async (signer): Promise<NoteSignature> => {
      const { name, keyId, algorithm, publicKey } = signer.verifier
      if (algorithm !== 1) throw new RangeError('this key signs no text')
      const signature = concat(await signer.sign(message))
      if (!verifyEd25519(publicKey, message, signature))
        throw new Error('the signer gave a signature that does not verify')
      return { name, keyId, signature }
    }),
  )
  return formatNote({ text, signatures })
}

/** One line, its newline included. */
export function formatSignatureLine({ name, keyId, signature }: NoteSignature): string {
  const bytes = new Uint8Array(KEY_ID_BYTES + signature.length)
  new DataView(bytes.buffer).setUint32(0, keyId)
  bytes.set(signature, KEY_ID_BYTES)
  return `${SIGNATURE_PREFIX}${name} ${toBase64(bytes)}\n`
}

/** The signatures that claim to be this key's. One that is there twice counts once, so that nobody pays for copies. */
export function signaturesOf(note: Note, verifier: Verifier): readonly NoteSignature[] {
  const own = note.signatures.filter((signature) => isBy(signature, verifier))
  return [...new Map(own.map((signature) => [toBase64(signature.signature), signature])).values()]
}

export function isBy(signature: NoteSignature, verifier: Verifier): boolean {
  return signature.name === verifier.name && signature.keyId === verifier.keyId
}

/**
 * Whether this key signed the text: `missing` if no signature claims to be its, `invalid` if one that does is not
 * (c2sp.org/signed-note: then the whole note should be refused).
 */
export function verifyNote(note: Note, verifier: Verifier): 'signed' | 'missing' | 'invalid' {
  const own = signaturesOf(note, verifier)
  if (own.length === 0) return 'missing'
  const message = utf8(note.text)
  const right = own.every(({ signature }) => verifyEd25519(verifier.publicKey, message, signature))
  // A cosigner's key signs another message than the text.
  return right && verifier.algorithm === 1 ? 'signed' : 'invalid'
}
