import { readFileSync } from 'node:fs'
import { WriteStream } from 'node:tty'
import { parseArgs } from 'node:util'
import { Presets, SingleBar } from 'cli-progress'
import { SECOND_MS } from '../core/time.ts'
import { readConfig } from '../runtime/node/config.ts'
import { fsck } from '../runtime/node/fsck.ts'
import type { Finding, FsckResult } from '../runtime/node/fsck.ts'
import { EXIT_FAILED, EXIT_OK, EXIT_USAGE } from './command.ts'
import type { Command, Io, Output } from './command.ts'

const USAGE = `Usage: cloakroom fsck [--database <file>] [--checkpoint <file>]… [--vkey <file>] [--json]

Derives each log anew from its events, holds tree, tiles, checkpoints and state against it, and says what does not fit: one
line a finding, with tenant, what, which, and what it may mean. Changes nothing. Exit 0 only if nothing was found.

Works on the data folder of \`cloakroom serve\`, while the service is stopped.

Options:
  --database <file>    a database file by itself, such as a restored one, instead of the data folder
  --checkpoint <file>  a checkpoint that was kept elsewhere, by a witness or by whoever looked last: finds what was
                       set back or rewritten by somebody who has the log's key. Give as many as there are
  --vkey <file>        verifier keys of the logs, one a line, to check signatures with instead of the root key
  --json               one JSON object a line: findings, then the counts

The variables are those of \`cloakroom serve\`. Without the root key signatures are not checked, and the closing line says so.
`

export const command: Command = {
  name: 'fsck',
  summary: 'checks logs and state against each other',
  usage: USAGE,
  async run(args, io) {
    const parsed = parse(args)
    if (typeof parsed === 'string') {
      io.stderr.write(`cloakroom fsck: ${parsed}\n\n${USAGE}`)
      return EXIT_USAGE
    }
    const progress = showProgress(io.stderr)
    const report = {
      ...progress,
      found: (finding: Finding) =>
        void io.stdout.write(parsed.json ? `${JSON.stringify({ finding })}\n` : lineOf(finding)),
    }
    try {
      const result = await fsck(readConfig(io.env), jobOf(parsed), report)
      progress.end()
      close(result, parsed.json, io)
      return result.findings === 0 ? EXIT_OK : EXIT_FAILED
    } finally {
      progress.end()
    }
  },
}

type Parsed = { database?: string; checkpoint?: string[]; vkey?: string; json?: boolean }

/** @returns a sentence when the arguments cannot be taken. */
function parse(args: readonly string[]): Parsed | string {
  try {
    return parseArgs({
      args: [...args],
      options: {
        database: { type: 'string' },
        checkpoint: { type: 'string', multiple: true },
        vkey: { type: 'string' },
        json: { type: 'boolean' },
      },
    }).values
  } catch (error) {
    // How parseArgs says that an option is unknown or lacks its value.
    if (error instanceof TypeError) return error.message
    throw error
  }
}

function jobOf({ database, checkpoint = [], vkey }: Parsed) {
  const lines = vkey === undefined ? [] : readFileSync(vkey, 'utf8').split('\n')
  return {
    database,
    witnessed: checkpoint.map((path) => readFileSync(path, 'utf8')),
    vkeys: lines.map((line) => line.trim()).filter((line) => line !== ''),
  }
}

function lineOf({ tenant, code, id, seen, means }: Finding): string {
  return `${tenant ?? '-'}  ${code}  ${id}: ${seen}; ${means}\n`
}

function close(result: FsckResult, json: boolean | undefined, { stdout }: Io): void {
  const { unsignedBecause, ...counts } = result
  if (json) {
    stdout.write(`${JSON.stringify({ done: { ...counts, unsigned_because: unsignedBecause ?? null } })}\n`)
    return
  }
  if (counts.unsigned > 0) {
    const why = unsignedBecause === undefined ? '' : ` ${unsignedBecause}`
    stdout.write(`The signatures of ${counts.unsigned} logs were not checked.${why}\n`)
  }
  const { findings, tenants, events, tiles, rows, uncovered } = counts
  const read = `${tenants} tenants, ${events} events, ${tiles} tiles, ${rows} rows of state`
  const open = uncovered === 0 ? '' : `; ${uncovered} events are under no checkpoint yet`
  stdout.write(`${findings === 0 ? 'Nothing found' : `${findings} found`} in ${read}${open}.\n`)
}

type Progress = { start(events: number): void; advanced(events: number): void; end(): void }

const LINE_EVERY_MS = 5 * SECOND_MS

/** A bar on a terminal, elsewhere a line every few seconds: the check leaves no turn for a timer. */
function showProgress(output: Output): Progress {
  if (output instanceof WriteStream) {
    const format = '{bar} {percentage} % | {value} events | {eta_formatted} left'
    const bar = new SingleBar({ stream: output, format, hideCursor: true }, Presets.shades_classic)
    return {
      start: (events) => bar.start(events, 0),
      advanced: (events) => bar.increment(events),
      end: () => bar.stop(),
    }
  }
  let [total, done, next] = [0, 0, Date.now() + LINE_EVERY_MS]
  return {
    start: (events) => void (total = events),
    advanced(events) {
      done += events
      if (Date.now() < next) return
      next = Date.now() + LINE_EVERY_MS
      output.write(`${Math.floor((done / Math.max(total, 1)) * 100)} % read, ${done} events\n`)
    },
    end: () => undefined,
  }
}
