import { once } from 'node:events'
import type { Server } from 'node:http'
import { VaultError } from '../core/errors.ts'
import { openDataFolder } from '../runtime/node/data-folder.ts'
import { formatVerifier } from '../tlog/note.ts'
import { EXIT_OK, EXIT_USAGE } from './command.ts'
import type { Command, Io } from './command.ts'
import { createWitnessKey, loadWitnessKey } from './witness/key-file.ts'
import { parseOptions } from './witness/options.ts'
import type { ServeOptions } from './witness/options.ts'
import { witnessServer } from './witness/server.ts'
import { folderState } from './witness/state.ts'
import type { WitnessState } from './witness/state.ts'
import { Witness } from './witness/witness.ts'

const USAGE = `Usage: cloakroom witness --state FOLDER --key FILE --name NAME --log VKEY [--log VKEY …]
       cloakroom witness keygen --name NAME --key FILE

Cosigns the checkpoints of logs (c2sp.org/tlog-witness), each only if it goes on from the last one: whoever rolls a log
back or forks it gets no cosignature any more. To be run by somebody else than the log, on another machine.

  --state FOLDER  what was cosigned last; never copy it back from a backup
  --key FILE      the witness's key
  --name NAME     the witness's name, like witness.example.com/w1
  --log VKEY      a log to watch, by its verifier key; may be given again
  --host H        127.0.0.1
  --port P        8788

keygen makes the key, refuses to write over one, and prints the verifier key for those who are to trust the witness.
`

export const command: Command = {
  name: 'witness',
  summary: 'cosigns checkpoints of logs',
  usage: USAGE,
  async run(args, io) {
    const options = parseOptions(args)
    if (typeof options === 'string') {
      io.stderr.write(`cloakroom witness: ${options}\n\n${USAGE}`)
      return EXIT_USAGE
    }
    if (options.action === 'serve') return serveWitness(options, io)
    io.stdout.write(`${await createWitnessKey(options.keyFile, options.name)}\n`)
    return EXIT_OK
  },
}

/** @param remember where it remembers; a test gives one that forgets. */
export async function serveWitness(
  options: ServeOptions,
  io: Io,
  remember: (folder: string) => WitnessState = (folder) => folderState(folder, stopAtOnce),
): Promise<number> {
  const signer = await loadWitnessKey(options.keyFile, options.name)
  const folder = openDataFolder(options.state)
  const say = (entry: Record<string, unknown>) => void io.stderr.write(`${JSON.stringify(entry)}\n`)
  try {
    const state = remember(options.state)
    const suspect = (suspicion: object) => say({ level: 'error', event: 'log_inconsistent', ...suspicion })
    const witness = new Witness({ signer, logs: options.logs, state, nowMs: Date.now, suspect })
    await witness.check()
    const failed = (error: unknown) =>
      say({ level: 'error', event: 'witness_failed', message: String(error) })
    const server = witnessServer(witness, signer.verifier, failed)
    io.stdout.write(`Witness ${options.name} listens on ${await listen(server, options)}\n`)
    io.stdout.write(`  verifier key  ${formatVerifier(signer.verifier)}\n`)
    for (const origin of options.logs.keys()) io.stdout.write(`  watches       ${origin}\n`)
    await Promise.race([once(process, 'SIGTERM'), once(process, 'SIGINT')])
    await close(server)
  } finally {
    folder.release()
  }
  return EXIT_OK
}

/** After a failed fsync nobody knows what is on disk: the only safe step is to stop and start from what is there. */
function stopAtOnce(error: unknown): never {
  process.stderr.write(
    `${JSON.stringify({ level: 'error', event: 'storage_failed', message: String(error) })}\n`,
  )
  process.exit(1)
}

async function listen(server: Server, { host, port }: ServeOptions): Promise<string> {
  server.listen(port, host)
  try {
    await once(server, 'listening')
  } catch (cause) {
    throw new VaultError('config_invalid', `Cannot listen on ${host}:${port}.`, { cause })
  }
  const address = server.address()
  const taken = typeof address === 'object' && address ? address.port : port
  return `http://${host.includes(':') ? `[${host}]` : host}:${taken}`
}

async function close(server: Server): Promise<void> {
  const closed = once(server, 'close')
  server.close()
  server.closeIdleConnections()
  await closed
}
