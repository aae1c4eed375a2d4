import { createHmac } from 'node:crypto'
import { equalBytes, fromHex, fromUtf8, toHex, utf8 } from '../../../core/bytes.ts'
import { VaultError } from '../../../core/errors.ts'
import { parseTenantId } from '../../../core/id.ts'
import type { TenantId } from '../../../core/id.ts'
import type { TombstoneJson } from './tombstone.ts'

/**
 * The lines of a file of tombstones (docs/backup.md): `length SP json SP mac LF`. Each mac covers the one before, so that no
 * line can be changed, taken out or put in without the key; the newest ones can be cut off.
 */
const KIND = 'tombstones'
const VERSION = 1
const MAC_BYTES = 32
const NO_MAC = new Uint8Array(MAC_BYTES)
const LF = 0x0a
const LINE = /^(\d{1,6}) (\{.*\}) ([0-9a-f]{64})$/

/** The first line: whose key, and which file this is, so that a backup can name it. */
export type TombstoneHeader = { id: string; tenant: TenantId; keyVersion: number }

export function headerJson({ id, tenant, keyVersion }: TombstoneHeader): TombstoneJson {
  return { cloakroom: KIND, version: VERSION, id, tenant, key_version: keyVersion }
}

/** Adds to the end of a chain. */
export class Chain {
  readonly #key: Uint8Array
  #last: Uint8Array

  constructor(key: Uint8Array, last: Uint8Array = NO_MAC) {
    this.#key = key
    this.#last = last
  }

  get last(): Uint8Array {
    return this.#last
  }

  line(json: TombstoneJson): string {
    const text = JSON.stringify(json)
    this.#last = macOf(this.#key, this.#last, text)
    return `${utf8(text).length} ${text} ${toHex(this.#last)}\n`
  }
}

function macOf(key: Uint8Array, last: Uint8Array, text: string): Uint8Array {
  return createHmac('sha256', key).update(last).update(text).digest()
}

export type ReadLines = {
  header: TombstoneHeader
  /** Without the header's. */
  lines: readonly TombstoneJson[]
  last: Uint8Array
  /** How many bytes of the file are whole lines. What follows was cut off while it was written, and never acknowledged. */
  wholeBytes: number
}

/**
 * @param keyFor gives the key that the header names.
 * @returns undefined for a file that holds not even a whole header.
 * @throws VaultError `log_damaged` if a whole line is not what was written.
 */
export async function readLines(
  bytes: Uint8Array,
  keyFor: (header: TombstoneHeader) => Promise<Uint8Array>,
): Promise<ReadLines | undefined> {
  const wholeBytes = bytes.lastIndexOf(LF) + 1
  const [first, ...rest] = textOf(bytes.subarray(0, wholeBytes)).split('\n').slice(0, -1)
  if (first === undefined) return undefined
  const header = parseHeader(partsOf(first, 1).json)
  const key = await keyFor(header)
  let last = checkedMac(key, NO_MAC, partsOf(first, 1), 1)
  const lines = rest.map((line, i) => {
    const parts = partsOf(line, i + 2)
    last = checkedMac(key, last, parts, i + 2)
    return parts.json
  })
  return { header, lines, last, wholeBytes }
}

function textOf(bytes: Uint8Array): string {
  try {
    return fromUtf8(bytes)
  } catch (cause) {
    throw damaged('it is not text', cause)
  }
}

type Parts = { text: string; json: TombstoneJson; mac: Uint8Array }

function partsOf(line: string, number: number): Parts {
  const [, length, text = '', hex = ''] = LINE.exec(line) ?? []
  const mac = fromHex(hex)
  if (!mac || utf8(text).length !== Number(length)) throw damaged(`line ${number} has another length or form`)
  return { text, json: jsonOf(text, number), mac }
}

function jsonOf(text: string, number: number): TombstoneJson {
  try {
    return JSON.parse(text) as TombstoneJson
  } catch (cause) {
    throw damaged(`line ${number} is no JSON`, cause)
  }
}

function checkedMac(key: Uint8Array, last: Uint8Array, { text, mac }: Parts, number: number): Uint8Array {
  const expected = macOf(key, last, text)
  if (equalBytes(expected, mac)) return expected
  throw damaged(`line ${number} is not what was written there`)
}

function parseHeader(json: TombstoneJson): TombstoneHeader {
  const { id, key_version: keyVersion } = json
  const tenant = parseTenantId(String(json['tenant']))
  const isKnown = json['cloakroom'] === KIND && json['version'] === VERSION
  if (!isKnown || typeof id !== 'string' || !tenant || !Number.isSafeInteger(keyVersion)) {
    throw damaged('its first line is of another kind or version')
  }
  return { id, tenant, keyVersion: Number(keyVersion) }
}

function damaged(why: string, cause?: unknown): VaultError {
  return new VaultError('log_damaged', `The file of tombstones is not used: ${why}.`, { cause })
}
