import { VaultError } from '../../core/errors.ts'
import type { TenantId } from '../../core/id.ts'
import type { ReadTiles } from '../../tlog/tree.ts'
import { parseTilePath } from '../../tlog/tile.ts'
import type { Tile } from '../../tlog/tile.ts'
import { notFound } from '../transact.ts'
import type { Vault } from '../vault.ts'
import type { VaultStore } from '../store.ts'

const HASH_BYTES = 32

/** A tile's name in a public path, from the level on; undefined for any but its one spelling. */
export function parseTile(path: string): Tile | undefined {
  return parseTilePath(path)
}

/** What anybody may read of the tree. @throws VaultError `not_found` where the log is not that long, or is another's. */
export async function readTile(vault: Vault, tenant: TenantId, tile: Tile): Promise<Uint8Array> {
  const [stored] = await vault.store.findTiles(tenant, [tile])
  if (!stored || stored.length < tile.width * HASH_BYTES) throw notFound('tile')
  return stored.subarray(0, tile.width * HASH_BYTES)
}

/** A tenant's tiles as `tlog/` reads them: a narrower tile is the beginning of what is stored. */
export function tileReader(store: VaultStore, tenant: TenantId): ReadTiles {
  return async (tiles) => {
    const stored = await store.findTiles(tenant, tiles)
    return tiles.map(({ level, index, width }, i) => {
      const bytes = stored[i]
      if (!bytes || bytes.length < width * HASH_BYTES) {
        throw new VaultError('log_damaged', "A part of the log's tree is missing.", {
          detail: `${tenant}: tile ${level}/${index} of ${width} hashes`,
        })
      }
      return bytes.subarray(0, width * HASH_BYTES)
    })
  }
}
