import { readdir } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { isVaultError } from '../../core/errors.ts'
import { readRootKeyFile, renameRootKeyFile, type RootKeyStatus } from './root-key-disk.ts'
import type { RootKeyFile } from '../root-key-file.ts'

/**
 * A root key's versions lie beside each other: `root.key` is the first, then `root-2.key`, `root-3.key` … One that no key is
 * wrapped under any more gets `.retired` at its end, and is still found when a copy of the data from before names it.
 */
export type RootKeyEntry = RootKeyStatus & {
  path: string
  version: number
  retired: boolean
  file: RootKeyFile
}

const RETIRED = '.retired'
const SUFFIX = '.key'

/** @param first the path of the first version, which names the others. @returns in the order of versions. */
export async function listRootKeys(first: string): Promise<readonly RootKeyEntry[]> {
  const names = await readdir(dirname(first)).catch(() => [])
  const found = names.flatMap((name) => {
    const retired = name.endsWith(RETIRED)
    const version = versionOf(basename(first), retired ? name.slice(0, -RETIRED.length) : name)
    return version === undefined ? [] : [{ path: join(dirname(first), name), version, retired }]
  })
  const entries = await Promise.all(found.map(async (one) => ({ ...one, ...(await read(one.path)) })))
  return entries
    .flatMap(({ file, status, ...entry }) => (file && status ? [{ ...entry, ...status, file }] : []))
    .toSorted((a, b) => a.version - b.version || Number(a.retired) - Number(b.retired))
}

/** One that cannot be read is left out: the start says so when that is the one it needs. */
async function read(path: string): Promise<{ file?: RootKeyFile; status?: RootKeyStatus }> {
  try {
    return await readRootKeyFile(path)
  } catch (error) {
    if (isVaultError(error)) return {}
    throw error
  }
}

function versionOf(first: string, name: string): number | undefined {
  if (name === first) return 1
  const stem = `${stemOf(first)}-`
  if (!name.startsWith(stem) || !name.endsWith(SUFFIX)) return undefined
  const digits = name.slice(stem.length, -SUFFIX.length)
  return /^[1-9][0-9]{0,8}$/.test(digits) && Number(digits) > 1 ? Number(digits) : undefined
}

function stemOf(first: string): string {
  return first.endsWith(SUFFIX) ? first.slice(0, -SUFFIX.length) : first
}

/** Where the next version goes: never onto a number that was used. */
export function nextRootKeyPath(first: string, entries: readonly RootKeyEntry[]): string {
  const highest = Math.max(1, ...entries.map(({ version }) => version))
  return join(dirname(first), `${stemOf(basename(first))}-${highest + 1}${SUFFIX}`)
}

/** Durable once resolved. A retired one stays as it is. */
export async function retireRootKey({ path, retired }: RootKeyEntry): Promise<void> {
  if (!retired) await renameRootKeyFile(path, `${path}${RETIRED}`)
}
