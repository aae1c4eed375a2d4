/** What cryptographic libraries take and give: bytes over a plain ArrayBuffer. */
export type Bytes = Uint8Array<ArrayBuffer>

const encoder = new TextEncoder()
const strictDecoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

export function utf8(text: string): Bytes {
  // Over a plain buffer on every platform, which not every platform's types say.
  const bytes: Uint8Array = encoder.encode(text)
  return bytes as Bytes
}

/** @throws TypeError on bytes that are not UTF-8. */
export function fromUtf8(bytes: Uint8Array): string {
  return strictDecoder.decode(bytes)
}

export function concat(...parts: readonly Uint8Array[]): Bytes {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let offset = 0
  for (const part of parts) {
    out.set(part, offset)
    offset += part.length
  }
  return out
}

/** Takes the same time wherever the first difference lies. Lengths are not secret. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false
  let difference = 0
  for (let i = 0; i < a.length; i++) difference |= (a[i] ?? 0) ^ (b[i] ?? 0)
  return difference === 0
}

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

export function toHex(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += HEX[byte]
  return text
}

/** @returns undefined for anything but an even number of hex digits. */
export function fromHex(text: string): Bytes | undefined {
  if (!/^([0-9a-f]{2})*$/i.test(text)) return undefined
  return Uint8Array.from({ length: text.length / 2 }, (_, i) =>
    Number.parseInt(text.slice(2 * i, 2 * i + 2), 16),
  )
}

export function toBase64(bytes: Uint8Array): string {
  let binary = ''
  for (const byte of bytes) binary += String.fromCharCode(byte)
  return btoa(binary)
}

/** RFC 4648 §5, without padding. */
export function toBase64Url(bytes: Uint8Array): string {
  return toBase64(bytes).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
}

/** @returns undefined for text that is not standard base64 in its one canonical spelling. */
export function fromBase64(text: string): Bytes | undefined {
  try {
    const bytes = Uint8Array.from(atob(text), (char) => char.charCodeAt(0))
    return toBase64(bytes) === text ? bytes : undefined
  } catch {
    // atob's only failure is a wrong alphabet or length: the same answer as a non-canonical spelling.
    return undefined
  }
}

/**
 * Joins texts so that no two different lists give the same bytes: each part is preceded by its length in bytes as a
 * 32-bit big-endian number, and the list by its count. ("ab","c") and ("a","bc") differ.
 */
export function lengthPrefixed(...parts: readonly (string | Uint8Array)[]): Bytes {
  const out = new Uint8Array(mostBytes(parts))
  return out.subarray(0, putLengthPrefixed(parts, out))
}

/** As many bytes as `putLengthPrefixed` can need: a UTF-16 code unit is at most three bytes of UTF-8. */
function mostBytes(parts: readonly (string | Uint8Array)[]): number {
  let most = 4
  for (const part of parts) most += 4 + (typeof part === 'string' ? 3 * part.length : part.length)
  return most
}

function putLengthPrefixed(parts: readonly (string | Uint8Array)[], out: Bytes): number {
  putUint32(parts.length, out, 0)
  let offset = 4
  for (const part of parts) {
    const length = put(part, out, offset + 4)
    putUint32(length, out, offset)
    offset += 4 + length
  }
  return offset
}

const scratch = new Uint8Array(1024)

/**
 * `lengthPrefixed` of these parts for as long as `use` runs, synchronously: four of them are needed for each reveal, and memory of
 * their own would take longer than the joining.
 */
export function withLengthPrefixed<T>(
  parts: readonly (string | Uint8Array)[],
  use: (joined: Uint8Array) => T,
): T {
  if (mostBytes(parts) > scratch.length) return use(lengthPrefixed(...parts))
  return use(scratch.subarray(0, putLengthPrefixed(parts, scratch)))
}

function putUint32(value: number, into: Bytes, at: number): void {
  into[at] = value >>> 24
  into[at + 1] = value >>> 16
  into[at + 2] = value >>> 8
  into[at + 3] = value
}

/** @returns how many bytes were put. */
function put(part: string | Uint8Array, into: Bytes, at: number): number {
  if (typeof part !== 'string') {
    into.set(part, at)
    return part.length
  }
  // Ids and short words are ASCII: a loop takes a fifth of what the encoder's call does.
  for (let i = 0; i < part.length; i++) {
    const unit = part.charCodeAt(i)
    if (unit > 0x7f) return encoder.encodeInto(part, into.subarray(at)).written
    into[at + i] = unit
  }
  return part.length
}
