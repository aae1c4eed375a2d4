import { resolve } from 'node:path'
import { WriteStream } from 'node:tty'
import { parseArgs } from 'node:util'
import { isVaultError } from '../core/errors.ts'
import { receiptOf } from '../runtime/node/backup/backup.ts'
import type { BackupOrder, BackupReceipt } from '../runtime/node/backup/backup.ts'
import { backUpStopped } from '../runtime/node/backup/stopped.ts'
import { tombstonesPath } from '../runtime/node/backup/keep-tombstones.ts'
import { readConfig } from '../runtime/node/config.ts'
import type { Config } from '../runtime/node/config.ts'
import { callControl } from '../runtime/node/control.ts'
import type { Progress } from '../runtime/node/control.ts'
import { EXIT_OK, EXIT_USAGE } from './command.ts'
import type { Command, Io } from './command.ts'

const USAGE = `Usage: cloakroom backup --to <file> --recipient <age1…> [--recipient <age1…> …]

Writes a backup of the data folder, encrypted with age, while the service goes on; or of a stopped one. The file appears only
when it is whole, and none is written over.

  --to <file>            where to write it
  --recipient <age1…>    who can open it: the public half of an age identity (age-keygen). At least one

A backup holds no root key and no passphrase: without the root key nothing in it can be read. Keep that key elsewhere.
CLOAKROOM_DATA names the data folder; the other variables are those of \`cloakroom serve\`, for a stopped one.
`

export const command: Command = {
  name: 'backup',
  summary: 'writes an encrypted backup while the service goes on',
  usage: USAGE,
  async run(args, io) {
    const order = parseOrder(args)
    if (typeof order === 'string') {
      io.stderr.write(`cloakroom backup: ${order}\n\n${USAGE}`)
      return EXIT_USAGE
    }
    say(await make(order, io), order, io)
    return EXIT_OK
  },
}

/** @returns a sentence when the arguments cannot be taken. */
function parseOrder(args: readonly string[]): BackupOrder | string {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: { to: { type: 'string' }, recipient: { type: 'string', multiple: true } },
    })
    const { to, recipient: recipients = [] } = values
    if (!to) return 'Say where to write it with --to.'
    if (recipients.length === 0) return 'Say who can open it with --recipient, at least once.'
    return { target: resolve(to), recipients }
  } catch (error) {
    // How parseArgs says that an option is unknown or lacks its value.
    if (error instanceof TypeError) return error.message
    throw error
  }
}

async function make(order: BackupOrder, io: Io): Promise<BackupReceipt> {
  const config = readConfig(io.env)
  const onProgress = progressTo(io)
  try {
    return await askService(config, order, onProgress)
  } catch (error) {
    if (!isVaultError(error, 'service_not_running')) throw error
    return receiptOf(await backUpStopped(config, tombstonesPath(io.env), order, onProgress))
  }
}

/** One line that is written over, and only where somebody looks. */
function progressTo({ stderr }: Io): (progress: Progress) => void {
  if (!(stderr instanceof WriteStream)) return () => undefined
  return ({ step, percent }) => void stderr.write(`\r${step} ${percent} %${percent === 100 ? '\n' : ' '}`)
}

async function askService(
  config: Config,
  { target, recipients }: BackupOrder,
  onProgress: (progress: Progress) => void,
): Promise<BackupReceipt> {
  return (await callControl(config.dataFolder, 'backup', { target, recipients }, onProgress)) as BackupReceipt
}

function say(receipt: BackupReceipt, { recipients }: BackupOrder, io: Io): void {
  const { file, bytes, made_at: madeAt, newest_event_at: newest, tenants, events } = receipt
  io.stdout.write(`Backup written to ${file}: ${bytes} bytes, for ${recipients.length} recipient(s).\n`)
  io.stdout.write(`  state of       ${madeAt}\n`)
  io.stdout.write(`  newest event   ${newest ?? 'none'}\n`)
  io.stdout.write(`  tenants        ${tenants}\n`)
  io.stdout.write(`  events         ${events}\n`)
  io.stdout.write(`  needs root key ${receipt.root_key_id}, which is not in it\n`)
}
