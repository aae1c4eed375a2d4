import { parseArgs } from 'node:util'
import { readConfig } from '../runtime/node/config.ts'
import { SEVERITIES, isAtLeast, runDoctor } from '../runtime/node/doctor/doctor.ts'
import type { Diagnosis, DoctorOrder, Severity } from '../runtime/node/doctor/doctor.ts'
import { EXIT_FAILED, EXIT_OK, EXIT_USAGE } from './command.ts'
import type { Command, Io } from './command.ts'

const USAGE = `Usage: cloakroom doctor [--json] [--fail-on <severity>] [--backups <folder>] [--advisories <file>]

Looks at settings, keys, permissions, logs and witnesses, backups, the clock, versions, limits and the age of the rules of law,
and says for each thing that is amiss what was seen and how it is mended. Changes nothing. A running service is asked; of a
stopped one the store is read. docs/doctor.md lists all that is looked for.

Options:
  --json               one JSON object: findings, and what could not be looked at
  --fail-on <severity> exit 1 from this severity on: ${SEVERITIES.join(', ')}; high if not said
  --backups <folder>   a folder that backups go into: the newest .age file counts
  --advisories <file>  published faults, as OSV or as \`npm audit --json\` prints them, held against package-lock.json

The variables are those of \`cloakroom serve\`.
`

export const command: Command = {
  name: 'doctor',
  summary: 'looks for what is amiss, and says how to mend it',
  usage: USAGE,
  async run(args, io) {
    const parsed = parse(args)
    if (typeof parsed === 'string') {
      io.stderr.write(`cloakroom doctor: ${parsed}\n\n${USAGE}`)
      return EXIT_USAGE
    }
    const diagnosis = await runDoctor(readConfig(io.env), io.env, parsed)
    say(diagnosis, parsed.json, io)
    return diagnosis.findings.some(({ severity }) => isAtLeast(severity, parsed.failOn))
      ? EXIT_FAILED
      : EXIT_OK
  },
}

type Parsed = DoctorOrder & { json: boolean; failOn: Severity }

/** @returns a sentence when the arguments cannot be taken. */
function parse(args: readonly string[]): Parsed | string {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        json: { type: 'boolean', default: false },
        'fail-on': { type: 'string', default: 'high' },
        backups: { type: 'string' },
        advisories: { type: 'string' },
      },
    })
    const failOn = SEVERITIES.find((severity) => severity === values['fail-on'])
    if (!failOn) return `--fail-on takes one of ${SEVERITIES.join(', ')}.`
    return { json: values.json, failOn, backups: values.backups, advisories: values.advisories }
  } catch (error) {
    // How parseArgs says that an option is unknown or lacks its value.
    if (error instanceof TypeError) return error.message
    throw error
  }
}

function say({ findings, unseen }: Diagnosis, json: boolean, { stdout }: Io): void {
  if (json) {
    stdout.write(`${JSON.stringify({ findings, unseen })}\n`)
    return
  }
  for (const { severity, code, seen, mend } of findings) {
    stdout.write(`${severity.padEnd(8)}  ${code}: ${seen}\n          ${mend}\n`)
  }
  const blind = unseen.length === 0 ? '' : ` Not looked at: ${unseen.join(', ')}.`
  stdout.write(`${findings.length === 0 ? 'Nothing is amiss' : `${findings.length} found`}.${blind}\n`)
}
