// `npm run demo`: the whole story against a real service, in a folder of its own. What it prints with a tick was checked;
// at the first thing that does not hold it stops, says which, what it expected and what it got, and exits with 1.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect, parseArgs } from 'node:util'
import { Mailbox } from './demo/mailbox.ts'
import { LAUNCHER, Service } from './demo/service.ts'
import { tellStory } from './demo/story.ts'
import { Differs, Teller } from './demo/tell.ts'

const { values } = parseArgs({
  options: {
    /** Leaves the folder where it is. */
    keep: { type: 'boolean', default: false },
    /** Another build of the command than this clone's. */
    launcher: { type: 'string', default: LAUNCHER },
  },
})

const EXIT_INTERRUPTED = 130
const LOG_LINES = 5

const folder = mkdtempSync(join(tmpdir(), 'cloakroom-demo-'))
const tell = new Teller(process.stdout)
const mailbox = new Mailbox()
const service = new Service(values.launcher, folder, {
  CLOAKROOM_SMTP_URL: await mailbox.open(),
  CLOAKROOM_MAIL_FROM: 'Privacy office <privacy@cloakroom.example>',
})
const startedMs = performance.now()

async function cleanUp(): Promise<void> {
  await service.stop()
  await mailbox.close()
  if (values.keep) tell.says(`\nKept: ${folder}`)
  else rmSync(folder, { recursive: true, force: true })
}

function explain(error: unknown): string {
  if (error instanceof Differs) return error.message
  const log = service.printed.split('\n').filter((line) => line.startsWith('{'))
  const lastLines = log.slice(-LOG_LINES).map((line) => `    ${line}`)
  return [tell.where, inspect(error), 'The service’s log ends with:', ...lastLines].join('\n')
}

async function main(): Promise<number> {
  try {
    await tellStory({ tell, service, mailbox, launcher: values.launcher, folder })
    const { steps, claims } = tell.counts
    const seconds = ((performance.now() - startedMs) / 1000).toFixed(1)
    tell.says(`\nAll of it holds: ${steps} steps, ${claims} checks, ${seconds} s.`)
    return 0
  } catch (error) {
    console.error(`\nThe demo stops: ${explain(error)}`)
    return 1
  } finally {
    await cleanUp()
  }
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void cleanUp().finally(() => process.exit(EXIT_INTERRUPTED)))
}
process.exitCode = await main()
