import type Database from 'better-sqlite3'
import type { TenantId } from '../../../src/core/id.ts'
import { sqliteFsckReader } from '../../../src/storage/sqlite/reads/fsck.ts'
import { parseVerifier } from '../../../src/tlog/note.ts'
import type { Verifier } from '../../../src/tlog/note.ts'
import { checkVault } from '../../../src/vault/log/fsck/check.ts'
import type { FsckCounts, FsckInput } from '../../../src/vault/log/fsck/check.ts'
import type { Finding } from '../../../src/vault/log/fsck/finding.ts'
import type { FsckReader } from '../../../src/vault/log/fsck/reader.ts'
import { logVerifierKey } from '../../../src/vault/log/signer.ts'
import type { Vault } from '../../../src/vault/vault.ts'
import type { OpenStore } from '../../http/open-store.ts'
import { openInside, removeFolder, tempFolder } from '../../storage/opened.ts'

/** A store whose own connection a test can tamper through, and check. */
export type Inside = { client: Database.Database; reader(): FsckReader }

/** Opens stores for `openHarness`, and remembers the connection of the last. */
export function insideStore(): { openStore: OpenStore; inside(): Inside } {
  let opened: Inside | undefined
  return {
    async openStore() {
      const folder = tempFolder()
      const { client, driver, store } = openInside(folder)
      opened = { client, reader: () => sqliteFsckReader(driver.db) }
      return { store, close: () => store.close().finally(() => removeFolder(folder)) }
    },
    inside() {
      if (!opened) throw new Error('no store was opened yet')
      return opened
    },
  }
}

export async function verifierOfLog(vault: Vault, tenant: TenantId): Promise<Verifier> {
  return parseVerifier(await logVerifierKey(vault, tenant))!
}

export type Checked = { findings: readonly Finding[]; counts: FsckCounts }

export async function check(
  input: Pick<FsckInput, 'reader'> & Partial<FsckInput>,
  examine?: Parameters<typeof checkVault>[2],
): Promise<Checked> {
  const findings: Finding[] = []
  const report = { found: (finding: Finding) => void findings.push(finding), advanced: () => undefined }
  const whole = { kek: undefined, verifiers: [], witnessed: [], ...input }
  const counts = await checkVault(whole, report, examine)
  return { findings, counts }
}
