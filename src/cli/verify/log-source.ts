import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fromUtf8 } from '../../core/bytes.ts'
import { VaultError, isVaultError } from '../../core/errors.ts'
import { SECOND_MS } from '../../core/time.ts'
import { HASH_BYTES } from '../../tlog/merkle.ts'
import { TILE_WIDTH, tilePath } from '../../tlog/tile.ts'
import type { Tile } from '../../tlog/tile.ts'

/**
 * Where a public log is read from. Nothing that it gives is believed.
 *
 * @throws VaultError `not_found` for what is not there; `unavailable` for what cannot be had.
 */
export type LogSource = {
  checkpoint(): Promise<string>
  /** @returns width · 32 bytes, or what the place has instead. */
  tile(tile: Tile): Promise<Uint8Array>
}

/** @throws as the source does. @returns undefined only if there is no such file. */
type ReadPath = (path: string, maxBytes: number) => Promise<Uint8Array | undefined>

const MAX_CHECKPOINT_BYTES = 64 * 1024
const TILE_BYTES = TILE_WIDTH * HASH_BYTES
const TIMEOUT_MS = 20 * SECOND_MS
const PAUSES_MS = [250, SECOND_MS]

/** @param from an http or https address, or a folder; both hold `checkpoint` and `tile/…` (c2sp.org/tlog-tiles). */
export function openLogSource(from: string): LogSource {
  return /^https?:\/\//.test(from) ? sourceOf(overHttp(from.replace(/\/+$/, ''))) : sourceOf(inFolder(from))
}

function sourceOf(read: ReadPath): LogSource {
  return {
    async checkpoint() {
      const bytes = await read('checkpoint', MAX_CHECKPOINT_BYTES)
      if (!bytes) throw new VaultError('not_found', 'There is no checkpoint.')
      return textOf(bytes)
    },
    async tile(tile) {
      const path = `tile/${tilePath(tile)}`
      const bytes = (await read(path, TILE_BYTES)) ?? (await wider(read, tile))
      if (!bytes) throw new VaultError('not_found', `${path} is missing.`)
      return bytes
    },
  }
}

/** c2sp.org/tlog-tiles: a partial tile may be gone once the full one is there; it is the beginning of that. */
async function wider(read: ReadPath, tile: Tile): Promise<Uint8Array | undefined> {
  if (tile.width === TILE_WIDTH) return undefined
  const full = await read(`tile/${tilePath({ ...tile, width: TILE_WIDTH })}`, TILE_BYTES)
  return full?.subarray(0, tile.width * HASH_BYTES)
}

function textOf(bytes: Uint8Array): string {
  try {
    return fromUtf8(bytes)
  } catch {
    // No text is no checkpoint, and whoever parses it says so.
    return ''
  }
}

function inFolder(folder: string): ReadPath {
  return async (path) => {
    try {
      return await readFile(join(folder, path))
    } catch (cause) {
      const code = cause instanceof Error && 'code' in cause ? cause.code : ''
      if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
      throw new VaultError('unavailable', `${join(folder, path)} cannot be read (${String(code)}).`, {
        cause,
      })
    }
  }
}

/** Asks three times before it gives up: a long walk should not end at one lost packet. */
function overHttp(url: string): ReadPath {
  return async (path, maxBytes) => {
    for (const ms of PAUSES_MS) {
      try {
        return await get(`${url}/${path}`, maxBytes)
      } catch (error) {
        if (!isVaultError(error, 'unavailable')) throw error
        await pause(ms)
      }
    }
    return get(`${url}/${path}`, maxBytes)
  }
}

async function get(address: string, maxBytes: number): Promise<Uint8Array | undefined> {
  const givingUp = new AbortController()
  // A signal that times out by itself would keep what it is about until then: thousands of tiles.
  const timer = setTimeout(() => givingUp.abort(new Error('no answer in time')), TIMEOUT_MS)
  try {
    const response = await fetch(address, { redirect: 'error', signal: givingUp.signal })
    if (response.ok) return await readAtMost(response, maxBytes)
    await response.body?.cancel()
    if (response.status === 404 || response.status === 410) return undefined
    throw unavailable(address, `answered ${response.status}`)
  } catch (error) {
    if (isVaultError(error)) throw error
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
    throw unavailable(address, cause instanceof Error ? cause.message : String(cause), error)
  } finally {
    clearTimeout(timer)
  }
}

function unavailable(address: string, why: string, cause?: unknown): VaultError {
  return new VaultError('unavailable', `${address} cannot be had: ${why}.`, { cause })
}

/** One byte more than there may be is taken, so that what is too long is seen to be. */
async function readAtMost({ body }: Response, maxBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of body ?? []) {
    chunks.push(chunk)
    size += chunk.length
    if (size > maxBytes) break
  }
  return Buffer.concat(chunks).subarray(0, maxBytes + 1)
}
