import { readFile } from 'node:fs/promises'
import { VaultError } from '../../core/errors.ts'
import { secret, type Secret } from '../../core/secret.ts'

/** NIST SP 800-63B-4 §3.1.1.2: at least eight characters for a password that is one of two factors; the file is the other. */
const MIN_PASSPHRASE_CHARS = 8

/**
 * The first line of a file, so that the line end which editors add is no part of the passphrase.
 * @throws VaultError `passphrase_required` when the file cannot be read or the line is too short.
 */
export async function readPassphrase(path: string): Promise<Secret<string>> {
  const [line = ''] = (await readText(path)).split(/\r?\n/, 1)
  if (Array.from(line).length < MIN_PASSPHRASE_CHARS) {
    throw new VaultError(
      'passphrase_required',
      `The first line of ${path} has fewer than ${MIN_PASSPHRASE_CHARS} characters: too short for a passphrase.`,
    )
  }
  return secret(line)
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (cause) {
    throw new VaultError('passphrase_required', `The passphrase file ${path} cannot be read.`, { cause })
  }
}
