import { Tracer } from './p01-p03-strace.ts'
import { fullReveal } from './p02-p03-people.ts'
import type { House } from './p02-p03-people.ts'
import type { Visit } from './p03-passing.ts'
import type { Shot } from './p10-connection.ts'
import { PERSON, phoneOf } from './p10-world.ts'

// A sync that fails once: nobody knows then what is on disk, and the kernel may say yes the next time without having written
// anything. The process has to end, without asking again.

export type LostSync = {
  name: string
  /** Whose sync fails. */
  file: 'log' | 'database'
  /** Whether calls may succeed: what is moved into the database has been on disk, in the log, for long. */
  isBehindAnswers?: true
  /** It takes a log of 32 MB. */
  isLong?: true
  /** What makes the service sync it. */
  provoke(house: House): Shot[]
}

export const LOST_SYNCS: readonly LostSync[] = [
  {
    name: 'the sync of a commit',
    file: 'log',
    provoke: (house) => [0, 1, 2, 3, 4, 5].map((n) => fullReveal(house, house.people, n)),
  },
  {
    name: 'the sync of an erasure',
    file: 'database',
    provoke: ({ world, people }) => [
      { method: 'DELETE', path: `/v1/subjects/${people[0]!.subject}`, key: world.platform },
    ],
  },
  {
    name: 'the sync of a full log being moved into the database',
    file: 'database',
    isBehindAnswers: true,
    isLong: true,
    provoke: (house) => Array.from({ length: 16 }, () => thousandPersons(house)),
  },
]

/** A few hundred pages of the log each. */
function thousandPersons({ world }: House): Shot {
  const items = Array.from({ length: 1_000 }, (_, i) => ({
    key: `row-${i}`,
    person: { ...PERSON, phone: phoneOf(world.number()) },
  }))
  return { method: 'POST', path: '/v1/tokenize', key: world.platform, body: { party: world.shop.id, items } }
}

export type LostSyncReport = { piiBytes: number; stopped: boolean; failures: string[] }

/** It ends at once: who still lives then lives on. */
const PATIENCE_MS = 10_000
const LAST_WORD = /^\{"at":"[^"]+","level":"error","event":"storage_failed","message":"[^"]+"\}$/

export async function loseSync(
  { service, house, ear }: Visit,
  lost: LostSync,
  patienceMs = PATIENCE_MS,
): Promise<LostSyncReport> {
  const path = lost.file === 'log' ? `${service.database}-wal` : service.database
  const said = service.errors.length
  const tracer = await Tracer.inject(service.pid, { calls: ['fsync', 'fdatasync'], error: 'EIO', path })
  const heard = await Promise.all(lost.provoke(house).map((shot) => ear.ask(shot)))
  const code = await Promise.race([
    service.ended().then((ended) => ended.code),
    new Promise<string>((resolve) => setTimeout(resolve, patienceMs, 'none: it goes on').unref()),
  ])
  const syncs = (await tracer.end()).filter((line) => line.includes('EIO'))
  const acknowledged = heard.filter(({ status }) => status > 0 && status < 300)
  const pii = heard.filter(({ text }) => house.canaries.in(text).length > 0)
  return {
    piiBytes: pii.reduce((sum, { text }) => sum + text.length, 0),
    stopped: code === 1,
    failures: [
      ...pii.map(() => 'something of a person was shown after a sync had failed'),
      ...(lost.isBehindAnswers ? [] : acknowledged.map(() => 'a call was acknowledged')),
      ...(code === 1 ? [] : [`the exit code is ${code}, has to be 1`]),
      ...(syncs.length === 1 ? [] : [`it asked ${syncs.length} times for a sync`]),
      ...lastWord(service.errors.slice(said)),
    ],
  }
}

/** One line, and nothing after it. */
function lastWord(said: string): string[] {
  const lines = said.split('\n').filter((line) => line !== '')
  const words = lines.filter((line) => line.includes('storage_failed'))
  return words.length === 1 && LAST_WORD.test(lines.at(-1) ?? '')
    ? []
    : [`its last words: ${said.slice(-500)}`]
}
