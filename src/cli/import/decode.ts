import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import type { Format } from './format.ts'

const UTF8_BOM = Buffer.from([0xef, 0xbb, 0xbf])
const CHUNK_BYTES = 64 * 1024

async function startsWithBom(file: string): Promise<boolean> {
  await using handle = await open(file)
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(UTF8_BOM.length), 0, UTF8_BOM.length, 0)
  return bytesRead === UTF8_BOM.length && buffer.equals(UTF8_BOM)
}

/**
 * The file's text, a piece at a time. UTF-8 if a byte order mark says so, else what the format is written in. Bytes that
 * have no meaning in the encoding become U+FFFD.
 */
export async function* decodeFile(
  file: string,
  encoding: Format['encoding'],
  onBytes: (count: number) => void,
): AsyncGenerator<string> {
  const decoder = new TextDecoder((await startsWithBom(file)) ? 'utf-8' : encoding)
  const chunks: AsyncIterable<Uint8Array> = createReadStream(file, { highWaterMark: CHUNK_BYTES })
  for await (const chunk of chunks) {
    onBytes(chunk.length)
    yield decoder.decode(chunk, { stream: true })
  }
  yield decoder.decode()
}
