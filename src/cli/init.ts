import { readConfig } from '../runtime/node/config.ts'
import { openVault } from '../runtime/node/compose.ts'
import { EXIT_OK } from './command.ts'
import type { Command } from './command.ts'

const USAGE = `Usage: cloakroom init

Makes an empty data folder ready without serving it: database, tenant \`default\` and, in development, a root key.
Prints the platform credential once, unless CLOAKROOM_BOOTSTRAP_KEY gave one. A folder that is ready stays as it is.
The variables are those of \`cloakroom serve\`.
`

export const command: Command = {
  name: 'init',
  summary: 'makes a data folder ready',
  usage: USAGE,
  async run(_args, io) {
    const config = readConfig(io.env)
    const opened = await openVault(config)
    await opened.close()
    io.stdout.write(`The vault in ${config.dataFolder} is ready.\n`)
    if (opened.firstCredential) {
      io.stdout.write('The platform credential of its tenant `default`, shown this once:\n\n')
      io.stdout.write(`  ${opened.firstCredential.exposeSecret()}\n`)
    }
    return EXIT_OK
  },
}
