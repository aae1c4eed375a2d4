import { readFileSync } from 'node:fs'
import { isVaultError } from '../core/errors.ts'
import { EXIT_FAILED, EXIT_OK, EXIT_USAGE } from './command.ts'
import type { Command, Io } from './command.ts'

type Entry = { summary: string; load: () => Promise<Command> }

/** Loaded when called: `--help` and `import` must not need the storage drivers. */
const COMMANDS = new Map<string, Entry>([
  [
    'import',
    {
      summary: "reads a shop's order export",
      load: async () => (await import('./import/command.ts')).command,
    },
  ],
  ['serve', { summary: 'serves the vault', load: async () => (await import('./serve.ts')).command }],
  ['init', { summary: 'makes a data folder ready', load: async () => (await import('./init.ts')).command }],
  [
    'tenant',
    { summary: 'lists and creates tenants', load: async () => (await import('./tenant.ts')).command },
  ],
  ['doctor', { summary: 'looks for what is amiss', load: async () => (await import('./doctor.ts')).command }],
  [
    'fsck',
    {
      summary: 'checks logs and state against each other',
      load: async () => (await import('./fsck.ts')).command,
    },
  ],
  [
    'keys',
    { summary: 'makes, shows and rotates keys', load: async () => (await import('./keys.ts')).command },
  ],
  [
    'seal',
    {
      summary: 'takes the root key out of the running service',
      load: async () => (await import('./seal.ts')).command,
    },
  ],
  [
    'unseal',
    {
      summary: 'gives the running service a passphrase or a share',
      load: async () => (await import('./unseal.ts')).command,
    },
  ],
  [
    'backup',
    { summary: 'writes an encrypted backup', load: async () => (await import('./backup.ts')).command },
  ],
  [
    'restore',
    { summary: 'makes a data folder of a backup', load: async () => (await import('./restore.ts')).command },
  ],
  [
    'move',
    { summary: 'moves a store to another engine', load: async () => (await import('./move.ts')).command },
  ],
  [
    'drill',
    {
      summary: 'plays an incident from detection to report, sending nothing',
      load: async () => (await import('./drill.ts')).command,
    },
  ],
  [
    'verify',
    { summary: 'checks proofs, evidence and logs', load: async () => (await import('./verify.ts')).command },
  ],
  [
    'witness',
    { summary: 'cosigns checkpoints of logs', load: async () => (await import('./witness.ts')).command },
  ],
])

function usage(): string {
  const lines = [...COMMANDS].map(([name, { summary }]) => `  ${name.padEnd(10)}${summary}`)
  return `Usage: cloakroom <command> [options]\n\n${lines.join('\n')}\n\n\`cloakroom <command> --help\` tells more.\n`
}

/** `package.json` lies two folders up both from `src/cli` and from `dist/cli`. */
function version(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
  const { version } = JSON.parse(text) as { version: string }
  return version
}

async function dispatch(args: readonly string[], io: Io): Promise<number> {
  const [name, ...rest] = args
  if (name === '--help' || name === '-h') {
    io.stdout.write(usage())
    return EXIT_OK
  }
  if (name === '--version') {
    io.stdout.write(`${version()}\n`)
    return EXIT_OK
  }
  const entry = COMMANDS.get(name ?? '')
  if (entry === undefined) {
    io.stderr.write(name === undefined ? usage() : `cloakroom: no command "${name}"\n\n${usage()}`)
    return EXIT_USAGE
  }
  const command = await entry.load()
  if (rest.includes('--help') || rest.includes('-h')) {
    io.stdout.write(command.usage)
    return EXIT_OK
  }
  return command.run(rest, io)
}

/** What the user did or the machine lacks is said in a sentence; anything else is a bug and shown in full. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const isPlain = isVaultError(error) || 'syscall' in error
  return isPlain ? error.message : (error.stack ?? error.message)
}

async function main(args: readonly string[], io: Io): Promise<number> {
  try {
    return await dispatch(args, io)
  } catch (error) {
    io.stderr.write(`cloakroom: ${describe(error)}\n`)
    return EXIT_FAILED
  }
}

// Keys, databases, tokens and rejected rows are for the owner's eyes: no file is made readable by others.
process.umask(0o077)
process.exitCode = await main(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
})
