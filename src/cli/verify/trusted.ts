import { readFile } from 'node:fs/promises'
import { toHex } from '../../core/bytes.ts'
import { VaultError } from '../../core/errors.ts'
import { parseVerifier } from '../../tlog/note.ts'
import type { Verifier } from '../../tlog/note.ts'
import type { Trusted } from './verify-log.ts'

export type TrustOptions = {
  /** Verifier keys as they are, or files that hold one. */
  vkey: string
  witnesses: readonly string[]
  /** Undefined for all of them. */
  quorum: number | undefined
}

/** @throws VaultError `config_invalid` for what is no key of its kind, or a quorum that cannot be. */
export async function readTrusted({ vkey, witnesses, quorum }: TrustOptions): Promise<Trusted> {
  const log = await readVerifier(vkey, 1)
  const keys = await Promise.all(witnesses.map((witness) => readVerifier(witness, 4)))
  const different = new Set(keys.map(({ publicKey }) => toHex(publicKey))).size
  if (different < keys.length)
    throw new VaultError('config_invalid', 'Two of the witnesses have the same key: that is one witness.')
  const needed = quorum ?? keys.length
  if (needed > keys.length)
    throw new VaultError('config_invalid', `The quorum is ${needed}, but there are ${keys.length} witnesses.`)
  return { log, witnesses: keys, quorum: needed }
}

async function readVerifier(given: string, algorithm: 1 | 4): Promise<Verifier> {
  const what = algorithm === 1 ? 'log' : 'witness'
  const verifier = parseVerifier(given) ?? parseVerifier((await contentOf(given)).trim())
  if (verifier?.algorithm === algorithm) return verifier
  throw new VaultError(
    'config_invalid',
    `${given} is neither the verifier key of a ${what} nor a file with one.`,
  )
}

async function contentOf(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch {
    // Then it was meant as a key, and is none: the caller says so.
    return ''
  }
}
