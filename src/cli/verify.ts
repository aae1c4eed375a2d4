import { randomBytes } from 'node:crypto'
import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { VaultError } from '../core/errors.ts'
import { EXIT_FAILED, EXIT_OK, EXIT_USAGE } from './command.ts'
import type { Command, Io } from './command.ts'
import { parseEvidence } from './verify/evidence-file.ts'
import { logFinding } from './verify/findings.ts'
import { openLogSource } from './verify/log-source.ts'
import { parseOptions } from './verify/options.ts'
import type { VerifyOptions } from './verify/options.ts'
import { showProgress } from './verify/progress.ts'
import { jsonOf, textOf } from './verify/report.ts'
import type { Report } from './verify/report.ts'
import { readTrusted } from './verify/trusted.ts'
import { checkEvidence, checkProof } from './verify/verify-file.ts'
import { verifyLog } from './verify/verify-log.ts'
import type { Trusted } from './verify/verify-log.ts'

const USAGE = `Usage: cloakroom verify PROOF --leaf FILE --vkey KEY
       cloakroom verify EVIDENCE.json --vkey KEY [--earlier EVIDENCE.json]
       cloakroom verify --log URL|FOLDER --vkey KEY [--earlier CHECKPOINT] [--save CHECKPOINT]

Checks, without trusting whoever keeps the log, that a leaf is in it; that a person's evidence is whole; or a whole log:
signature, every tile, root, and that it goes on from an earlier checkpoint. Exit 0 only if all holds.

  --vkey KEY      the log's verifier key, or a file with it
  --leaf FILE     the leaf's bytes, as GET /v1/events/{id}/leaf gives them
  --log L         where \`checkpoint\` and \`tile/…\` are: an address like https://vault.example.com/log/acme, or a folder
  --earlier FILE  what was had before: its log must be the beginning of this one
  --save FILE     keeps the checkpoint for the next time, if all holds
  --witness KEY   a witness's verifier key, or a file with it; may be given again
  --quorum K      how many of the witnesses have to have cosigned; all, unless said
  --json          one JSON object on standard output
`

export const command: Command = {
  name: 'verify',
  summary: 'checks proofs, evidence and logs',
  usage: USAGE,
  async run(args, io) {
    const options = parseOptions(args)
    if (typeof options === 'string') {
      io.stderr.write(`cloakroom verify: ${options}\n\n${USAGE}`)
      return EXIT_USAGE
    }
    const trusted = await readTrusted(options.trust)
    const report =
      options.what === 'log' ? await wholeLog(options, trusted, io) : await oneFile(options, trusted)
    io.stdout.write(options.json ? jsonOf(report) : textOf(report))
    return report.findings.length === 0 ? EXIT_OK : EXIT_FAILED
  },
}

async function wholeLog(
  { from, earlier, save }: VerifyOptions & { what: 'log' },
  trusted: Trusted,
  io: Io,
): Promise<Report> {
  const before = earlier === undefined ? undefined : await readFile(earlier, 'utf8')
  const progress = showProgress(io.stderr)
  const { faults, note, checkpoint, cosignatures } = await verifyLog(openLogSource(from), trusted, {
    ...(before !== undefined && { earlier: before }),
    onProgress: (leaves, size) => progress.at(leaves, size),
  }).finally(() => progress.stop())
  if (faults.length === 0 && save !== undefined) await replaceFile(save, note)
  const findings = faults.map(logFinding)
  return { kind: 'log', findings, cosignatures, quorum: trusted.quorum, ...(checkpoint && { checkpoint }) }
}

/** Whole or not at all: it is what the next check rests on. */
async function replaceFile(path: string, text: string): Promise<void> {
  const draft = `${path}.${randomBytes(6).toString('hex')}.new`
  try {
    await writeFile(draft, text, { flag: 'wx', flush: true })
    await rename(draft, path)
  } finally {
    await rm(draft, { force: true })
  }
}

async function oneFile(
  { file, leaf, earlier }: VerifyOptions & { what: 'file' },
  trusted: Trusted,
): Promise<Report> {
  const text = await readFile(file, 'utf8')
  const { quorum } = trusted
  const bundle = parseEvidence(text)
  if (bundle) {
    if (leaf !== undefined)
      throw misused('--leaf goes with a proof; this is evidence, which has its leaves in it.')
    const before = earlier === undefined ? undefined : await readEvidence(earlier)
    return { kind: 'evidence', quorum, ...checkEvidence(bundle, trusted, before) }
  }
  if (leaf === undefined)
    throw misused(`${file} is not an evidence bundle; for a proof, --leaf is the file with the leaf's bytes.`)
  if (earlier !== undefined) throw misused('--earlier goes with evidence or a log; this is a proof.')
  return { kind: 'proof', quorum, ...checkProof(text, await readFile(leaf), trusted) }
}

async function readEvidence(path: string) {
  const bundle = parseEvidence(await readFile(path, 'utf8'))
  if (!bundle) throw misused(`${path} is not an evidence bundle.`)
  return bundle
}

function misused(sentence: string): VaultError {
  return new VaultError('invalid_request', sentence)
}
