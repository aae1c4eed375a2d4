import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { equalBytes, toHex } from '../../../core/bytes.ts'
import type { Decrypter } from 'age-encryption'
import { decrypted } from './age.ts'
import {
  DIGEST_BYTES,
  END,
  HEAD_START_BYTES,
  MAGIC,
  invalidBackup,
  manifestLength,
  parseManifest,
} from './format.ts'
import type { Manifest } from './format.ts'

const READ_BYTES = 1024 * 1024

export type ReadBackup = {
  manifest: Manifest
  /** SHA-256 of everything before it, 32 bytes. */
  digest: Uint8Array
  /** HMAC-SHA-256 of the digest, 32 bytes: to be compared once the key is there. */
  seal: Uint8Array
}

/** What a backup says of itself, before all of it was read: nothing of it is proven yet. */
export async function peekManifest(path: string, decrypter: Decrypter): Promise<Manifest> {
  const parts = new Parts(decrypted(decrypter, createReadStream(path, { highWaterMark: READ_BYTES })))
  try {
    return await readHead(parts)
  } finally {
    await parts.close()
  }
}

/**
 * Reads a backup to its end, its database into a new file; every length and digest in it holds once this has resolved.
 * @throws VaultError `backup_invalid`
 */
export async function readBackup(path: string, decrypter: Decrypter, into: string): Promise<ReadBackup> {
  const parts = new Parts(decrypted(decrypter, createReadStream(path, { highWaterMark: READ_BYTES })))
  try {
    const manifest = await readHead(parts)
    await readDatabase(parts, manifest, into)
    if (!equalBytes(await parts.take(END.length), END))
      throw invalidBackup('its end is not where it should be')
    const digest = parts.digest()
    const said = await parts.take(DIGEST_BYTES)
    if (!equalBytes(said, digest)) throw invalidBackup('its content does not have the digest at its end')
    const seal = await parts.take(DIGEST_BYTES)
    if (await parts.hasMore()) throw invalidBackup('something follows its end')
    return { manifest, digest, seal }
  } finally {
    await parts.close()
  }
}

async function readHead(parts: Parts): Promise<Manifest> {
  const start = await parts.take(HEAD_START_BYTES)
  if (!equalBytes(start.subarray(0, MAGIC.length), MAGIC)) {
    throw invalidBackup('it is no backup of a version that is known here')
  }
  return parseManifest(await parts.take(manifestLength(start.subarray(MAGIC.length))))
}

async function readDatabase(parts: Parts, { database }: Manifest, into: string): Promise<void> {
  const hash = createHash('sha256')
  const handle = await open(into, 'wx', 0o600)
  try {
    for (let left = database.bytes; left > 0;) {
      const chunk = await parts.some(left)
      hash.update(chunk)
      await handle.writeFile(chunk)
      left -= chunk.length
    }
    await handle.sync()
  } finally {
    await handle.close()
  }
  if (toHex(hash.digest()) !== database.sha256) {
    throw invalidBackup('its database does not have the digest that its manifest says')
  }
}

/** A stream read in pieces of given lengths, hashed on the way. */
class Parts {
  readonly #chunks: AsyncGenerator<Uint8Array>
  readonly #hash = createHash('sha256')
  #rest: Uint8Array = new Uint8Array()

  constructor(chunks: AsyncGenerator<Uint8Array>) {
    this.#chunks = chunks
  }

  /** 1 to `most` bytes. @throws VaultError `backup_invalid` where there is nothing more. */
  async some(most: number): Promise<Uint8Array> {
    if (!(await this.hasMore())) throw invalidBackup('it ends too early')
    const part = this.#rest.subarray(0, most)
    this.#rest = this.#rest.subarray(part.length)
    this.#hash.update(part)
    return part
  }

  async take(length: number): Promise<Uint8Array> {
    const taken = new Uint8Array(length)
    for (let at = 0; at < length;) {
      const part = await this.some(length - at)
      taken.set(part, at)
      at += part.length
    }
    return taken
  }

  async hasMore(): Promise<boolean> {
    while (this.#rest.length === 0) {
      const next = await this.#chunks.next()
      if (next.done === true) return false
      this.#rest = next.value
    }
    return true
  }

  /** Of all that was taken so far. */
  digest(): Uint8Array {
    return this.#hash.copy().digest()
  }

  async close(): Promise<void> {
    await this.#chunks.return(undefined)
  }
}
