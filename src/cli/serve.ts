import { once } from 'node:events'
import { readConfig } from '../runtime/node/config.ts'
import { serve as start } from '../runtime/node/serve.ts'
import type { Serving } from '../runtime/node/serve.ts'
import { EXIT_OK } from './command.ts'
import type { Command, Io } from './command.ts'

const USAGE = `Usage: cloakroom serve

Serves the vault on one data folder or PostgreSQL database until it is told to stop (SIGTERM or Ctrl-C).

  PORT                         8787
  HOST                         127.0.0.1
  CLOAKROOM_DATA               ./data
  CLOAKROOM_DATABASE_URL       a PostgreSQL database instead, which several processes may serve: postgres://…
  CLOAKROOM_DATABASE_URL_FILE  a file that holds that URL
  CLOAKROOM_KEYS               ./keys: where root.key is
  CLOAKROOM_ENV                development, or production: then the root key has to be sealed
  CLOAKROOM_PASSPHRASE_FILE    opens a sealed root key
  CLOAKROOM_PUBLIC_URL         how people and programs reach this service
  CLOAKROOM_LOG_NAME           what the origins of the logs begin with
  CLOAKROOM_WITNESSES          a JSON file: who has to cosign the logs' checkpoints
  CLOAKROOM_WATCH              on, or off: then this process takes no log through the detectors
  CLOAKROOM_TOMBSTONES         a file outside the data folder that keeps erasures and revocations for a restore
  CLOAKROOM_BOOTSTRAP_KEY      the first platform credential of an empty store, instead of a made one
`

export const command: Command = {
  name: 'serve',
  summary: 'serves the vault',
  usage: USAGE,
  async run(_args, io) {
    const config = readConfig(io.env)
    const serving = await start(config)
    greet(serving, io)
    await Promise.race([once(process, 'SIGTERM'), once(process, 'SIGINT')])
    io.stdout.write('cloakroom: stopping; requests under way are answered first\n')
    await serving.stop()
    return EXIT_OK
  },
}

/** What a first-time user needs to go on, the credential included: this is the only time that it is shown. */
function greet({ address, firstCredential }: Serving, io: Io): void {
  const lines = [`Cloakroom serves on ${address}`, `  the interface, described  ${address}/docs`, '']
  if (firstCredential) {
    lines.push(
      'This is a new vault. The platform credential of its tenant `default`, shown this once:',
      '',
      `  ${firstCredential.exposeSecret()}`,
      '',
      'Next, in another terminal:',
      '',
      `  export CK=${firstCredential.exposeSecret()}`,
      `  curl -s ${address}/v1/parties -H "Authorization: Bearer $CK" -H 'Content-Type: application/json' \\`,
      `    -d '{"kind":"merchant","name":"My first shop"}'`,
      '  npm run demo        # the whole story, in a folder of its own',
      '',
    )
  }
  io.stdout.write(`${lines.join('\n')}\n`)
}
