import { VaultError, isVaultError } from '../../../core/errors.ts'
import type { TenantId } from '../../../core/id.ts'
import { MINUTE_MS, instant, parseRfc3339, toRfc3339 } from '../../../core/time.ts'
import type { Instant } from '../../../core/time.ts'
import { DISORDER_MS, readLeaf } from '../../../vault/audit/event.ts'
import type { StoredEvent } from '../../../vault/audit/event.ts'
import type { Change } from '../../../vault/changes.ts'
import type { VaultStore } from '../../../vault/store.ts'
import type { Vault } from '../../../vault/vault.ts'
import { log } from '../log.ts'
import { newestSealKey, sealKeyFor } from './authenticity.ts'
import type { Manifest } from './format.ts'
import { TOMBSTONE_TYPES, fromJson, toJson, tombstoneOf } from './tombstone.ts'
import type { Said, Tombstone, TombstoneJson } from './tombstone.ts'
import { TombstoneFile } from './tombstone-file.ts'

const SEAL_USE = 'cloakroom/tombstones'

const PAGE = 1_000

/** How far behind the newest event the file may say the log is: what is not known of the time before a loss. */
const HEAD_EVERY_MS = MINUTE_MS

export type KeptTombstones = {
  /** The same vault, whose erasures and revocations are on disk in the file before they are answered. */
  vault: Vault
  /** @throws VaultError `sealed` */
  position(): Promise<NonNullable<Manifest['tombstones']>>
  stop(): Promise<void>
}

/** `CLOAKROOM_TOMBSTONES`: a file that does not lie on the disk that the data folder can be lost with. */
export function tombstonesPath(env: NodeJS.ProcessEnv): string | undefined {
  return env['CLOAKROOM_TOMBSTONES'] || undefined
}

/**
 * Opens the file, writes into it what the log knows and it does not (a process may have died between the two), and goes on so.
 * While the vault is sealed nothing ends; the file is opened once it is not.
 * @param onFatal is called if a flush fails: nobody knows then what is on disk.
 * @throws VaultError `log_damaged`, `config_invalid`
 */
export async function keepTombstones(
  vault: Vault,
  path: string,
  onFatal: (cause: unknown) => void,
): Promise<KeptTombstones> {
  const file = openedOnce(() => openFile(vault, path, onFatal))
  await file().catch((error: unknown) => {
    if (!isVaultError(error, 'sealed')) throw error
  })
  const stopHeads = noteHeads(vault.store, file)
  return {
    vault: { ...vault, store: withTombstones(vault.store, file) },
    position: async () => (await file()).position,
    async stop() {
      await stopHeads()
      await file().then(
        (opened) => opened.close(),
        () => undefined,
      )
    },
  }
}

type OpenFile = () => Promise<TombstoneFile>

/** Tried again at the next call if it failed. */
function openedOnce(open: OpenFile): OpenFile {
  let opened: Promise<TombstoneFile> | undefined
  return () => {
    opened ??= open().catch((error: unknown) => {
      opened = undefined
      throw error
    })
    return opened
  }
}

async function openFile(
  vault: Vault,
  path: string,
  onFatal: (cause: unknown) => void,
): Promise<TombstoneFile> {
  const keys = {
    fresh: await newestSealKey(vault, SEAL_USE),
    find: (header: { tenant: TenantId; keyVersion: number }) => sealKeyFor(vault, header, SEAL_USE),
  }
  const { file, lines } = await TombstoneFile.open(path, keys, vault.random, onFatal)
  try {
    await catchUp(vault.store, file, lines)
    return file
  } catch (error) {
    await file.close()
    throw error
  }
}

/** What ended is committed first, then noted, then answered. Without a file to note it in, nothing ends. */
function withTombstones(store: VaultStore, open: OpenFile): VaultStore {
  return {
    ...store,
    async commit(tenant, changes, mark) {
      const ended = changes.flatMap((change) => endedBy(tenant, change))
      if (ended.length === 0) return store.commit(tenant, changes, mark)
      const file = await open()
      await store.commit(tenant, changes, mark)
      await note(file, ended)
    },
  }
}

function endedBy(tenant: TenantId, change: Change): Tombstone[] {
  if (change.type !== 'event.append') return []
  const tombstone = tombstoneOf(tenant, change.event.event)
  return tombstone ? [tombstone] : []
}

async function note(file: TombstoneFile, ended: readonly Tombstone[]): Promise<void> {
  try {
    await file.append(ended.map(toJson))
  } catch (cause) {
    log({ level: 'error', event: 'tombstones_not_written', message: String(cause) })
    throw new VaultError('unavailable', 'This was done, but not noted outside the vault. Ask again.', {
      cause,
    })
  }
}

async function catchUp(
  store: VaultStore,
  file: TombstoneFile,
  lines: readonly TombstoneJson[],
): Promise<void> {
  const noted = lines.map(fromJson).filter((one) => one !== undefined)
  const newest = noted.reduce((latest, { at }) => Math.max(latest, at), 0)
  // So far before the newest known one, all are known.
  const from = instant(Math.max(0, newest - DISORDER_MS))
  const known = new Set(noted.filter(({ at }) => at >= from).map(({ event }) => event))
  for (const { id: tenant } of await store.listTenants()) {
    for await (const event of endingsSince(store, tenant, from)) {
      const tombstone = tombstoneOf(tenant, saidBy(event))
      if (tombstone && !known.has(tombstone.event)) await file.append([toJson(tombstone)])
    }
  }
}

async function* endingsSince(
  store: VaultStore,
  tenant: TenantId,
  from: Instant,
): AsyncGenerator<StoredEvent> {
  const filter = { types: TOMBSTONE_TYPES, from, order: 'oldest' as const }
  for (let cursor: string | null | undefined; cursor !== null;) {
    const page = { limit: PAGE, ...(cursor !== undefined && { after: cursor }) }
    const { rows, next } = await store.listEvents(tenant, filter, page)
    yield* rows
    cursor = next
  }
}

/** A leaf names the person only by a commitment; the row knows whom. */
function saidBy({ id, at, bytes, subject }: StoredEvent): Said {
  return { ...(readLeaf(bytes) as Said), id, at, subject }
}

/** The newest event's time, once a minute where there is a newer one: how much a restore has lost follows from it. */
function noteHeads(store: VaultStore, open: OpenFile): () => Promise<void> {
  let said = 0
  const noteHead = async () => {
    const newest = await newestEventAt(store)
    if (newest === null || newest <= said) return
    await (await open()).append([headLine(newest)])
    said = newest
  }
  const logged = () =>
    noteHead().catch((error: unknown) => {
      if (isVaultError(error, 'sealed')) return
      log({ level: 'error', event: 'tombstones_not_written', message: String(error) })
    })
  const timer = setInterval(() => void logged(), HEAD_EVERY_MS)
  timer.unref()
  return async () => {
    clearInterval(timer)
    await logged()
  }
}

async function newestEventAt(store: VaultStore): Promise<Instant | null> {
  const tenants = await store.listTenants()
  const heads = await Promise.all(tenants.map(({ id }) => store.logHead(id)))
  const newest = Math.max(0, ...heads.map(({ lastAt }) => lastAt ?? 0))
  return newest === 0 ? null : instant(newest)
}

const HEAD = 'log.head'

function headLine(newestAt: Instant): TombstoneJson {
  return { type: HEAD, at: toRfc3339(newestAt) }
}

/** @returns when the newest event of any log was made, as far as this line knows. */
export function newestIn(line: TombstoneJson): Instant | undefined {
  return typeof line['at'] === 'string' ? parseRfc3339(line['at']) : undefined
}
