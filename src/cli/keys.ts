import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { VaultError } from '../core/errors.ts'
import { readPassphrase } from '../runtime/node/passphrase.ts'
import { createRootKeyFile, describeRootKey } from '../runtime/node/root-key.ts'
import { EXIT_FAILED, EXIT_OK, EXIT_USAGE } from './command.ts'
import type { Command, Io } from './command.ts'

const USAGE = `Usage: cloakroom keys init [--passphrase-file <path>] [--file <path>]
       cloakroom keys status [--file <path>]

  init      makes the root key, and refuses to write over one
  status    says which root key is there and how it is protected

Options:
  --file <path>             the root key file; else root.key in CLOAKROOM_KEYS; else keys/root.key
  --passphrase-file <path>  seals the key with the first line of this file; else CLOAKROOM_PASSPHRASE_FILE

With CLOAKROOM_ENV=production a passphrase is required: the service does not start there on a plain key.
`

export const command: Command = {
  name: 'keys',
  summary: 'makes the root key, or says how it is protected',
  usage: USAGE,
  async run(args, io) {
    const parsed = parse(args)
    if (typeof parsed === 'string') {
      io.stderr.write(`cloakroom keys: ${parsed}\n\n${USAGE}`)
      return EXIT_USAGE
    }
    const path = parsed.file ?? join(io.env.CLOAKROOM_KEYS ?? 'keys', 'root.key')
    if (parsed.action === 'status') return await status(path, io)
    return await init(path, parsed.passphraseFile ?? io.env.CLOAKROOM_PASSPHRASE_FILE, io)
  },
}

type Parsed = { action: 'init' | 'status'; file: string | undefined; passphraseFile: string | undefined }

/** @returns a sentence when the arguments cannot be taken. */
function parse(args: readonly string[]): Parsed | string {
  const parsed = parseOptions(args)
  if (typeof parsed === 'string') return parsed
  const [action, ...more] = parsed.positionals
  const { file, 'passphrase-file': passphraseFile } = parsed.values
  if (more.length > 0 || (action !== 'init' && action !== 'status')) return 'Say either init or status.'
  if (action === 'status' && passphraseFile !== undefined) return 'Status does not open the key.'
  return { action, file, passphraseFile }
}

function parseOptions(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { file: { type: 'string' }, 'passphrase-file': { type: 'string' } },
    })
  } catch (error) {
    // How parseArgs says that an option is unknown or lacks its value.
    if (error instanceof TypeError) return error.message
    throw error
  }
}

async function init(path: string, passphraseFile: string | undefined, io: Io): Promise<number> {
  const passphrase = passphraseFile === undefined ? undefined : await readPassphrase(passphraseFile)
  if (passphrase === undefined && isProduction(io)) {
    throw new VaultError(
      'passphrase_required',
      'In production the root key has to be sealed. Put a passphrase in a file and name it with --passphrase-file.',
    )
  }
  const keyId = await createRootKeyFile(path, randomBytes, passphrase)
  const how = passphrase === undefined ? 'not sealed: for development only' : 'sealed with the passphrase'
  io.stdout.write(`Made root key ${keyId} in ${path}, ${how}.\n`)
  io.stdout.write('Keep a copy apart from the data: without this key the data cannot be read.\n')
  return EXIT_OK
}

async function status(path: string, io: Io): Promise<number> {
  const { keyId, protection, mode, readableByOthers } = await describeRootKey(path)
  io.stdout.write(`file        ${path}\n`)
  io.stdout.write(`key id      ${keyId}\n`)
  io.stdout.write(`protection  ${protection}\n`)
  io.stdout.write(`mode        ${mode.toString(8).padStart(4, '0')}\n`)
  const problems = [
    ...(readableByOthers ? [`Others on this machine may reach the file. Run: chmod 600 ${path}`] : []),
    ...(protection === 'none' && isProduction(io) ? ['The key is not sealed: production refuses it.'] : []),
  ]
  for (const problem of problems) io.stderr.write(`cloakroom keys: ${problem}\n`)
  return problems.length === 0 ? EXIT_OK : EXIT_FAILED
}

function isProduction(io: Io): boolean {
  return io.env.CLOAKROOM_ENV === 'production'
}
