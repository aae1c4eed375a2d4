import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { extractText, getDocumentProxy } from 'unpdf'
import { memberAt } from '../client.ts'
import type { Answer, Client } from '../client.ts'
import type { Cast, World } from '../world.ts'
import type { Noticed } from './breach-notice.ts'
import type { Leak } from './breach.ts'

export async function handIn(
  world: World,
  { platform }: Cast,
  leak: Leak,
  { figures }: Noticed,
): Promise<void> {
  const { tell, folder } = world
  tell.step('The report', 'For the authority and for the file: as JSON, as a page, and on paper.')
  const path = `/v1/incidents/${leak.incident}/report`
  const report = await untilProven(world, platform, path)
  tell.holds('Nothing is open in it, and each step has its proof from the log.', report.at('open_points'), [])
  const scope = [report.at('scope', 'subjects'), report.at('scope', 'credentials')]
  tell.holds('It has the persons and the key of the scope.', scope, [leak.persons, 1])
  const notices = report.listAt('notices').map((one) => memberAt(one, 'sent'))
  tell.holds('It has the notices, with figures.', notices, [figures['sent']])
  const paper = tell.good(await platform.as(path, 'application/pdf'))
  const file = join(folder, 'report.pdf')
  writeFileSync(file, paper.bytes)
  const text = await textOf(paper.bytes)
  tell.shows(`${file}: ${paper.bytes.length} bytes`)
  const said = [leak.incident, leak.stolen.id].map((word) => text.includes(word))
  tell.holds('The paper names the incident, and not the key.', said, [true, false])
  const closed = tell.good(await platform.post(`/v1/incidents/${leak.incident}/close`))
  tell.holds('With every clock answered the incident is closed.', closed.at('state'), 'closed')
}

const POLL_MS = 200
const GIVE_UP_MS = 10_000

/** A checkpoint covers what has just been written within a second. */
async function untilProven({ tell }: World, platform: Client, path: string): Promise<Answer> {
  const until = Date.now() + GIVE_UP_MS
  for (;;) {
    const report = tell.good(await platform.get(path))
    const codes = report.listAt('open_points').map((point) => memberAt(point, 'code'))
    if (!codes.includes('proof_pending')) return report
    tell.needs('a checkpoint comes in time', Date.now() < until, true)
    await sleep(POLL_MS)
  }
}

/** Where a line breaks is the printer's affair. */
async function textOf(bytes: Uint8Array): Promise<string> {
  const { text } = await extractText(await getDocumentProxy(Uint8Array.from(bytes)), { mergePages: true })
  return text.replaceAll(/\s/g, '')
}
