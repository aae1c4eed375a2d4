import { describe } from 'vitest'
import type { VaultStore } from '../../src/vault/store.ts'
import { canaryContract } from './canary-contract.ts'
import { checkpointContract } from './checkpoint-contract.ts'
import { commitContract } from './commit-contract.ts'
import { erasureContract } from './erasure-contract.ts'
import { guardContract } from './guard-contract.ts'
import { incidentContract } from './incident-contract.ts'
import { keyContract } from './key-contract.ts'
import { logContract } from './log-contract.ts'
import { noticeContract } from './notice-contract.ts'
import { readContract } from './read-contract.ts'
import { retentionContract } from './retention-contract.ts'
import { watchContract } from './watch-contract.ts'

export type OpenedStore = {
  store: VaultStore
  /** Closes the store and opens it again over the same data. */
  reopen?: () => Promise<VaultStore>
  /** Every row of every table, as text that can be compared. */
  dump: () => Promise<Record<string, unknown[]>>
  close: () => Promise<void>
}

export type OpenStore = () => Promise<OpenedStore>

/** What the storage port promises, for every engine alike. */
export function storeContract(name: string, openStore: OpenStore): void {
  describe(`the storage port on ${name}`, () => {
    commitContract(openStore)
    guardContract(openStore)
    readContract(openStore)
    logContract(openStore)
    checkpointContract(openStore)
    erasureContract(openStore)
    retentionContract(openStore)
    keyContract(openStore)
    incidentContract(openStore)
    noticeContract(openStore)
    watchContract(openStore)
    canaryContract(openStore)
  })
}
