import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { seeded } from '../../scripts/seeded.ts'
import { pinnedPost } from '../../src/runtime/node/channels/pinned-post.ts'
import { startHttpServer } from '../runtime/channels/http-server.ts'
import { SPELLINGS } from '../runtime/channels/spellings.ts'
import { account, drive } from './p19-drive.ts'
import type { Account } from './p19-drive.ts'
import { startEndpoints } from './p19-endpoints.ts'
import type { SenderOrder } from './p19-sender.ts'
import { prepare } from './p19-vault.ts'
import type { ProofReport } from './report.ts'

// P19: webhooks and notices arrive or are accounted for. Mail server and web hook are away half of the time and misbehave in the other,
// the process is killed, and then the two sides' books are compared message by message.

export type Size = { persons: number; kills: number; controls: number }

export async function short(): Promise<ProofReport> {
  return prove({ persons: 150, kills: 4, controls: 60 })
}

export async function full(): Promise<ProofReport> {
  return prove({ persons: 10_000, kills: 60, controls: 400 })
}

const CHANNELS = ['email', 'webhook'] as const
/** A day in three minutes: what waits for hours comes round while the proof runs. */
const SPEED = 500
/** One in so many has an address that is refused for good. */
const GONE_EACH = 50

type Run = { kills: number; inside: number; accounts: Record<(typeof CHANNELS)[number], Account> }

async function run(
  seed: number,
  persons: number,
  kills: number,
  broken?: SenderOrder['broken'],
): Promise<Run> {
  const folder = await mkdtemp(join(tmpdir(), 'cloakroom-p19-'))
  const chance = seeded(seed)
  const endpoints = await startEndpoints(chance)
  try {
    const addressOf = (i: number) => `${i % GONE_EACH === 7 ? 'gone' : 'u'}${i}@example.com`
    const prepared = await prepare(folder, persons, CHANNELS, addressOf)
    const driven = await drive(prepared, endpoints, {
      kills,
      chance,
      speed: SPEED,
      ...(broken && { broken }),
    })
    const of = (channel: (typeof CHANNELS)[number]) =>
      account(folder, prepared.notices[channel]!, persons, endpoints[channel], driven.allowed[channel])
    const accounts = { email: await of('email'), webhook: await of('webhook') }
    return { kills: driven.kills, inside: endpoints.inside(), accounts }
  } finally {
    await endpoints.stop()
    await rm(folder, { recursive: true })
  }
}

export async function prove({ persons, kills, controls }: Size): Promise<ProofReport> {
  const { accounts, inside, ...driven } = await run(19, persons, kills)
  const spelled = await throughSpellings()
  const controlled = await withBrokenSenders(controls)
  const both = Object.entries(accounts)
  const sum = (count: (one: Account) => number) => both.reduce((total, [, one]) => total + count(one), 0)
  return {
    figures: {
      notices: persons,
      webhooks: persons,
      kills: driven.kills,
      ...Object.fromEntries(
        both.map(([name, { states }]) => [`${name}, what became of them`, JSON.stringify(states)]),
      ),
      'silently lost': sum(({ lost }) => lost.length),
      'came twice': sum(({ repeated }) => repeated),
      'of them where a kill fell into the gap': sum(({ byKill }) => byKill),
      'came twice, unexplained': sum(({ doubled }) => doubled.length),
      'spellings and redirects tried': SPELLINGS.length,
      'requests to private addresses': inside + spelled.reached,
      ...controlled.figures,
    },
    failures: [
      ...both.flatMap(([name, { lost, doubled }]) => [...lost, ...doubled].map((line) => `${name}: ${line}`)),
      ...(inside + spelled.reached > 0 ? ['a request went to a private address'] : []),
      ...(driven.kills < kills ? [`only ${driven.kills} kills: it was through before`] : []),
    ],
    control: {
      broken:
        'a sender that notes before the yes, one that forgets notes, and a client that follows redirects',
      found: Math.min(controlled.found, spelled.control),
    },
  }
}

async function withBrokenSenders(persons: number) {
  const early = await run(20, persons, 3, 'early')
  const forgetful = await run(21, persons, 0, 'forgetful')
  const lost = early.accounts.email.lost.length + early.accounts.webhook.lost.length
  const doubled = forgetful.accounts.email.doubled.length + forgetful.accounts.webhook.doubled.length
  return {
    found: Math.min(lost, doubled),
    figures: { 'lost by one that notes before the yes': lost, 'doubled by one that forgets': doubled },
  }
}

/** A private address in every spelling, and as what a public endpoint redirects to. */
async function throughSpellings(): Promise<{ reached: number; control: number }> {
  const inside = await startHttpServer('127.0.0.1')
  const outside = await startHttpServer('127.0.0.2')
  outside.answer = () => ({ status: 307, headers: { location: `http://127.0.0.1:${inside.port}/` } })
  const guarded = pinnedPost(['127.0.0.2/32'])
  const post = (url: string) => guarded.post({ url: new URL(url), headers: {}, body: '{}' })
  try {
    for (const host of SPELLINGS) await post(`http://${host}:${inside.port}/`)
    await post(`http://127.0.0.2:${outside.port}/`)
    const reached = inside.requests.length
    await fetch(`http://127.0.0.2:${outside.port}/`, { method: 'POST', body: '{}' })
    return { reached, control: inside.requests.length - reached }
  } finally {
    guarded.close()
    await Promise.all([inside.stop(), outside.stop()])
  }
}
