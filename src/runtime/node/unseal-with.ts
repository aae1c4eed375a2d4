import { readFile } from 'node:fs/promises'
import { VaultError } from '../../core/errors.ts'
import { secret } from '../../core/secret.ts'
import type { KeyService } from './key-service.ts'

/** Opens a root key that is in shares with those that lie in files. @throws VaultError `share_invalid`; `shares_missing` if they are too few. */
export async function unsealWith(keys: KeyService, shareFiles: readonly string[]): Promise<void> {
  for (const path of shareFiles) {
    if (!keys.sealed) return
    await keys.unseal({ kind: 'share', share: secret(await readFile(path, 'utf8')) })
  }
  if (keys.sealed) {
    throw new VaultError(
      'shares_missing',
      `${shareFiles.length} shares do not open the root key: give more of them.`,
    )
  }
}
