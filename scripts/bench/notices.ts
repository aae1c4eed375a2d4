// `node scripts/bench/notices.ts`: how long a notice to everybody takes, by e-mail to a mail server on this machine.
//   --persons N      100000
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs, promisify } from 'node:util'
import { startMailSink } from './mail-sink.ts'
import { CLOAKROOM, startService } from './service.ts'
import { addPersons, makeWorld, post } from './world.ts'
import type { Caller } from './world.ts'

const { values } = parseArgs({ options: { persons: { type: 'string', default: '100000' } } })
const persons = Number(values.persons)
const PORT = 18_789
const LOOKS_A_CALL = 100
const key = `ck_default_${'bench'.repeat(8)}`

const sink = await startMailSink()
process.env['CLOAKROOM_SMTP_URL'] = `smtp://127.0.0.1:${sink.port}?tls=none&connections=10`
process.env['CLOAKROOM_MAIL_FROM'] = 'Privacy office <privacy@vault.example>'
const path = mkdtempSync(join(tmpdir(), 'cloakroom-notices-'))
const folder = { path, key }
const { service } = await startService(folder, PORT)
try {
  const world = await makeWorld(service.url, key)
  const { platform, merchant } = world
  console.log(`${persons.toLocaleString('en')} persons, each looked at once, on ${cpus().length} cores …`)
  const tokens = await addPersons(merchant, 0, persons, 1)
  for (let from = 0; from < tokens.length; from += LOOKS_A_CALL) {
    const items = tokens
      .slice(from, from + LOOKS_A_CALL)
      .map(({ name }, i) => ({ key: `k${i}`, token: name }))
    await post(merchant, '/v1/mask', { items })
  }
  const incident = {
    title: 'bench',
    kind: 'insider',
    aware_at: new Date().toISOString(),
    suspects: { parties: [merchant.id] },
  }
  const { id } = await post<{ id: string }>(platform, '/v1/incidents', incident)
  const words = { en: { subject: 'Your data', text: 'Dear {name}, a key leaked.' } }
  const drafted = { audience: 'persons', channel: 'email', words }
  const draft = await post<Drafted>(platform, `/v1/incidents/${id}/notices`, drafted)
  const officer = { url: service.url, key: await anotherCredential() }
  const before = service.cpuSeconds()
  const peakBefore = service.peakMemoryMib()
  const started = performance.now()
  await post(officer, `/v1/notices/${draft.id}/approve`, { version: draft.version })
  const { enrolledS, figures } = await waitUntilSent(platform, draft.id, started)
  const seconds = (performance.now() - started) / 1000
  console.table({
    'until everybody was enrolled, s': enrolledS.toFixed(1),
    'until the last was sent, s': seconds.toFixed(1),
    'mails a second': (sink.taken() / seconds).toFixed(0),
    'mails taken by the server': sink.taken(),
    'of them different': sink.different(),
    figures: JSON.stringify(figures),
    'CPU seconds of the service': (service.cpuSeconds() - before).toFixed(1),
    'peak memory of the service before, MiB': peakBefore.toFixed(0),
    'and after, MiB': service.peakMemoryMib().toFixed(0),
  })
} finally {
  await service.stop()
  sink.stop()
  rmSync(path, { recursive: true })
}

type Drafted = { id: string; version: number }
type Seen = { state: string; figures: Record<string, number> }

async function waitUntilSent({ url, key: bearer }: Caller, id: string, started: number) {
  const headers = { authorization: `Bearer ${bearer}` }
  let enrolledS = 0
  for (;;) {
    const { state, figures } = (await (await fetch(`${url}/v1/notices/${id}`, { headers })).json()) as Seen
    if (enrolledS === 0 && state !== 'approved') enrolledS = (performance.now() - started) / 1000
    if (state === 'sent') return { enrolledS, figures }
    await sleep(500)
  }
}

/** Beside this process: one that waits for it would find its connections closed. */
async function anotherCredential(): Promise<string> {
  const env = { ...process.env, CLOAKROOM_DATA: join(path, 'data'), CLOAKROOM_KEYS: join(path, 'keys') }
  const args = [CLOAKROOM, 'tenant', 'credential', 'default', '--label', 'second']
  const { stdout, stderr } = await promisify(execFile)(process.execPath, args, { env })
  const found = /ck_default_[A-Za-z0-9]+/.exec(stdout)?.[0]
  if (found === undefined) throw new Error(`no credential: ${stderr}`)
  return found
}
