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
  let file: number | undefined
  try {
    file = openSync(`/proc/${pid}/mem`, 'r')
    return searchIn(file, mappingsOf(pid), search)
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : ''
    if (!['EACCES', 'EPERM', 'ENOENT'].includes(code)) throw error
    return { unreadable: `/proc/<pid>/mem: ${code}` }
  } finally {
    if (file !== undefined) closeSync(file)
  }
}

function searchIn(file: number, mappings: readonly Mapping[], search: ByteSearch): MemoryScan {
  let bytes = 0
  const hits = mappings.flatMap(({ start, end, name }) => {
    const read = (into: Buffer, at: number) => readSome(file, into, at)
    bytes += end - start
    return search.inRegion({ start, end, read }, name)
  })
  return { hits, bytes }
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
