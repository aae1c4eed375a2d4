import { Decrypter, Encrypter } from 'age-encryption'
import { readFile } from 'node:fs/promises'
import { VaultError } from '../../../core/errors.ts'
import { invalidBackup } from './format.ts'

/** As many as fit one screen: a backup that everybody can open is none. */
const MAX_RECIPIENTS = 20

/** @throws VaultError `invalid_request` naming the recipient that is none. */
export function encrypterFor(recipients: readonly string[]): Encrypter {
  if (recipients.length === 0 || recipients.length > MAX_RECIPIENTS) {
    throw new VaultError('invalid_request', `A backup has 1 to ${MAX_RECIPIENTS} recipients.`)
  }
  const encrypter = new Encrypter()
  for (const recipient of recipients) addRecipient(encrypter, recipient)
  return encrypter
}

function addRecipient(encrypter: Encrypter, recipient: string): void {
  try {
    encrypter.addRecipient(recipient)
  } catch (cause) {
    throw new VaultError('invalid_request', `"${recipient.slice(0, 80)}" is no age recipient (age1…).`, {
      cause,
    })
  }
}

/**
 * The identities of a file as `age-keygen` writes it: one a line, comments with #.
 * @throws VaultError `invalid_request`, never with what stands in the file.
 */
export async function readIdentities(path: string): Promise<Decrypter> {
  const lines = (await readIdentityFile(path)).split(/\r?\n/).map((line) => line.trim())
  const identities = lines.filter((line) => line !== '' && !line.startsWith('#'))
  const decrypter = new Decrypter()
  try {
    for (const identity of identities) decrypter.addIdentity(identity)
  } catch {
    // The library's message may quote what it was given.
    throw new VaultError('invalid_request', `A line of ${path} is no age identity (AGE-SECRET-KEY-…).`)
  }
  if (identities.length === 0) throw new VaultError('invalid_request', `${path} holds no age identity.`)
  return decrypter
}

async function readIdentityFile(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (cause) {
    throw new VaultError('invalid_request', `The identity file ${path} cannot be read.`, { cause })
  }
}

/** @throws VaultError `backup_invalid`, also while it is read, for anything that is not whole and ours to open. */
export async function* decrypted(
  decrypter: Decrypter,
  ciphertext: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  try {
    const plain = await decrypter.decrypt(ReadableStream.from(ciphertext))
    for await (const chunk of plain) yield chunk
  } catch (cause) {
    throw whyNotOpened(cause)
  }
}

function whyNotOpened(cause: unknown): unknown {
  // Reading the file failed: that says nothing about its content.
  if (cause instanceof Error && 'syscall' in cause) return cause
  const isOthers = cause instanceof Error && cause.message.includes('no identity matched')
  return invalidBackup(
    isOthers ? 'it was not made for this identity' : 'it is damaged, cut short or no backup',
    cause,
  )
}
