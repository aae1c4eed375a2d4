import { isVaultError } from '../../core/errors.ts'
import type { TenantId } from '../../core/id.ts'
import { signCheckpoint } from '../../tlog/checkpoint.ts'
import { growTiles, rootFromTiles } from '../../tlog/tree.ts'
import type { Tile } from '../../tlog/tile.ts'
import type { Vault } from '../vault.ts'
import type { StoredTile } from './log.ts'
import { logSigners, originOf } from './signer.ts'
import { tileReader } from './tiles.ts'

/** Some 10 ms of hashing and a signature: no request waits longer behind a step. */
const LEAVES_A_STEP = 4_096
const LOGS_A_TURN = 10_000

/**
 * Covers every event that is there now with tiles and checkpoints. What comes meanwhile waits for the next turn: under load there
 * is always something more, and a signature for each handful would take longer than the work it covers.
 */
export async function integrateLogs(vault: Vault): Promise<void> {
  for (const tenant of await vault.store.listLogsBehind(LOGS_A_TURN)) await integrateLog(vault, tenant)
}

/** As `integrateLogs`, one log, in steps that are each whole. */
export async function integrateLog(vault: Vault, tenant: TenantId): Promise<void> {
  const { size } = await vault.store.logHead(tenant)
  for (let covered = -1, next = 0; covered < next && next < size;) {
    covered = next
    next = await integrateStep(vault, tenant)
  }
}

/**
 * One step of one log: the next leaves, their tiles, and a checkpoint over them, in one commit. A kill before the commit leaves
 * everything as it was, and the next step starts from there: there is no other way through.
 * @returns how many leaves are covered now.
 */
async function integrateStep(vault: Vault, tenant: TenantId): Promise<number> {
  const log = await vault.store.findLog(tenant)
  const oldSize = log?.size ?? 0
  const leafHashes = await vault.store.listLeafHashes(tenant, oldSize, LEAVES_A_STEP)
  if (leafHashes.length === 0) return oldSize
  const stored = tileReader(vault.store, tenant)
  const grown = await growTiles(oldSize, leafHashes, stored)
  const size = oldSize + leafHashes.length
  const root = await rootFromTiles(size, overlaid(grown, stored))
  const origin = log?.origin ?? originOf(vault, tenant)
  const signers = await logSigners(vault, tenant, origin)
  const checkpoint = await signCheckpoint({ origin, size, root, extensions: [] }, ...signers)
  const tiles = grown.map(({ tile, bytes }): StoredTile => ({ level: tile.level, index: tile.index, bytes }))
  const state = { origin, size, root, checkpoint, madeAt: vault.clock.now() }
  try {
    await vault.store.commit(tenant, [{ type: 'log.integrate', expectedSize: oldSize, state, tiles }])
  } catch (error) {
    // Another node was faster: the next step reads what it made.
    if (!isVaultError(error, 'conflict')) throw error
  }
  return size
}

type Grown = Awaited<ReturnType<typeof growTiles>>

/** The tiles as they will be once `grown` is stored. */
function overlaid(grown: Grown, stored: ReturnType<typeof tileReader>): ReturnType<typeof tileReader> {
  const fresh = new Map(grown.map(({ tile, bytes }) => [nameOf(tile), bytes]))
  return async (tiles) => {
    const missing = tiles.filter((tile) => !fresh.has(nameOf(tile)))
    const rest = new Map((await stored(missing)).map((bytes, i) => [nameOf(missing[i]), bytes]))
    return tiles.map((tile) => {
      const bytes = fresh.get(nameOf(tile)) ?? rest.get(nameOf(tile))
      if (!bytes) throw new Error(`no tile ${nameOf(tile)}`)
      return bytes.subarray(0, tile.width * 32)
    })
  }
}

function nameOf(tile: Tile | undefined): string {
  return tile ? `${tile.level}/${tile.index}` : ''
}
