import { hchacha } from '@noble/ciphers/chacha.js'
import { createDecipheriv, createHmac } from 'node:crypto'

/** Envelope v1 a second time, from docs/formats.md over OpenSSL alone, to compare the vault's own with. */

const LABEL = Buffer.from('cloakroom/envelope')

export function deriveIndependently(key: Uint8Array): { key: Buffer; commitment: Buffer } {
  const info = Buffer.concat([LABEL, Buffer.from([1, 1])])
  const first = hmac(key, info, Buffer.from([1]))
  return { key: first, commitment: hmac(key, first, info, Buffer.from([2])) }
}

/** The place as the format's table gives it, a wrapped key's own id included. */
export function openIndependently(key: Uint8Array, envelope: Uint8Array, place: readonly string[]): Buffer {
  const nonce = envelope.subarray(10, 34)
  const derived = deriveIndependently(key)
  if (!derived.commitment.equals(envelope.subarray(34, 66))) throw new Error('another commitment')
  const chachaNonce = Buffer.concat([Buffer.alloc(4), nonce.subarray(16)])
  const decipher = createDecipheriv(
    'chacha20-poly1305',
    hchacha20(derived.key, nonce.subarray(0, 16)),
    chachaNonce,
    {
      authTagLength: 16,
    },
  )
  const body = envelope.subarray(66, -16)
  decipher.setAAD(associatedData(envelope, place), { plaintextLength: body.length })
  decipher.setAuthTag(envelope.subarray(-16))
  return Buffer.concat([decipher.update(body), decipher.final()])
}

export function associatedData(envelope: Uint8Array, place: readonly string[]): Buffer {
  const parts = [envelope.subarray(0, 10), ...place.map((part) => Buffer.from(part))]
  return Buffer.concat([
    uint32(parts.length),
    ...parts.flatMap((part) => [uint32(part.length), Buffer.from(part)]),
  ])
}

function hchacha20(key: Buffer, nonce: Uint8Array): Buffer {
  const words = new Uint32Array(8)
  hchacha(SIGMA, words32(key), words32(nonce), words)
  return Buffer.from(words.buffer)
}

const SIGMA = words32(Buffer.from('expand 32-byte k'))

function words32(bytes: Uint8Array): Uint32Array {
  return new Uint32Array(Uint8Array.from(bytes).buffer)
}

function uint32(value: number): Buffer {
  const out = Buffer.alloc(4)
  out.writeUInt32BE(value)
  return out
}

function hmac(key: Uint8Array, ...parts: Uint8Array[]): Buffer {
  const mac = createHmac('sha256', key)
  for (const part of parts) mac.update(part)
  return mac.digest()
}
