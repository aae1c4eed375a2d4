import { VaultError } from '../../../core/errors.ts'
import { toRfc3339 } from '../../../core/time.ts'
import type { Clock } from '../../../core/time.ts'
import type { Vault } from '../../../vault/vault.ts'
import type { ControlCommand, Progress } from '../control.ts'
import { encrypterFor } from './age.ts'
import { newestSealKey } from './authenticity.ts'
import type { SealKey } from './authenticity.ts'
import { copyDatabase } from './copy.ts'
import type { CopyDatabase } from './copy.ts'
import type { Manifest } from './format.ts'
import { leaveBackupMark } from './mark.ts'
import { sealInThread } from './in-thread.ts'
import { refuseExisting } from './seal.ts'
import type { Sealed } from './seal.ts'

/** What a backup is made of, and where its copy may lie for a while. */
export type BackupSource = {
  dataFolder: string
  clock: Clock
  copyTo: CopyDatabase
  /** Asked for each backup: the vault may be sealed, and keys turn. */
  keys(): Promise<BackupKeys>
  /** How far the file of tombstones has come; null where there is none. */
  tombstones(): Promise<Manifest['tombstones']>
}

export type BackupKeys = SealKey & Pick<Manifest, 'rootKeyId'>

export type BackupOrder = { target: string; recipients: readonly string[] }

/** @throws VaultError `sealed` */
export async function backupKeys(vault: Vault): Promise<BackupKeys> {
  return { ...(await newestSealKey(vault, 'cloakroom/backup')), rootKeyId: vault.keyring.rootKeyId }
}

/**
 * Backs a vault up while it serves: a copy that keeps up with what is written, then, in another thread, its check, encryption
 * and writing. Nothing of the copy is left, whatever happens.
 * @throws VaultError `invalid_request`, `state_conflict`, `sealed`, `unavailable`, `database_unreadable`
 */
export async function backUp(
  source: BackupSource,
  { target, recipients }: BackupOrder,
  report: (progress: Progress) => void,
): Promise<Sealed> {
  // Before the copy: what cannot be sealed need not be copied.
  encrypterFor(recipients)
  refuseExisting(target)
  const { tenant, keyVersion, sealKey, rootKeyId } = await source.keys()
  const { dataFolder, copyTo, clock } = source
  const copy = await copyDatabase(dataFolder, copyTo, clock, percents('copied', report))
  try {
    const job = {
      copy: copy.path,
      target,
      recipients,
      madeAt: copy.madeAt,
      rootKeyId,
      seal: { tenant, keyVersion },
      sealKey,
      tombstones: await source.tombstones(),
    }
    const written = percents('written', report)
    const sealed = await sealInThread(job, ({ bytes, of }) => written(bytes, of))
    await leaveBackupMark(dataFolder, sealed.madeAt)
    return sealed
  } finally {
    await copy.remove()
  }
}

/** Whole percents, each said once. */
function percents(step: string, report: (progress: Progress) => void) {
  let said = -1
  return (done: number, of: number): void => {
    const percent = of === 0 ? 100 : Math.floor((100 * done) / of)
    if (percent === said) return
    said = percent
    report({ step, percent })
  }
}

/** As the control socket answers it; what `cloakroom backup` prints. */
export type BackupReceipt = {
  file: string
  bytes: number
  made_at: string
  newest_event_at: string | null
  tenants: number
  events: number
  root_key_id: string
}

export function receiptOf(sealed: Sealed): BackupReceipt {
  return {
    file: sealed.file,
    bytes: sealed.bytes,
    made_at: toRfc3339(sealed.madeAt),
    newest_event_at: sealed.newestEventAt === null ? null : toRfc3339(sealed.newestEventAt),
    tenants: sealed.tenants,
    events: sealed.events,
    root_key_id: sealed.rootKeyId,
  }
}

/** `backup` on the control socket: `{target, recipients}`. One at a time. */
export function backupCommand(source: BackupSource): ControlCommand {
  let atWork = false
  return async (args, report) => {
    const order = parseOrder(args)
    if (atWork) throw new VaultError('state_conflict', 'A backup is under way already.')
    atWork = true
    try {
      return receiptOf(await backUp(source, order, report))
    } finally {
      atWork = false
    }
  }
}

function parseOrder({ target, recipients }: Readonly<Record<string, unknown>>): BackupOrder {
  const isList = Array.isArray(recipients) && recipients.every((one) => typeof one === 'string')
  if (typeof target !== 'string' || !target.startsWith('/') || !isList) {
    throw new VaultError('invalid_request', 'A backup needs an absolute target and recipients.')
  }
  return { target, recipients }
}
