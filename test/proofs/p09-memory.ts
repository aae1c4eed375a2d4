import { closeSync, openSync, readFileSync, readSync } from 'node:fs'
import type { ByteSearch, Hit } from './byte-search.ts'

export type MemoryScan = { hits: Hit[]; bytes: number } | { unreadable: string }

type Mapping = { start: number; end: number; name: string }

/**
 * What a process holds: all that it can read, but for what is mapped from a file and never written, which is the file.
 * Linux alone, and only who may trace the process: root, or its parent where the kernel allows that.
 */
export function searchMemory(pid: number, search: ByteSearch): MemoryScan {
  if (process.platform !== 'linux') return { unreadable: `no /proc on ${process.platform}` }
  try {
    return searchIn(pid, search)
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : ''
    if (!['EACCES', 'EPERM', 'ENOENT'].includes(code)) throw error
    return { unreadable: code }
  }
}

function searchIn(pid: number, search: ByteSearch): MemoryScan {
  const memory = openSync(`/proc/${pid}/mem`, 'r')
  const pages = openSync(`/proc/${pid}/pagemap`, 'r')
  try {
    let bytes = 0
    const hits = mappingsOf(pid).flatMap((mapping) =>
      presentIn(pages, mapping).flatMap(({ start, end, name }) => {
        bytes += end - start
        return search.inRegion({ start, end, read: (into, at) => readSome(memory, into, at) }, name)
      }),
    )
    return { hits, bytes }
  } finally {
    closeSync(memory)
    closeSync(pages)
  }
}

/** Linux, Documentation/admin-guide/mm/pagemap.rst: eight bytes a page; bit 63 present, bit 62 swapped out. */
const PAGE_BYTES = 4096
const ENTRY_BYTES = 8
const PRESENT_OR_SWAPPED = 0xc0

/** What was reserved and never touched holds nothing, and is most of what a JavaScript engine has. */
function presentIn(pages: number, { start, end, name }: Mapping): Mapping[] {
  const entries = Buffer.alloc(((end - start) / PAGE_BYTES) * ENTRY_BYTES)
  const got = readSome(pages, entries, (start / PAGE_BYTES) * ENTRY_BYTES)
  const runs: Mapping[] = []
  for (let i = 0; i * ENTRY_BYTES < got; i++) {
    if ((entries[i * ENTRY_BYTES + ENTRY_BYTES - 1]! & PRESENT_OR_SWAPPED) === 0) continue
    const at = start + i * PAGE_BYTES
    const last = runs.at(-1)
    if (last?.end === at) last.end += PAGE_BYTES
    else runs.push({ start: at, end: at + PAGE_BYTES, name })
  }
  return runs
}

/** A mapping may have gone since it was listed. */
function readSome(file: number, into: Buffer, at: number): number {
  try {
    return readSync(file, into, 0, into.length, at)
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'EIO' || error.code === 'EFAULT'))
      return 0
    throw error
  }
}

const MAPPING = /^(?<start>[0-9a-f]+)-(?<end>[0-9a-f]+) (?<mode>\S+) \S+ \S+ (?<inode>\d+)\s*(?<name>.*)$/

function mappingsOf(pid: number): Mapping[] {
  const lines = readFileSync(`/proc/${pid}/maps`, 'utf8').trim().split('\n')
  return lines.flatMap((line) => {
    const { start = '', end = '', mode = '', inode = '', name = '' } = MAPPING.exec(line)?.groups ?? {}
    const isOfFile = inode !== '0' && !mode.includes('w')
    if (!mode.startsWith('r') || isOfFile || /^\[v(var|syscall|vvar)/.test(name)) return []
    return [{ start: Number.parseInt(start, 16), end: Number.parseInt(end, 16), name: name || 'memory' }]
  })
}
