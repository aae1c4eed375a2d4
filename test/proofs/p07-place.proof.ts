import { randomBytes, randomInt } from 'node:crypto'
import { concat, fromHex, utf8, type Bytes } from '../../src/core/bytes.ts'
import { isVaultError } from '../../src/core/errors.ts'
import { opaqueId, parseTenantId } from '../../src/core/id.ts'
import { AEAD_NONCE_BYTES, AEAD_TAG_BYTES, decrypt, encrypt, newNonce } from '../../src/crypto/aead.ts'
import { newKey, open, seal, type SymmetricKey } from '../../src/crypto/envelope.ts'
import { fieldPlace, type Place } from '../../src/crypto/place.ts'
import { associatedData, deriveIndependently } from '../crypto/independent-envelope.ts'
import type { ProofReport } from './report.ts'
import { twoKeyCiphertext } from './two-key-ciphertext.ts'

// P7: a ciphertext opens only in its place.

const FIELDS = ['name', 'phone', 'email', 'address']
const VERSIONS = [1, 2]
const KEY_ID_AT = 2
/** Enough for the control: nobody needs millions of ciphertexts that open everywhere. */
const CONTROL_RECORDS = 4

export type Size = { records: number; bitFlips: number; collisions: number }

/** One way to seal and open, so that the same check runs on the envelope and on a broken variant of it. */
type Scheme = {
  seal(key: SymmetricKey, plaintext: Uint8Array, place: Place): Bytes
  opens(key: SymmetricKey, sealed: Bytes, place: Place): boolean
}

type Home = { place: Place; key: SymmetricKey }
type Sealed = Home & { bytes: Bytes }

export async function short(): Promise<ProofReport> {
  return prove({ records: 12, bitFlips: 20_000, collisions: 20 })
}

export async function full(): Promise<ProofReport> {
  return prove({ records: 200, bitFlips: 1_000_000, collisions: 1_000 })
}

export function prove(size: Size): ProofReport {
  const failures: string[] = []
  const homes = makeHomes(size.records)
  const underOwnKeys = sealAll(envelope, homes)
  const pairsOfOneKey = openElsewhere(envelope, sealAll(envelope, underOneKey(homes)), failures)
  const pairsOfOwnKeys = openElsewhere(forgedEnvelope, underOwnKeys, failures)
  const shortTags = openShortTags(underOwnKeys, failures)
  flipBits(underOwnKeys, size.bitFlips, failures)
  const bareAccepted = openUnderTwoKeys(size.collisions, failures)

  const found: string[] = []
  openElsewhere(unbound, sealAll(unbound, underOneKey(makeHomes(CONTROL_RECORDS))), found)
  return {
    figures: {
      ciphertexts: homes.length,
      'pairs, one key for all': pairsOfOneKey,
      'pairs, a key each, id forged': pairsOfOwnKeys,
      'tags of 0–15 bytes': shortTags,
      'bit flips': size.bitFlips,
      'built for two keys': size.collisions,
      'of these, bare cipher accepted': bareAccepted,
    },
    failures,
    control: {
      broken: 'ciphertexts bound to nothing; and the bare cipher for those built for two keys',
      // Each control has to bite by itself: one that found nothing makes the whole find nothing.
      found: Math.min(found.length, bareAccepted),
    },
  }
}

const envelope: Scheme = { seal, opens }

/** What somebody who can write to the database would try: the target's key id in the header. */
const forgedEnvelope: Scheme = {
  seal,
  opens: (key, sealed, place) => opens(key, withKeyId(sealed, key), place),
}

/** The broken variant: the same cipher, with nothing as associated data. */
const unbound: Scheme = {
  seal(key, plaintext) {
    const nonce = newNonce()
    return concat(nonce, encrypt(key.material.exposeSecret(), nonce, plaintext, new Uint8Array()))
  },
  opens(key, sealed) {
    const [nonce, body] = [sealed.subarray(0, AEAD_NONCE_BYTES), sealed.subarray(AEAD_NONCE_BYTES)]
    return decrypt(key.material.exposeSecret(), nonce, body, new Uint8Array()) !== undefined
  },
}

/** Two tenants with the same persons in them, so that for half of the pairs the tenant alone differs. */
function makeHomes(records: number): Home[] {
  const subjects = Array.from({ length: records / 2 }, () => opaqueId('sub', randomBytes))
  return ['one', 'two'].flatMap((name) =>
    subjects.flatMap((subject) => {
      const key = newKey(randomBytes)
      const person = { tenant: parseTenantId(name)!, subject }
      return FIELDS.flatMap((field) =>
        VERSIONS.map((version) => ({ key, place: fieldPlace({ ...person, field, version }) })),
      )
    }),
  )
}

/** Nothing but the place tells these apart. */
function underOneKey(homes: readonly Home[]): Home[] {
  const key = newKey(randomBytes)
  return homes.map(({ place }) => ({ place, key }))
}

function sealAll(scheme: Scheme, homes: readonly Home[]): Sealed[] {
  return homes.map((home) => ({ ...home, bytes: scheme.seal(home.key, utf8('+8613812345678'), home.place) }))
}

/** Each ciphertext in each place: it has to open in its own and in no other. @returns the number of pairs. */
function openElsewhere(scheme: Scheme, sealed: readonly Sealed[], failures: string[]): number {
  for (const from of sealed) {
    for (const to of sealed) {
      if (scheme.opens(to.key, from.bytes, to.place) === (from === to)) continue
      failures.push(`${from.place.join('/')} tried in ${to.place.join('/')}`)
    }
  }
  return sealed.length ** 2
}

function openShortTags(sealed: readonly Sealed[], failures: string[]): number {
  let tried = 0
  for (const { place, key, bytes } of sealed) {
    for (let kept = 0; kept < AEAD_TAG_BYTES; kept++) {
      tried++
      const cut = bytes.subarray(0, bytes.length - AEAD_TAG_BYTES + kept)
      if (opens(key, cut, place)) failures.push(`${place.join('/')}: opened with a tag of ${kept} bytes`)
    }
  }
  return tried
}

/** Any one bit, the header's included. */
function flipBits(sealed: readonly Sealed[], count: number, failures: string[]): void {
  for (let i = 0; i < count; i++) {
    const { place, key, bytes } = sealed[i % sealed.length]!
    const bit = randomInt(bytes.length * 8)
    const flipped = Uint8Array.from(bytes)
    flipped[bit >> 3]! ^= 1 << (bit & 7)
    if (opens(key, flipped, place)) failures.push(`${place.join('/')}: opened with bit ${bit} flipped`)
  }
}

/**
 * An attacker who chose two keys, gave them one id and built the ciphertext: the bare cipher takes it under both, the
 * envelope under the one that it commits to.
 *
 * @returns how many the bare cipher took under both.
 */
function openUnderTwoKeys(count: number, failures: string[]): number {
  let bareAccepted = 0
  for (let i = 0; i < count; i++) {
    const one = newKey(randomBytes)
    const two = { id: one.id, material: newKey(randomBytes).material }
    const { envelope, place, accepted } = buildForTwoKeys(one, two)
    if (accepted) bareAccepted++
    else failures.push('a ciphertext for two keys was not one: the attack was built wrong')
    if (!opens(one, envelope, place)) failures.push('not opened under the key that it commits to')
    if (opens(two, envelope, place)) failures.push('opened under a second key')
  }
  return bareAccepted
}

function buildForTwoKeys(one: SymmetricKey, two: SymmetricKey) {
  const place = fieldPlace({
    tenant: parseTenantId('one')!,
    subject: opaqueId('sub', randomBytes),
    field: 'phone',
    version: 1,
  })
  const nonce = newNonce()
  const [first, second] = [one, two].map((key) => deriveIndependently(key.material.exposeSecret()))
  const header = concat(Uint8Array.of(1, 1), fromHex(one.id)!)
  const context = associatedData(header, place)
  const body = twoKeyCiphertext([first!.key, second!.key], nonce, context)
  const accepted = [first!, second!].every(({ key }) => decrypt(key, nonce, body, context) !== undefined)
  return { envelope: concat(header, nonce, first!.commitment, body), place, accepted }
}

function opens(key: SymmetricKey, envelope: Uint8Array, place: Place): boolean {
  try {
    open(key, envelope, place)
    return true
  } catch (error) {
    if (isVaultError(error, 'envelope_invalid')) return false
    throw error
  }
}

function withKeyId(sealed: Bytes, key: SymmetricKey): Bytes {
  const forged = Uint8Array.from(sealed)
  forged.set(fromHex(key.id)!, KEY_ID_AT)
  return forged
}
