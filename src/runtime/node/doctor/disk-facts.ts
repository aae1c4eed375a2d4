import { readFile, readdir, stat, statfs } from 'node:fs/promises'
import { dirname, join, resolve, sep } from 'node:path'
import { instant } from '../../../core/time.ts'
import type { Instant } from '../../../core/time.ts'
import type { Facts, FileFacts, LimitFacts, RootKeyFacts } from '../../../vault/doctor/facts.ts'
import type { VaultStore } from '../../../vault/store.ts'
import { readBackupMark } from '../backup/mark.ts'
import type { Config } from '../config.ts'
import { namedRootKeys } from '../needed-root-keys.ts'
import { listRootKeys } from '../root-key-folder.ts'
import { DATABASE_FILE } from '../sqlite.ts'

const PERMISSIONS = 0o777

/** Files and folders that are there, with their modes; where a system has none, none. */
export async function fileFacts(config: Config, env: NodeJS.ProcessEnv): Promise<readonly FileFacts[]> {
  const { dataFolder, rootKeyFile } = config
  const secretFiles = Object.entries(env).flatMap(([name, path]) =>
    name === 'CLOAKROOM_PASSPHRASE_FILE' || (name.startsWith('CLOAKROOM_') && name.endsWith('_FILE'))
      ? (path ?? [])
      : [],
  )
  const asked: readonly (readonly [FileFacts['kind'], string])[] = [
    ['data_folder', dataFolder],
    ['key_folder', dirname(rootKeyFile)],
    ...['', '-wal', '-shm'].map((end) => ['database', join(dataFolder, DATABASE_FILE + end)] as const),
    ...secretFiles.filter((path) => path !== '').map((path) => ['secret_file', path] as const),
  ]
  const found = await Promise.all(
    asked.map(async ([kind, path]) => {
      const stats = await stat(path).catch(() => undefined)
      return stats && { kind, path, mode: stats.mode & PERMISSIONS }
    }),
  )
  return found.filter((one) => one !== undefined)
}

/** Which root keys there are, and which the store's data needs. */
export async function rootKeyFacts(
  { rootKeyFile, dataFolder }: Config,
  store: VaultStore,
  sealed: boolean,
): Promise<RootKeyFacts> {
  const [entries, needed] = await Promise.all([listRootKeys(rootKeyFile), namedRootKeys(store)])
  return {
    sealed,
    needed: [...needed],
    files: entries.map(({ keyId, path, protection, readableByOthers, retired }) => {
      return { keyId, path, protection, readableByOthers, retired }
    }),
    besideData: resolve(rootKeyFile).startsWith(resolve(dataFolder) + sep),
  }
}

/** @param serving whether it is this process whose limits count. */
export async function limitFacts({ dataFolder, databaseUrl }: Config, serving: boolean): Promise<LimitFacts> {
  const [disk, database] = await Promise.all([
    statfs(dataFolder).catch(() => undefined),
    stat(join(dataFolder, DATABASE_FILE)).catch(() => undefined),
  ])
  const own = databaseUrl === undefined
  return {
    openFiles: serving ? await openFilesLimit() : undefined,
    freeDiskBytes: own && disk ? disk.bavail * disk.bsize : undefined,
    databaseBytes: own ? database?.size : undefined,
  }
}

/** Linux says it here; elsewhere nothing does without a shell. */
async function openFilesLimit(): Promise<number | undefined> {
  const text = await readFile('/proc/self/limits', 'utf8').catch(() => '')
  const soft = /^Max open files\s+(\d+)/m.exec(text)?.[1]
  return soft === undefined ? undefined : Number(soft)
}

/** By what a backup leaves in the data folder, and by the files of a folder that backups go into. */
export async function backupFacts(
  { dataFolder, databaseUrl }: Config,
  folder: string | undefined,
): Promise<Facts['backup']> {
  if (databaseUrl !== undefined && folder === undefined) return undefined
  const marked = databaseUrl === undefined ? await readBackupMark(dataFolder) : undefined
  const times = [...(marked === undefined ? [] : [marked]), ...(folder ? await timesIn(folder) : [])]
  return { newestAt: times.length > 0 ? instant(Math.max(...times)) : null }
}

async function timesIn(folder: string): Promise<readonly Instant[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.age'))
  const stats = await Promise.all(names.map((name) => stat(join(folder, name))))
  return stats.filter((one) => one.isFile()).map((one) => instant(Math.floor(one.mtimeMs)))
}
