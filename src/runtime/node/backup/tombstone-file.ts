import { mkdir, open } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { dirname } from 'node:path'
import { toHex } from '../../../core/bytes.ts'
import { VaultError } from '../../../core/errors.ts'
import type { Random } from '../../../core/id.ts'
import { syncFolder } from './seal.ts'
import type { SealKey } from './authenticity.ts'
import type { Manifest } from './format.ts'
import type { TombstoneJson } from './tombstone.ts'
import { Chain, headerJson, readLines } from './tombstone-lines.ts'
import type { TombstoneHeader } from './tombstone-lines.ts'

const ID_BYTES = 8

type Keys = {
  /** For a file that is made now. */
  fresh: SealKey
  /** For one that is there. */
  find(header: TombstoneHeader): Promise<Uint8Array>
}

type Opened = {
  handle: FileHandle
  header: TombstoneHeader
  chain: Chain
  lines: readonly TombstoneJson[]
  end: number
}

type Waiting = { lines: readonly TombstoneJson[]; resolve: () => void; reject: (reason: Error) => void }

/**
 * The file of tombstones, open for adding. Everything is on disk once `append` has resolved; lines that come while others are
 * being written go together after them.
 */
export class TombstoneFile {
  readonly #handle: FileHandle
  readonly #header: TombstoneHeader
  readonly #chain: Chain
  readonly #onFatal: (cause: unknown) => void
  #lines: number
  /** Where the next line goes; what a failed write left behind it is written over. */
  #end: number
  /** Text that was refused room and is tried again, before anything new. */
  #owed = ''
  #owedLines = 0
  #queue: Waiting[] = []
  #working: Promise<void> | undefined

  private constructor({ handle, header, chain, lines, end }: Opened, onFatal: (cause: unknown) => void) {
    this.#handle = handle
    this.#header = header
    this.#chain = chain
    this.#lines = lines.length
    this.#end = end
    this.#onFatal = onFatal
  }

  /**
   * Makes the file or reads it to its end.
   * @param onFatal is called if a flush fails: nobody knows then what is on disk.
   * @throws VaultError `log_damaged`; `config_invalid` if it cannot be opened.
   */
  static async open(
    path: string,
    keys: Keys,
    random: Random,
    onFatal: (cause: unknown) => void,
  ): Promise<{ file: TombstoneFile; lines: readonly TombstoneJson[] }> {
    const handle = await openForAdding(path)
    try {
      const opened = (await readWhole(handle, keys)) ?? (await begin(handle, path, keys.fresh, random))
      return { file: new TombstoneFile(opened, onFatal), lines: opened.lines }
    } catch (error) {
      await handle.close()
      throw error
    }
  }

  /** Which file, and how many lines after its first are on disk. */
  get position(): NonNullable<Manifest['tombstones']> {
    return { id: this.#header.id, lines: this.#lines }
  }

  /** @throws Error if the lines are not on disk now; they will be tried again with the next. */
  append(lines: readonly TombstoneJson[]): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#queue.push({ lines, resolve, reject })
      this.#working ??= this.#work().finally(() => (this.#working = undefined))
    })
  }

  async close(): Promise<void> {
    await this.#working
    await this.#handle.close()
  }

  async #work(): Promise<void> {
    while (this.#queue.length > 0) {
      const group = this.#queue.splice(0)
      const lines = group.flatMap((waiting) => waiting.lines)
      this.#owed += lines.map((line) => this.#chain.line(line)).join('')
      this.#owedLines += lines.length
      try {
        await this.#flush()
        for (const { resolve } of group) resolve()
      } catch (error) {
        const reason = error instanceof Error ? error : new Error(String(error))
        for (const { reject } of group) reject(reason)
      }
    }
  }

  async #flush(): Promise<void> {
    const bytes = Buffer.from(this.#owed)
    const { bytesWritten } = await this.#handle.write(bytes, 0, bytes.length, this.#end)
    if (bytesWritten < bytes.length) throw new Error('the file of tombstones has no room')
    try {
      await this.#handle.datasync()
    } catch (cause) {
      // The kernel may have dropped the pages and not say so again.
      this.#onFatal(cause)
      throw cause
    }
    this.#end += bytes.length
    this.#lines += this.#owedLines
    this.#owed = ''
    this.#owedLines = 0
  }
}

async function openForAdding(path: string): Promise<FileHandle> {
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 })
    const made = await open(path, 'a', 0o600)
    await made.close()
    return await open(path, 'r+')
  } catch (cause) {
    throw new VaultError('config_invalid', `The file of tombstones ${path} cannot be opened.`, { cause })
  }
}

async function readWhole(handle: FileHandle, keys: Keys): Promise<Opened | undefined> {
  const bytes = await handle.readFile()
  let key: Uint8Array | undefined
  const read = await readLines(bytes, async (header) => (key = await keys.find(header)))
  if (!read || !key) return undefined
  const { header, lines, last, wholeBytes } = read
  if (wholeBytes < bytes.length) await handle.truncate(wholeBytes)
  return { handle, header, chain: new Chain(key, last), lines, end: wholeBytes }
}

async function begin(
  handle: FileHandle,
  path: string,
  { tenant, keyVersion, sealKey }: SealKey,
  random: Random,
): Promise<Opened> {
  const header = { id: toHex(random(ID_BYTES)), tenant, keyVersion }
  const chain = new Chain(sealKey)
  const line = Buffer.from(chain.line(headerJson(header)))
  await handle.truncate(0)
  await handle.write(line, 0, line.length, 0)
  await handle.sync()
  await syncFolder(dirname(path))
  return { handle, header, chain, lines: [], end: line.length }
}
