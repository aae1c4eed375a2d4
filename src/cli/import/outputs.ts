import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { stringify } from 'csv-stringify/sync'
import { VaultError } from '../../core/errors.ts'

/** Both outputs name orders of persons, and the rejects hold their data: for the owner alone. */
const OWNER_ONLY = 0o600

/**
 * A CSV file that grows by whole records.
 * `append` is durable only after `sync`; `length` counts bytes and is where the next record goes.
 */
export class OutputFile implements AsyncDisposable {
  readonly #handle: FileHandle
  #length: number

  private constructor(handle: FileHandle, length: number) {
    this.#handle = handle
    this.#length = length
  }

  /** Opens or makes the file and cuts it to `length` bytes: what is behind was written by a run that did not get to say so. */
  static async openAt(path: string, length: number): Promise<OutputFile> {
    const handle = await open(path, constants.O_RDWR | constants.O_CREAT, OWNER_ONLY)
    const { size } = await handle.stat()
    if (size < length) {
      await handle.close()
      throw new VaultError('state_conflict', `${path} was changed since. Begin anew with --overwrite.`)
    }
    await handle.truncate(length)
    return new OutputFile(handle, length)
  }

  get length(): number {
    return this.#length
  }

  /** @param before stands ahead of the records as it is: a byte order mark, or nothing. */
  async append(records: readonly (readonly string[])[], before = ''): Promise<void> {
    const bytes = Buffer.from(before + stringify([...records], { quoted_match: /[\r\n]/ }))
    for (let done = 0; done < bytes.length;) {
      const { bytesWritten } = await this.#handle.write(bytes, done, bytes.length - done, this.#length)
      done += bytesWritten
      this.#length += bytesWritten
    }
  }

  async sync(): Promise<void> {
    await this.#handle.datasync()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#handle.close()
  }
}
