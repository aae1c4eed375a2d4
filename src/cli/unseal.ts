import { readFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { readConfig } from '../runtime/node/config.ts'
import { callControl } from '../runtime/node/control.ts'
import { readPassphrase } from '../runtime/node/passphrase.ts'
import { EXIT_OK, EXIT_USAGE } from './command.ts'
import type { Command, Io } from './command.ts'
import { readSecretLine } from './secret-line.ts'

const USAGE = `Usage: cloakroom unseal [--passphrase-file <path> | --share-file <path>]

Gives the running service one thing that opens its root key: a passphrase, or one share. Each holder of a share calls it once,
on the machine of the service; when enough shares were given the vault opens. Without an option the passphrase or share is the
first line of standard input, and is not shown. The service is the one on CLOAKROOM_DATA.
`

type Lock = { keyId: string; protection: 'none' | 'argon2id' | 'shamir'; threshold: number; given: number }
type Answer = { sealed: boolean; locks: readonly Lock[]; first_credential: string | null }

export const command: Command = {
  name: 'unseal',
  summary: 'gives the running service a passphrase or a share',
  usage: USAGE,
  async run(args, io) {
    const files = parse(args)
    if (typeof files === 'string') {
      io.stderr.write(`cloakroom unseal: ${files}\n\n${USAGE}`)
      return EXIT_USAGE
    }
    const { dataFolder } = readConfig(io.env)
    const offer = await offerOf(files, dataFolder, io)
    const answer = (await callControl(dataFolder, 'unseal', offer)) as Answer
    tell(answer, io)
    return EXIT_OK
  },
}

type Files = { passphraseFile: string | undefined; shareFile: string | undefined }

/** @returns a sentence when the arguments cannot be taken. */
function parse(args: readonly string[]): Files | string {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: { 'passphrase-file': { type: 'string' }, 'share-file': { type: 'string' } },
    })
    const { 'passphrase-file': passphraseFile, 'share-file': shareFile } = values
    if (passphraseFile !== undefined && shareFile !== undefined) return 'Give one thing at a time.'
    return { passphraseFile, shareFile }
  } catch (error) {
    // How parseArgs says that an option is unknown or lacks its value.
    if (error instanceof TypeError) return error.message
    throw error
  }
}

type Offer = { passphrase?: string; share?: string }

async function offerOf({ passphraseFile, shareFile }: Files, dataFolder: string, io: Io): Promise<Offer> {
  if (passphraseFile !== undefined)
    return { passphrase: (await readPassphrase(passphraseFile)).exposeSecret() }
  if (shareFile !== undefined) return { share: await readFile(shareFile, 'utf8') }
  const { locks } = (await callControl(dataFolder, 'keys.status', {})) as Pick<Answer, 'locks'>
  const [first] = locks
  if (!first || first.protection === 'none') return {}
  const what = first.protection === 'shamir' ? 'share' : 'passphrase'
  const line = await readSecretLine(`The ${what} of root key ${first.keyId} (not shown): `, io)
  return { [what]: line?.exposeSecret() ?? '' }
}

function tell({ sealed, locks, first_credential: credential }: Answer, io: Io): void {
  if (!sealed) io.stdout.write('The vault is open.\n')
  for (const { keyId, protection, threshold, given } of sealed ? locks : []) {
    const missing = threshold - given
    io.stdout.write(
      protection === 'shamir'
        ? `Root key ${keyId}: ${given} of ${threshold} shares given, ${missing} missing.\n`
        : `Root key ${keyId}: its passphrase is missing.\n`,
    )
  }
  if (credential !== null) {
    io.stdout.write(
      `This is a new vault. The platform credential of its tenant \`default\`, shown this once:\n\n  ${credential}\n`,
    )
  }
}
