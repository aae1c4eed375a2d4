import { parseArgs } from 'node:util'
import { SECOND_MS, toRfc3339 } from '../core/time.ts'
import { restoreBackup, unknownSince } from '../runtime/node/backup/restore.ts'
import type { RestoreOrder, Restored } from '../runtime/node/backup/restore.ts'
import { readConfig } from '../runtime/node/config.ts'
import { requireDataFolder } from '../runtime/node/open-store.ts'
import { EXIT_OK, EXIT_USAGE } from './command.ts'
import type { Command, Io } from './command.ts'

const USAGE = `Usage: cloakroom restore <file> --identity <file> --to <folder> [--newer-log <what> …] [--accept-loss]
                         [--share-file <file> …]

Makes a data folder of a backup, verifies all of it, and erases and revokes again what was erased and revoked after the backup
was made. Only then can \`cloakroom serve\` open the folder.

  --identity <file>   the age identity that opens the backup, as age-keygen writes it
  --to <folder>       a folder that is empty or does not exist
  --newer-log <what>  what knows of the time after the backup: the file of CLOAKROOM_TOMBSTONES, its http(s) URL, or the data
                      folder that was lost, as far as it can be read; may be said more than once
  --share-file <file> a share of the root key, where it is kept in shares; as many as open it
  --accept-loss       restore although what ended after the backup is not, or not wholly, known

CLOAKROOM_KEYS, CLOAKROOM_ENV and CLOAKROOM_PASSPHRASE_FILE say where the root key is, as for \`cloakroom serve\`.
`

export const command: Command = {
  name: 'restore',
  summary: 'makes a data folder of a backup',
  usage: USAGE,
  async run(args, io) {
    const order = parseOrder(args)
    if (typeof order === 'string') {
      io.stderr.write(`cloakroom restore: ${order}\n\n${USAGE}`)
      return EXIT_USAGE
    }
    const startedMs = performance.now()
    const config = readConfig(io.env)
    requireDataFolder(config, 'This restore')
    const restored = await restoreBackup(config, order)
    say(restored, order, (performance.now() - startedMs) / SECOND_MS, io)
    return EXIT_OK
  },
}

/** @returns a sentence when the arguments cannot be taken. */
function parseOrder(args: readonly string[]): RestoreOrder | string {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        identity: { type: 'string' },
        to: { type: 'string' },
        'newer-log': { type: 'string', multiple: true },
        'accept-loss': { type: 'boolean', default: false },
        'share-file': { type: 'string', multiple: true },
      },
    })
    const [file, ...more] = positionals
    if (!file || more.length > 0) return 'Say one backup file.'
    const {
      identity,
      to,
      'newer-log': newerLogs = [],
      'accept-loss': acceptLoss,
      'share-file': shareFiles = [],
    } = values
    if (!identity || !to) return 'Both --identity and --to are needed.'
    return { file, identityFile: identity, folder: to, newerLogs, acceptLoss, shareFiles }
  } catch (error) {
    // How parseArgs says that an option is unknown or lacks its value.
    if (error instanceof TypeError) return error.message
    throw error
  }
}

function say(restored: Restored, { folder }: RestoreOrder, seconds: number, io: Io): void {
  const { manifest, newer, replayed } = restored
  const events = manifest.logs.reduce((sum, { size }) => sum + size, 0)
  io.stdout.write(`Restored to ${folder}, and verified: ${manifest.logs.length} tenants, ${events} events.\n`)
  io.stdout.write(`  state of       ${toRfc3339(manifest.madeAt)}\n`)
  for (const { from, tombstones, gap } of newer) {
    io.stdout.write(`  newer log      ${from}: ${tombstones.length} endings${gap ? `; but ${gap}` : ''}\n`)
  }
  const { erased, revoked, suspended, destroyed, already, unknown, left } = replayed
  io.stdout.write(
    `  done again     ${erased} erasures, ${revoked} revocations, ${suspended} parties stopped, ${destroyed} keys destroyed; ` +
      `${already} held already, ${unknown} are of what came after the backup\n`,
  )
  if (left > 0) {
    io.stderr.write(
      `WARNING: ${left} key versions that were destroyed are there again: destroy them when they are retired.\n`,
    )
  }
  if (newer.every(({ gap }) => gap !== undefined)) io.stderr.write(`WARNING: ${unknownSince(manifest)}\n`)
  io.stdout.write(`  RPO            ${pointOf(restored)}\n`)
  io.stdout.write(`  RTO            ${seconds.toFixed(1)} s from the call until the folder can be served\n`)
}

function pointOf({ lostMs, newestBackedUp, newestKnown, manifest }: Restored): string {
  if (lostMs === null || newestKnown === null) return 'not known: nothing newer than the backup was given'
  const backedUp = toRfc3339(newestBackedUp ?? manifest.madeAt)
  return `${(lostMs / SECOND_MS).toFixed(1)} s: newest event ${backedUp} in the backup, ${toRfc3339(newestKnown)} in the newer log`
}
