import { xchacha20 } from '@noble/ciphers/chacha.js'
import { readFileSync } from 'node:fs'
import { isVaultError } from '../../src/core/errors.ts'
import type { SubjectId } from '../../src/core/id.ts'
import { WRAPPED_KEY_BYTES, unwrapKey } from '../../src/crypto/envelope.ts'
import type { SymmetricKey } from '../../src/crypto/envelope.ts'
import { dataKeyPlace, tenantKeyPlace } from '../../src/crypto/place.ts'
import { secret } from '../../src/core/secret.ts'
import { deriveIndependently } from '../crypto/independent-envelope.ts'
import { ByteSearch } from './byte-search.ts'
import { TENANT } from './p09-p12-service.ts'
import type { KeyRow, Snapshot } from './p09-snapshot.ts'

/** Somebody who took the root key and every byte of the data folder, and looks for what was erased. */

/** Envelope v1, docs/formats.md: version, suite; then key id, nonce, commitment, ciphertext, tag. */
const HEADER = Buffer.from([1, 1])
const NONCE_AT = 10
const COMMITMENT_AT = 34
const CIPHERTEXT_AT = 66
const ENVELOPE_BYTES = 82

export type Loot = {
  files: readonly { name: string; bytes: Buffer }[]
  /** By id: the root key's, and all that it unwraps. */
  keys: ReadonlyMap<string, SymmetricKey>
  /** Which of them wrap persons' keys. */
  wrapping: readonly string[]
}

/** Straight from the file's own text: no code of the service. */
export function readRootKey(path: string): SymmetricKey {
  const { key_id: id, key } = JSON.parse(readFileSync(path, 'utf8')) as { key_id: string; key: string }
  return { id, material: secret(Uint8Array.from(Buffer.from(key, 'base64'))) }
}

type TenantKeyRow = { kind: string; version: number; keyId: string; wrapped: Buffer }

export function openTenantKeys(root: SymmetricKey, { db }: Snapshot): Pick<Loot, 'keys' | 'wrapping'> {
  const rows = db
    .prepare<[], TenantKeyRow>('select kind, version, key_id as keyId, wrapped from tenant_keys')
    .all()
  const keys = rows.map(({ kind, version, keyId, wrapped }) =>
    unwrapKey(root, wrapped, keyId, tenantKeyPlace({ tenant: TENANT, kind, version })),
  )
  const wrapping = rows.filter(({ kind }) => kind === 'wrap').map(({ keyId }) => keyId)
  return { keys: new Map([root, ...keys].map((key) => [key.id, key])), wrapping }
}

/** @returns undefined where these bytes are not this person's key. */
export function openDataKey(loot: Loot, wrapped: Uint8Array, victim: KeyRow): SymmetricKey | undefined {
  const wrapping = loot.keys.get(Buffer.from(wrapped.subarray(2, NONCE_AT)).toString('hex'))
  if (!wrapping) return undefined
  try {
    return unwrapKey(
      wrapping,
      wrapped,
      victim.keyId,
      dataKeyPlace({ tenant: TENANT, subject: victim.subject as SubjectId }),
    )
  } catch (error) {
    if (isVaultError(error, 'envelope_invalid')) return undefined
    throw error
  }
}

export type Attack = {
  /** Wrapped keys at any offset that are not a living person's row. */
  strayKeys: number
  /** Envelopes under an erased person's key at any offset: nothing but the key opens them. */
  remnants: number
  /** Erased persons whose key or a value of whose was opened. */
  opened: Set<string>
}

/**
 * As many envelopes of so many erased persons may be left: what is deleted is overwritten, but a page that SQLite has split can keep
 * a second copy of a row in its unused bytes (decision 0009). One in a hundred of the four that a person has, and no key to it.
 */
export function mayRemain(victims: number): number {
  return Math.max(1, Math.floor(0.04 * victims))
}

/** @param living whose wrapped keys are there by right. */
export function attack(loot: Loot, victims: readonly KeyRow[], living: readonly KeyRow[]): Attack {
  const byRight = new Set(living.map(({ wrapped }) => wrapped.toString('latin1')))
  const wrapped = envelopesUnder(loot, loot.wrapping).map(({ bytes }) => bytes.subarray(0, WRAPPED_KEY_BYTES))
  const stray = wrapped.filter((bytes) => !byRight.has(bytes.toString('latin1')))
  const opened = new Set<string>()
  for (const bytes of stray) {
    for (const victim of victims) if (openDataKey(loot, bytes, victim)) opened.add(victim.subject)
  }
  const loose = [...stray.map((bytes) => decryptUnchecked(loot, bytes)), ...materialsOf(loot)]
  const commitments = new Set(loose.map((key) => deriveIndependently(key).commitment.toString('latin1')))
  const subjects = new Map(victims.map(({ keyId, subject }) => [keyId, subject]))
  const remnants = envelopesUnder(loot, [...subjects.keys()])
  for (const { keyId, bytes } of remnants) {
    // Whichever key gives the commitment opens the envelope.
    const commitment = bytes.toString('latin1', COMMITMENT_AT, CIPHERTEXT_AT)
    if (commitments.has(commitment)) opened.add(subjects.get(keyId) ?? '')
  }
  return { strayKeys: stray.length, remnants: remnants.length, opened }
}

/** Whatever bears the header of an envelope under one of these keys, wherever it stands, from there to the file's end. */
function envelopesUnder({ files }: Loot, keyIds: readonly string[]): { keyId: string; bytes: Buffer }[] {
  const search = new ByteSearch()
  for (const id of keyIds) search.addBytes(id, Buffer.concat([HEADER, Buffer.from(id, 'hex')]))
  return files.flatMap(({ name, bytes }) =>
    search
      .inBytes(bytes, name)
      .filter(({ at }) => at + ENVELOPE_BYTES <= bytes.length)
      .map(({ needle, at }) => ({ keyId: needle, bytes: bytes.subarray(at) })),
  )
}

/** The stream cipher needs no tag: a key may come out of a wrapped one whose place is not known any more. */
function decryptUnchecked({ keys }: Loot, wrapped: Buffer): Uint8Array {
  const wrapping = keys.get(wrapped.toString('hex', 2, NONCE_AT))!
  const nonce = wrapped.subarray(NONCE_AT, COMMITMENT_AT)
  const { key } = deriveIndependently(wrapping.material.exposeSecret())
  const sealed = wrapped.subarray(CIPHERTEXT_AT, WRAPPED_KEY_BYTES - 16)
  return xchacha20(key, nonce, sealed, undefined, 1)
}

function materialsOf({ keys }: Loot): Uint8Array[] {
  return [...keys.values()].map(({ material }) => material.exposeSecret())
}
