import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { encodeGb18030 } from '../gb18030.ts'

/** A text in one of the forms in which it could lie in a file. */
export type Needle = { text: string; form: string; bytes: Buffer }

export type Hit = { file: string; offset: number; text: string; form: string }

/** Less than six bytes chance would find in ciphertext. Six: once in 2^48 places. */
const MIN_BYTES = 6

const utf16 = (text: string): Buffer => Buffer.from(text, 'utf16le')

/** The letters that stand for these bytes wherever they lie in a longer base64 text: three alignments, edges left out. */
function base64Of(bytes: Buffer, alphabet: 'base64' | 'base64url'): Buffer[] {
  return [0, 1, 2].map((before) => {
    const letters = Buffer.concat([Buffer.alloc(before), bytes]).toString(alphabet)
    return Buffer.from(
      letters.slice(Math.ceil((before * 4) / 3), Math.floor(((before + bytes.length) * 4) / 3)),
    )
  })
}

/** Every form of a text that is looked for; a text or form of under six bytes has none. */
export function needlesOf(text: string): Needle[] {
  const bytes = Buffer.from(text)
  if (bytes.length < MIN_BYTES) return []
  const forms: [string, Buffer][] = [
    ['UTF-8', bytes],
    ['UTF-16LE', utf16(text)],
    ['UTF-16BE', utf16(text).swap16()],
    ['GB18030', encodeGb18030(text)],
    ['hex', Buffer.from(bytes.toString('hex'))],
    ['hex', Buffer.from(bytes.toString('hex').toUpperCase())],
    ['percent escapes', Buffer.from(encodeURIComponent(text))],
    ['JSON escapes', Buffer.from(text.replaceAll(/[^ -~]/g, (char) => `\\u${unitOf(char)}`))],
    ...base64Of(bytes, 'base64').map((form): [string, Buffer] => ['base64', form]),
    ...base64Of(bytes, 'base64url').map((form): [string, Buffer] => ['base64', form]),
  ]
  const long = forms.filter(([, form]) => form.length >= MIN_BYTES)
  return long.map(([form, bytes]) => ({ text, form, bytes }))
}

function unitOf(char: string): string {
  return char.charCodeAt(0).toString(16).padStart(4, '0')
}

const WINDOW = 256 ** (MIN_BYTES - 1)

/** The first six bytes as one number: below 2^48, which a double holds exactly. */
function startOf(bytes: Buffer): number {
  return bytes.readUIntBE(0, MIN_BYTES)
}

/** Looks for thousands of needles in one pass over the bytes. */
export function searchBytes(file: string, bytes: Buffer, needles: readonly Needle[]): Hit[] {
  const byStart = Map.groupBy(needles, (needle) => startOf(needle.bytes))
  const hits: Hit[] = []
  let window = 0
  for (let at = 0; at < bytes.length; at++) {
    window = (window % WINDOW) * 256 + (bytes[at] ?? 0)
    if (at < MIN_BYTES - 1) continue
    const offset = at - MIN_BYTES + 1
    for (const needle of byStart.get(window) ?? []) {
      const found = bytes.subarray(offset, offset + needle.bytes.length).equals(needle.bytes)
      if (found) hits.push({ file, offset, text: needle.text, form: needle.form })
    }
  }
  return hits
}

/** Documents that hold the text, each written in another way. */
function plant(text: string): Buffer[] {
  const plain = Buffer.from(`{"before":1,"is":"${text}","behind":2}`)
  const shifted = [0, 1, 2].map((by) => plain.subarray(by))
  return [
    plain,
    Buffer.from(`\ufeff${plain.toString()}`, 'utf16le'),
    Buffer.from(`\ufeff${plain.toString()}`, 'utf16le').swap16(),
    Buffer.from(plain.toString('hex')),
    ...shifted.map((bytes) => Buffer.from(bytes.toString('base64'))),
    ...shifted.map((bytes) => Buffer.from(bytes.toString('base64url'))),
  ]
}

/** Whether the search would find this text in documents that hold it: a search that finds nothing proves nothing. */
export function isFound(text: string): boolean {
  const needles = needlesOf(text)
  return plant(text).every((document) => searchBytes('', document, needles).length > 0)
}

export type Searched = { files: number; bytes: number; hits: Hit[] }

/** Every byte of every file in the folder, and the files' names. */
export function searchFolder(folder: string, needles: readonly Needle[]): Searched {
  const names = readdirSync(folder, { recursive: true, withFileTypes: true })
  const files = names.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  const searched: Searched = { files: files.length, bytes: 0, hits: [] }
  for (const file of files) {
    const bytes = readFileSync(file)
    searched.bytes += bytes.length
    searched.hits.push(...searchBytes(file, bytes, needles))
    searched.hits.push(...searchBytes(`the name of ${file}`, Buffer.from(file), needles))
  }
  return searched
}
