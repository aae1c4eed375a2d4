import { fromBase64, toBase64, type Bytes } from '../core/bytes.ts'
import { unreachable } from '../core/errors.ts'
import { secret, type Secret } from '../core/secret.ts'
import { KEY_BYTES, parseKeyId, WRAPPED_KEY_BYTES, type KeyId } from '../crypto/envelope.ts'
import { ARGON2_SALT_BYTES, withinArgon2Limits, type Argon2Params } from '../crypto/password.ts'
import { MAX_SHARES, MIN_THRESHOLD } from '../crypto/shamir.ts'

/** What a root key file says (docs/formats.md). */
export type RootKeyFile =
  | { protection: 'none'; keyId: KeyId; key: Secret<Bytes> }
  | { protection: 'argon2id'; keyId: KeyId; argon2: Argon2Params; salt: Bytes; sealed: Bytes }
  /** Sealed under a secret that `threshold` of the `shares` of this set give together. */
  | { protection: 'shamir'; keyId: KeyId; set: KeyId; threshold: number; shares: number; sealed: Bytes }

const KIND = 'root-key'
const VERSION = 1

export function formatRootKeyFile(file: RootKeyFile): string {
  const common = { cloakroom: KIND, version: VERSION, protection: file.protection, key_id: file.keyId }
  return `${JSON.stringify({ ...common, ...ownMembers(file) }, undefined, 2)}\n`
}

function ownMembers(file: RootKeyFile): Members {
  switch (file.protection) {
    case 'none':
      return { key: toBase64(file.key.exposeSecret()) }
    case 'argon2id':
      return {
        memory_kib: file.argon2.memoryKib,
        passes: file.argon2.passes,
        lanes: file.argon2.lanes,
        salt: toBase64(file.salt),
        sealed: toBase64(file.sealed),
      }
    case 'shamir':
      return { set: file.set, threshold: file.threshold, shares: file.shares, sealed: toBase64(file.sealed) }
    default:
      return unreachable(file)
  }
}

/** @returns undefined for anything that this version does not write, parameters outside the limits included. */
export function parseRootKeyFile(text: string): RootKeyFile | undefined {
  const members = parseObject(text)
  if (members?.cloakroom !== KIND || members.version !== VERSION) return undefined
  const keyId = parseKeyId(String(members.key_id))
  if (keyId === undefined) return undefined
  if (members.protection === 'none') return parsePlain(keyId, members)
  if (members.protection === 'argon2id') return parseSealed(keyId, members)
  if (members.protection === 'shamir') return parseShared(keyId, members)
  return undefined
}

type Members = Record<string, unknown>

function parsePlain(keyId: KeyId, members: Members): RootKeyFile | undefined {
  const key = base64Of(members.key, KEY_BYTES)
  return key && { protection: 'none', keyId, key: secret(key) }
}

function parseSealed(keyId: KeyId, members: Members): RootKeyFile | undefined {
  const argon2 = {
    memoryKib: Number(members.memory_kib),
    passes: Number(members.passes),
    lanes: Number(members.lanes),
  }
  const salt = base64Of(members.salt, ARGON2_SALT_BYTES)
  const sealed = base64Of(members.sealed, WRAPPED_KEY_BYTES)
  if (!withinArgon2Limits(argon2) || !salt || !sealed) return undefined
  return { protection: 'argon2id', keyId, argon2, salt, sealed }
}

function parseShared(keyId: KeyId, members: Members): RootKeyFile | undefined {
  const set = parseKeyId(String(members.set))
  const [threshold, shares] = [Number(members.threshold), Number(members.shares)]
  const sealed = base64Of(members.sealed, WRAPPED_KEY_BYTES)
  const counts = Number.isInteger(threshold) && Number.isInteger(shares)
  if (set === undefined || !sealed || !counts) return undefined
  if (threshold < MIN_THRESHOLD || shares < threshold || shares > MAX_SHARES) return undefined
  return { protection: 'shamir', keyId, set, threshold, shares, sealed }
}

function base64Of(value: unknown, lengthBytes: number): Bytes | undefined {
  const bytes = typeof value === 'string' ? fromBase64(value) : undefined
  return bytes?.length === lengthBytes ? bytes : undefined
}

function parseObject(text: string): Members | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Members) : undefined
  } catch {
    // Not JSON: one of the things that a root key file is not.
    return undefined
  }
}
