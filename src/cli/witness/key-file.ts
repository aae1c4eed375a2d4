import { randomBytes } from 'node:crypto'
import { link, open, readFile, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { fromBase64, toBase64 } from '../../core/bytes.ts'
import { VaultError } from '../../core/errors.ts'
import { secret } from '../../core/secret.ts'
import type { Secret } from '../../core/secret.ts'
import { ed25519Signer, formatVerifier } from '../../tlog/note.ts'
import type { Signer } from '../../tlog/note.ts'
import { hasCode, syncFolder } from './files.ts'

/** c2sp.org/tlog-cosignature: a cosigner's key has a type of its own. */
const COSIGNER = 4
const SEED_BYTES = 32
const OWNER_ONLY = 0o600
const NOT_THE_OWNER = 0o077
const KIND = 'witness-key'
const VERSION = 1

/**
 * Makes a witness key, for its owner alone; it is there whole or not at all.
 *
 * @returns its verifier key.
 * @throws VaultError `state_conflict` if there is a file of that name.
 */
export async function createWitnessKey(path: string, name: string): Promise<string> {
  const seed = secret(Uint8Array.from(randomBytes(SEED_BYTES)))
  const vkey = formatVerifier(signerOf(name, seed).verifier)
  const draft = `${path}.${randomBytes(6).toString('hex')}.new`
  try {
    await writeSynced(draft, formatKeyFile(name, vkey, seed))
    // Unlike a rename, a link does not take the place of what is there.
    await link(draft, path)
  } catch (cause) {
    if (!hasCode(cause, 'EEXIST')) throw cause
    throw new VaultError('state_conflict', `${path} exists. A witness key is never written over.`, { cause })
  } finally {
    await rm(draft, { force: true })
  }
  await syncFolder(dirname(path))
  return vkey
}

async function writeSynced(path: string, text: string): Promise<void> {
  const file = await open(path, 'wx', OWNER_ONLY)
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
}

/** @throws VaultError `config_invalid` if there is none, it can be read by others, or it is another's. */
export async function loadWitnessKey(path: string, name: string): Promise<Signer> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    if (!hasCode(cause, 'ENOENT')) throw cause
    throw new VaultError(
      'config_invalid',
      `${path} does not exist. Make it with \`cloakroom witness keygen\`.`,
    )
  })
  const { mode } = await stat(path)
  if (process.platform !== 'win32' && (mode & NOT_THE_OWNER) !== 0) {
    throw new VaultError('config_invalid', `Others on this machine may reach ${path}. Run: chmod 600 ${path}`)
  }
  const file = parseKeyFile(text)
  if (!file) throw new VaultError('config_invalid', `${path} is not a witness key.`)
  if (file.name !== name)
    throw new VaultError('config_invalid', `The key in ${path} is that of ${file.name}, not of ${name}.`)
  const signer = signerOf(name, file.seed)
  // A seed in which a bit has turned would cosign under a key that nobody knows.
  if (formatVerifier(signer.verifier) !== file.vkey)
    throw new VaultError('config_invalid', `The key in ${path} is damaged: it does not give its own vkey.`)
  return signer
}

function signerOf(name: string, seed: Secret<Uint8Array>): Signer {
  return ed25519Signer(name, COSIGNER, seed.exposeSecret())
}

function formatKeyFile(name: string, vkey: string, seed: Secret<Uint8Array>): string {
  const members = { cloakroom: KIND, version: VERSION, name, vkey, key: toBase64(seed.exposeSecret()) }
  return `${JSON.stringify(members, undefined, 2)}\n`
}

type KeyFile = { name: string; vkey: string; seed: Secret<Uint8Array> }

/** @returns undefined for anything that this version does not write. */
function parseKeyFile(text: string): KeyFile | undefined {
  try {
    const { cloakroom, version, name, vkey, key } = JSON.parse(text) as Record<string, unknown>
    const seed = typeof key === 'string' ? fromBase64(key) : undefined
    if (cloakroom !== KIND || version !== VERSION || seed?.length !== SEED_BYTES) return undefined
    return typeof name === 'string' && typeof vkey === 'string'
      ? { name, vkey, seed: secret(seed) }
      : undefined
  } catch {
    // Neither JSON nor an object: one of the things that a key file is not.
    return undefined
  }
}
