import { parseArgs } from 'node:util'
import { secret } from '../core/secret.ts'
import { readConfig } from '../runtime/node/config.ts'
import { move } from '../runtime/node/move/move.ts'
import type { MoveOrder } from '../runtime/node/move/move.ts'
import { EXIT_OK, EXIT_USAGE } from './command.ts'
import type { Command, Io } from './command.ts'
import { reportTo } from './move/report.ts'

const USAGE = `Usage: cloakroom move --from <store> --to <store> [--check]
       cloakroom move --from <backup> --identity <file> --by-way-of <folder> [--newer-log <what> …] [--accept-loss]
                      [--share-file <file> …] --to <store>

Copies a whole vault to another engine, and compares both from end to end: a count and a hash of each table, and each log's root.
Only then can \`cloakroom serve\` open the new store. Killed at any point, the same call goes on where it stopped. Stop every service on
both stores first; the old one is not changed. A tenant at the edge is put to rest for it, which refuses its calls, and stays at rest.
Exit 0 only if both are the same.

  --from <store>       a data folder, a postgres:// URL, a backup file, or a tenant at the edge, as
                       https://vault.example/admin/tenants/acme; the admin secret is read from CLOAKROOM_ADMIN_SECRET
  --to <store>         a new or empty data folder, or the postgres:// URL of an empty database
  --check              copy nothing, and compare two stores that are there

For a backup, which is restored first as by \`cloakroom restore\`:
  --identity <file>    the age identity that opens it
  --by-way-of <folder> where it is restored to: an empty folder, which is removed at the end
  --newer-log <what>   what knows of the time after the backup; may be said more than once
  --accept-loss        move it although what ended after the backup is not, or not wholly, known
  --share-file <file>  a share of the root key, where it is kept in shares; as many as open it

A password may be left out of a URL: PGPASSWORD and ~/.pgpass are looked at, and other users cannot see those. The root key is not
moved: serve the new store with the same one. docs/moving.md tells the rest.
`

export const command: Command = {
  name: 'move',
  summary: 'moves a store to another engine',
  usage: USAGE,
  async run(args, io) {
    const order = parseOrder(args)
    if (typeof order === 'string') {
      io.stderr.write(`cloakroom move: ${order}\n\n${USAGE}`)
      return EXIT_USAGE
    }
    const { report, stop } = reportTo(io)
    try {
      await move(readConfig(io.env), { ...order, ...adminSecretIn(io.env) }, report)
    } finally {
      stop()
    }
    const said =
      order.checkOnly === true
        ? 'Both are the same.'
        : 'Moved: the new store can be served now. Do not serve the old one any more.'
    io.stdout.write(`${said}\n`)
    return EXIT_OK
  },
}

/** Of the environment alone: a command line is seen by every user of the machine. */
function adminSecretIn({ CLOAKROOM_ADMIN_SECRET: given }: Io['env']): Pick<MoveOrder, 'adminSecret'> {
  return given === undefined || given === '' ? {} : { adminSecret: secret(given) }
}

/** @returns a sentence when the arguments cannot be taken. */
function parseOrder(args: readonly string[]): MoveOrder | string {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        from: { type: 'string' },
        to: { type: 'string' },
        check: { type: 'boolean', default: false },
        identity: { type: 'string' },
        'by-way-of': { type: 'string' },
        'newer-log': { type: 'string', multiple: true },
        'accept-loss': { type: 'boolean', default: false },
        'share-file': { type: 'string', multiple: true },
      },
    })
    const { from, to, check, identity, 'by-way-of': folder } = values
    if (!from || !to) return 'Both --from and --to are needed.'
    if ((identity === undefined) !== (folder === undefined))
      return 'Say both --identity and --by-way-of, or neither.'
    if (identity === undefined || folder === undefined) return { from, to, checkOnly: check }
    const { 'newer-log': newerLogs = [], 'accept-loss': acceptLoss, 'share-file': shareFiles = [] } = values
    return { from, to, restore: { identityFile: identity, folder, newerLogs, acceptLoss, shareFiles } }
  } catch (error) {
    // How parseArgs says that an option is unknown or lacks its value.
    if (error instanceof TypeError) return error.message
    throw error
  }
}
