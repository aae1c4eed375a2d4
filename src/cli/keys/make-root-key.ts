import { randomBytes } from 'node:crypto'
import { VaultError } from '../../core/errors.ts'
import type { Secret } from '../../core/secret.ts'
import { readPassphrase } from '../../runtime/node/passphrase.ts'
import { createRootKeyFile, createSharedRootKeyFile } from '../../runtime/node/root-key.ts'
import type { Io } from '../command.ts'
import type { KeysCall } from '../keys.ts'

/** A new root key, and what opens it. */
export type MadeRootKey = {
  keyId: string
  passphrase: Secret<string> | undefined
  shares: readonly Secret<string>[]
}

export function isProduction(io: Io): boolean {
  return io.env.CLOAKROOM_ENV === 'production'
}

/**
 * Makes a root key at a path and says so; shares are printed here and nowhere else.
 * @throws VaultError `passphrase_required` in production without any protection; those of `createRootKeyFile`.
 */
export async function makeRootKey(
  path: string,
  { sharing, passphraseFile: named }: Pick<KeysCall, 'sharing' | 'passphraseFile'>,
  io: Io,
): Promise<MadeRootKey> {
  if (sharing) {
    const { keyId, shares } = await createSharedRootKeyFile(path, randomBytes, sharing)
    tellShares(path, keyId, sharing.threshold, shares, io)
    return { keyId, shares, passphrase: undefined }
  }
  const passphraseFile = named ?? io.env.CLOAKROOM_PASSPHRASE_FILE
  const passphrase = passphraseFile === undefined ? undefined : await readPassphrase(passphraseFile)
  if (passphrase === undefined && isProduction(io)) {
    throw new VaultError(
      'passphrase_required',
      'In production the root key has to be sealed. Put a passphrase in a file and name it with --passphrase-file.',
    )
  }
  const keyId = await createRootKeyFile(path, randomBytes, passphrase)
  const how = passphrase === undefined ? 'not sealed: for development only' : 'sealed with the passphrase'
  io.stdout.write(`Made root key ${keyId} in ${path}, ${how}.\n`)
  io.stdout.write('Keep a copy apart from the data: without this key the data cannot be read.\n')
  return { keyId, passphrase, shares: [] }
}

function tellShares(
  path: string,
  keyId: string,
  threshold: number,
  shares: readonly Secret<string>[],
  io: Io,
): void {
  io.stdout.write(
    `Made root key ${keyId} in ${path}. Any ${threshold} of these ${shares.length} shares open it.\n`,
  )
  io.stdout.write('They are shown this once and kept nowhere: give each to somebody else.\n\n')
  for (const share of shares) io.stdout.write(`  ${share.exposeSecret()}\n`)
  io.stdout.write('\nKeep a copy of the file apart from the data: without it the shares open nothing.\n')
}
