import { describe, expect, test } from 'vitest'
import type { Change } from '../../src/vault/changes.ts'
import type { LogState, StoredTile } from '../../src/vault/log/log.ts'
import { ACME, AT, OTHER, append, event, newTenant, random } from '../storage/sample.ts'
import { opened, outcome } from './fixture.ts'
import type { OpenStore } from './store-contract.ts'

function state(size: number): Omit<LogState, 'cosigned'> {
  return {
    origin: 'vault.test/log/acme',
    size,
    root: random(32),
    checkpoint: `checkpoint ${size}`,
    madeAt: AT,
  }
}

function integrate(expectedSize: number, size: number, tiles: readonly StoredTile[] = []): Change {
  return { type: 'log.integrate', expectedSize, state: state(size), tiles }
}

export function checkpointContract(openStore: OpenStore): void {
  describe('checkpoints and tiles', () => {
    test('leaf hashes are read in order, from anywhere, of one tenant alone', async () => {
      const { store } = await opened(openStore)
      await store.commit(ACME, newTenant(ACME).changes)
      await store.commit(OTHER, newTenant(OTHER).changes)
      const sealed = Array.from({ length: 10 }, () => event())
      for (const one of sealed) {
        await store.commit(ACME, [{ type: 'event.append', event: one }])
        await store.commit(OTHER, [append()])
      }
      const hashes = sealed.map(({ leafHash }) => leafHash)
      expect(await store.listLeafHashes(ACME, 0, 100)).toEqual(hashes)
      expect(await store.listLeafHashes(ACME, 3, 4)).toEqual(hashes.slice(3, 7))
      expect(await store.listLeafHashes(ACME, 10, 4)).toEqual([])
    })

    test('a log that has events beyond its checkpoint is listed as behind, and no other', async () => {
      const { store } = await opened(openStore)
      await store.commit(ACME, newTenant(ACME).changes)
      await store.commit(OTHER, newTenant(OTHER).changes)
      expect(await store.listLogsBehind(9)).toEqual([])
      await store.commit(ACME, [append(), append()])
      await store.commit(OTHER, [append()])
      expect(new Set(await store.listLogsBehind(9))).toEqual(new Set([ACME, OTHER]))
      expect(await store.listLogsBehind(1)).toHaveLength(1)
      await store.commit(ACME, [integrate(0, 1)])
      await store.commit(OTHER, [integrate(0, 1)])
      expect(await store.listLogsBehind(9)).toEqual([ACME])
      await store.commit(ACME, [integrate(1, 2)])
      expect(await store.listLogsBehind(9)).toEqual([])
      await store.commit(OTHER, [append()])
      expect(await store.listLogsBehind(9)).toEqual([OTHER])
    })

    test('a checkpoint comes with its tiles or not at all, and only after the one it was made from', async () => {
      const { store } = await opened(openStore)
      await store.commit(ACME, newTenant(ACME).changes)
      expect(await store.findLog(ACME)).toBeUndefined()
      const first = { level: 0, index: 0, bytes: random(64) }
      const made = integrate(0, 2, [first])
      await store.commit(ACME, [made])
      const found = await store.findLog(ACME)
      expect(found).toEqual({ ...(made as { state: object }).state, cosigned: null })
      const late = integrate(0, 3, [{ level: 0, index: 0, bytes: random(96) }])
      expect(await outcome(store, [late])).toBe('conflict')
      expect(await outcome(store, [integrate(1, 3)])).toBe('conflict')
      expect(await store.findTiles(ACME, [first])).toEqual([first.bytes])
      const grown = { level: 0, index: 0, bytes: random(128) }
      const above = { level: 1, index: 7, bytes: random(32) }
      await store.commit(ACME, [integrate(2, 4, [grown, above])])
      expect(await store.findTiles(ACME, [above, { level: 1, index: 6 }, grown])).toEqual([
        above.bytes,
        undefined,
        grown.bytes,
      ])
      expect(await store.findTiles(OTHER, [grown])).toEqual([undefined])
      expect((await store.findLog(ACME))?.size).toBe(4)
    })

    test('the largest cosigned checkpoint stays, whatever comes late', async () => {
      const { store } = await opened(openStore)
      await store.commit(ACME, newTenant(ACME).changes)
      await store.commit(ACME, [integrate(0, 5)])
      await store.commit(ACME, [{ type: 'log.cosign', size: 5, note: 'five' }])
      await store.commit(ACME, [{ type: 'log.cosign', size: 3, note: 'three' }])
      expect((await store.findLog(ACME))?.cosigned).toEqual({ size: 5, note: 'five' })
      await store.commit(ACME, [{ type: 'log.cosign', size: 5, note: 'five, by two' }])
      expect((await store.findLog(ACME))?.cosigned).toEqual({ size: 5, note: 'five, by two' })
    })
  })
}
