import { parseArgs } from 'node:util'
import { join } from 'node:path'
import { EXIT_USAGE } from './command.ts'
import type { Command } from './command.ts'
import { destroy } from './keys/destroy.ts'
import { init } from './keys/init.ts'
import { rotate } from './keys/rotate.ts'
import { status } from './keys/status.ts'

const USAGE = `Usage: cloakroom keys init [--passphrase-file <path> | --shares <n> --threshold <k>] [--file <path>]
       cloakroom keys status [--file <path>]
       cloakroom keys rotate <level> [--tenant <name>]
       cloakroom keys rotate root [--passphrase-file <path> | --shares <n> --threshold <k>]
       cloakroom keys destroy root <key id> [--credential-file <path> --credential-file <path>]

  init      makes the root key, and refuses to write over one
  status    says which root key is there and how it is protected; of a running service, also where its keys are
  rotate    puts a new key in the place of the one in use, while the service goes on
  destroy   takes a retired root key away for good, on the word of two people's platform credentials; a running
            service is asked. Retired versions of a tenant's keys: POST /v1/keys/destructions

Levels: root; tenant (or wrap), which wraps persons' keys; data, persons' own keys; index; note; session; log.

Options:
  --file <path>             the root key file; else root.key in CLOAKROOM_KEYS; else keys/root.key
  --passphrase-file <path>  seals the key with the first line of this file; else CLOAKROOM_PASSPHRASE_FILE
  --shares <n>              makes n shares instead, which are printed once and kept nowhere
  --threshold <k>           so many of them open the key, with \`cloakroom unseal\`
  --tenant <name>           this tenant's keys alone; else all tenants'
  --credential-file <path>  its first line is a platform credential; twice, or both are the first lines of standard input

With CLOAKROOM_ENV=production the root key has to be sealed: the service does not start there on a plain one.
A rotation that was interrupted goes on when the service starts, or when the command is given again.
`

/** What the arguments ask for. */
export type KeysCall = {
  /** The root key's first version. */
  path: string
  level: string
  tenant: string | undefined
  passphraseFile: string | undefined
  /** The root key to destroy. */
  keyId: string
  /** None or two. */
  credentialFiles: readonly string[]
  sharing: { shares: number; threshold: number } | undefined
}

const ACTIONS = { init, status, rotate, destroy }
type Action = keyof typeof ACTIONS

export const command: Command = {
  name: 'keys',
  summary: 'makes, shows, rotates and destroys keys',
  usage: USAGE,
  async run(args, io) {
    const parsed = parse(args)
    if (typeof parsed === 'string') {
      io.stderr.write(`cloakroom keys: ${parsed}\n\n${USAGE}`)
      return EXIT_USAGE
    }
    const { action, file, ...rest } = parsed
    const path = file ?? join(io.env.CLOAKROOM_KEYS ?? 'keys', 'root.key')
    return await ACTIONS[action]({ path, ...rest }, io)
  },
}

type Parsed = Omit<KeysCall, 'path'> & { action: Action; file: string | undefined }

/** What goes with what: an option that an action does not take is refused. */
const TAKES: Readonly<Record<Action | 'rotate root', readonly string[]>> = {
  init: ['file', 'passphrase-file', 'shares', 'threshold'],
  status: ['file'],
  rotate: ['tenant'],
  'rotate root': ['passphrase-file', 'shares', 'threshold'],
  destroy: ['credential-file'],
}

const KEY_ID = /^[0-9a-f]{16}$/
const LEVELS = ['root', 'tenant', 'wrap', 'data', 'index', 'note', 'session', 'log']

/** @returns a sentence when the arguments cannot be taken. */
function parse(args: readonly string[]): Parsed | string {
  const options = parseOptions(args)
  if (typeof options === 'string') return options
  const [word = '', level = '', ...more] = options.positionals
  if (!isAction(word)) return 'Say init, status, rotate or destroy.'
  const action = word
  const wrong = wrongWords(action, level, more)
  if (wrong !== undefined) return wrong
  const takes = TAKES[action === 'rotate' && level === 'root' ? 'rotate root' : action]
  const { values } = options
  const stranger = Object.keys(values).find((name) => !takes.includes(name))
  if (stranger !== undefined) return `--${stranger} does not go with ${action} ${level}`.trimEnd()
  const sharing = sharingOf(values)
  if (typeof sharing === 'string') return sharing
  const { file, tenant, 'passphrase-file': passphraseFile, 'credential-file': credentialFiles = [] } = values
  if (sharing && passphraseFile !== undefined) return 'A key has a passphrase or shares, not both.'
  if (credentialFiles.length !== 0 && credentialFiles.length !== 2)
    return 'It takes the credentials of two people: give --credential-file twice.'
  return {
    action,
    level: level === 'tenant' ? 'wrap' : level,
    file,
    tenant,
    passphraseFile,
    sharing,
    keyId: more[0] ?? '',
    credentialFiles,
  }
}

function isAction(word: string): word is Action {
  return Object.hasOwn(ACTIONS, word)
}

/** What is wrong with the words after the action. */
function wrongWords(action: Action, level: string, more: readonly string[]): string | undefined {
  switch (action) {
    case 'rotate':
      return more.length === 0 && LEVELS.includes(level)
        ? undefined
        : `Say which level: ${LEVELS.join(', ')}.`
    case 'destroy':
      return level === 'root' && more.length === 1 && KEY_ID.test(more[0] ?? '')
        ? undefined
        : 'Say which: destroy root <key id>, as `keys status` of the running service shows it.'
    default:
      return level === '' ? undefined : `${action} takes nothing more.`
  }
}

type Values = Exclude<ReturnType<typeof parseOptions>, string>['values']

function sharingOf({ shares, threshold }: Values): KeysCall['sharing'] | string {
  if (shares === undefined && threshold === undefined) return undefined
  const numbers = [shares, threshold].every((text) => text !== undefined && /^[0-9]{1,3}$/.test(text))
  if (!numbers) return 'Give --shares and --threshold, both as numbers.'
  return { shares: Number(shares), threshold: Number(threshold) }
}

function parseOptions(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        file: { type: 'string' },
        'passphrase-file': { type: 'string' },
        shares: { type: 'string' },
        threshold: { type: 'string' },
        tenant: { type: 'string' },
        'credential-file': { type: 'string', multiple: true },
      },
    })
  } catch (error) {
    // How parseArgs says that an option is unknown or lacks its value.
    if (error instanceof TypeError) return error.message
    throw error
  }
}
