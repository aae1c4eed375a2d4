import { randomInt } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import { setTimeout as pause } from 'node:timers/promises'
import { VaultError } from '../../core/errors.ts'
import { secret } from '../../core/secret.ts'
import type { Secret } from '../../core/secret.ts'
import { EXIT_OK, EXIT_USAGE } from '../command.ts'
import type { Command, Io, Output } from '../command.ts'
import { parseOptions } from './options.ts'
import type { Options } from './options.ts'
import { showProgress } from './progress.ts'
import { runImport } from './run.ts'
import type { Watcher } from './run.ts'

const USAGE = `Usage: cloakroom import FILE --format shopify|taobao --url U --key-file F --party mer_…

Reads a shop's order export as it is and puts tokens in place of its people.

  --format shopify|taobao  how the export is written
  --url U                  where the service is, e.g. http://127.0.0.1:8787
  --key-file F             a file that holds the credential and nothing else
  --party mer_…            whose tokens these are
  --tokens OUT.csv         order_ref,name,phone,email,address (FILE.tokens.csv)
  --rejects OUT.csv        rows that cannot be taken, with line and reason (FILE.rejects.csv)
  --linkability L          order, week or party (week)
  --overwrite              begin anew although outputs exist

Killed or stopped half-way, the same command goes on where it was. Prints \`N imported, N rejected\`;
exit 0 when the whole export was worked through, rejects or not.
`

/** Group and others: a credential is its owner's. */
const NOT_THE_OWNER = 0o077
const RANDOM_STEPS = 2 ** 32

async function readKey(file: string, stderr: Output): Promise<Secret<string>> {
  const key = (await readFile(file, 'utf8')).trim()
  if (!/^[\x21-\x7e]+$/.test(key))
    throw new VaultError('config_invalid', `${file} does not hold one credential.`)
  const { mode } = await stat(file)
  if (process.platform !== 'win32' && (mode & NOT_THE_OWNER) !== 0) {
    stderr.write(`cloakroom: ${file} can be read by others; \`chmod 600\` it.\n`)
  }
  return secret(key)
}

/** Shows how far it is while the import runs. `stop` before anything else is written. */
function watchOn(stderr: Output): Watcher & { stop: () => void } {
  const startedMs = performance.now()
  const now = { readBytes: 0, totalBytes: 0, orders: 0 }
  let ordersBefore = 0
  let stop = () => {}
  return {
    started(totalBytes, { done, imported, rejected }) {
      now.totalBytes = totalBytes
      ordersBefore = imported + rejected
      if (done > 0) stderr.write(`Going on behind the first ${done} orders.\n`)
      stop = showProgress(stderr, () => ({ ...now, elapsedMs: performance.now() - startedMs }))
    },
    read(bytes) {
      now.readBytes += bytes
    },
    written({ imported, rejected }) {
      now.orders = imported + rejected - ordersBefore
    },
    stop: () => stop(),
  }
}

async function importWith(options: Options, io: Io): Promise<number> {
  const { file, format, url, party, linkability, tokens, rejects, overwrite } = options
  const key = await readKey(options.keyFile, io.stderr)
  const service = { url, key, pause, jitter: () => randomInt(RANDOM_STEPS) / RANDOM_STEPS }
  const watch = watchOn(io.stderr)
  const job = { file, format, paths: { tokens, rejects }, terms: { party, linkability }, overwrite, service }
  const { imported, rejected } = await runImport(job, watch).finally(watch.stop)
  io.stdout.write(`${imported} imported, ${rejected} rejected\n`)
  return EXIT_OK
}

export const command: Command = {
  name: 'import',
  summary: "reads a shop's order export",
  usage: USAGE,
  async run(args, io) {
    const parsed = parseOptions(args)
    if (parsed.ok) return importWith(parsed.options, io)
    io.stderr.write(`cloakroom import: ${parsed.complaint}\n\n${USAGE}`)
    return EXIT_USAGE
  },
}
