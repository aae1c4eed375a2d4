import { readConfig } from '../runtime/node/config.ts'
import { callControl } from '../runtime/node/control.ts'
import { EXIT_OK, EXIT_USAGE } from './command.ts'
import type { Command } from './command.ts'

const USAGE = `Usage: cloakroom seal

Takes the root key and all that it opened out of the running service: from the next request on, every call is refused with
503 \`sealed\` until \`cloakroom unseal\` gives it back. The service is the one on CLOAKROOM_DATA.
`

export const command: Command = {
  name: 'seal',
  summary: 'takes the root key out of the running service',
  usage: USAGE,
  async run(args, io) {
    if (args.length > 0) {
      io.stderr.write(USAGE)
      return EXIT_USAGE
    }
    await callControl(readConfig(io.env).dataFolder, 'seal', {})
    io.stdout.write('The vault is sealed. `cloakroom unseal` opens it again.\n')
    return EXIT_OK
  },
}
