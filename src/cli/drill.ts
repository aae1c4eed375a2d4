import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { SECOND_MS } from '../core/time.ts'
import { drill } from '../runtime/node/drill/drill.ts'
import { EXIT_OK, EXIT_USAGE } from './command.ts'
import type { Command, Io } from './command.ts'
import { readDrillOrder } from './drill/options.ts'
import { openTranscript } from './drill/transcript.ts'

const USAGE = `Usage: cloakroom drill [--kind <kind>] [--persons <n>] [--aware <time>] [--out <folder>]
       cloakroom drill --data <folder> <suspects> [--from <time>] [--to <time>] [--tenant <tenant>] [--kind <kind>]
                       [--aware <time>] [--out <folder>] [--share-file <file> …]

Plays an incident from detection to report, and times it: scope, containment, the law's clocks, notices that a second person
approves, and the report. Nothing is sent, and no connection is opened. At the end it says what would have been late.

Alone it makes up a vault, with persons of ten jurisdictions. With --data it plays on a copy of a vault, which is removed at
the end; the folder itself is only read, and may be in use.

  --kind <kind>        credential_leak (if not said), insider, lost_handheld, copied_store
  --persons <n>        made-up persons, 50 to 20000; 300 if not said
  --aware <time>       when somebody noticed, such as 2026-11-20T18:40:00+01:00; now if not said
  --out <folder>       an empty or new folder for the report (JSON, HTML, PDF), the letters and the transcript

Suspects, each as often as there are; without any, --from and --to are needed, and everybody who looked is suspected:
  --credential <key_…>   --party <mer_…|cou_…>   --operator <name>   --device <name>   --subject <sub_…>
  --key-version <n|root> a wrapping key that is known outside, for a copied store
  --from, --to <time>    when it happened

CLOAKROOM_KEYS, CLOAKROOM_ENV and CLOAKROOM_PASSPHRASE_FILE say where that vault's root key is, as for \`cloakroom serve\`;
--share-file gives a share of it, where it is kept in shares.
`

export const command: Command = {
  name: 'drill',
  summary: 'plays an incident from detection to report, sending nothing',
  usage: USAGE,
  async run(args, io) {
    const order = readDrillOrder(args)
    if (typeof order === 'string') {
      io.stderr.write(`cloakroom drill: ${order}\n\n${USAGE}`)
      return EXIT_USAGE
    }
    const transcript = openTranscript(io.stdout)
    transcript.begin(order)
    const startedMs = performance.now()
    const played = await drill(io.env, order, transcript.tell)
    transcript.end(played, (performance.now() - startedMs) / SECOND_MS)
    keep(order.out, transcript.text(), io)
    return EXIT_OK
  },
}

function keep(out: string | undefined, transcript: string, { stdout }: Io): void {
  if (out === undefined) return
  writeFileSync(join(out, 'transcript.txt'), transcript, { flag: 'wx', mode: 0o600 })
  stdout.write(`Report, letters and this transcript are in ${out}.\n`)
}
