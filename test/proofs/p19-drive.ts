import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { NoticeId } from '../../src/core/id.ts'
import type { Chance, Endpoints, Taken } from './p19-endpoints.ts'
import type { SenderOrder } from './p19-sender.ts'
import { openIn, readNoted } from './p19-vault.ts'
import type { Prepared } from './p19-vault.ts'

const SENDER = join(import.meta.dirname, 'p19-sender.ts')
const CHANNELS = ['email', 'webhook'] as const
/** How long the endpoints are there, and then away. */
const WEATHER_MS = 1_000

export type Drive = { kills: number; allowed: Readonly<Record<string, Map<string, number>>> }

/** Runs a sender to its end, killing it again and again, while the endpoints come and go. */
export async function drive(
  prepared: Prepared,
  endpoints: Endpoints,
  options: { kills: number; chance: Chance; speed: number; broken?: SenderOrder['broken'] },
): Promise<Drive> {
  const { kills, chance, speed, broken } = options
  const { smtpPort, webhookPort } = endpoints
  const { folder, rootKey } = prepared
  const order: SenderOrder = { folder, rootKey, smtpPort, webhookPort, speed, ...(broken && { broken }) }
  const allowed = { email: new Map<string, number>(), webhook: new Map<string, number>() }
  let isDown = false
  const weather = setInterval(() => endpoints.down((isDown = !isDown)), WEATHER_MS)
  let killed = 0
  try {
    for (;;) {
      const child = spawn(process.execPath, [SENDER, JSON.stringify(order)], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      const ended = once(child, 'exit')
      await once(child.stdout, 'data')
      if (killed < kills) {
        const early = await Promise.race([ended, sleep(100 + chance() * 900).then(() => undefined)])
        if (early) return { kills: killed, allowed }
        child.kill('SIGKILL')
        await ended
        killed += 1
        await noteGap(prepared, endpoints, allowed)
        continue
      }
      const [code] = (await ended) as [number | null]
      if (code !== 0) throw new Error(`the sender ended with ${String(code)}`)
      return { kills: killed, allowed }
    }
  } finally {
    clearInterval(weather)
    endpoints.down(false)
  }
}

/** What the other side had said yes to, and the vault had not noted yet, when it was killed: these may come twice. */
async function noteGap(
  { folder, notices }: Prepared,
  endpoints: Endpoints,
  allowed: Drive['allowed'],
): Promise<void> {
  const { store, close } = await openIn(folder)
  for (const channel of CHANNELS) {
    const counts = allowed[channel]
    const noted = await readNoted(store, notices[channel]!)
    for (const id of endpoints[channel].times.keys()) {
      if (noted.get(id)?.state === 'queued') counts?.set(id, (counts.get(id) ?? 0) + 1)
    }
  }
  await close()
}

export type Account = {
  recipients: number
  taken: number
  states: Record<string, number>
  /** Not taken over by the other side, and not accounted for. */
  lost: string[]
  /** More often than the gaps allow. */
  doubled: string[]
  repeated: number
  /** Of the repeated: which a kill explains. */
  byKill: number
}

const REACHED = new Set(['sent', 'delivered'])

/** Compares what the other side has with what the vault says, message by message. */
export async function account(
  folder: string,
  notice: NoticeId,
  recipients: number,
  { times, lostYes }: Taken,
  allowed: Map<string, number> | undefined,
): Promise<Account> {
  const { store, close } = await openIn(folder)
  const noted = await readNoted(store, notice)
  await close()
  const states: Record<string, number> = {}
  const [lost, doubled]: [string[], string[]] = [[], []]
  let [repeated, byKill] = [0, 0]
  if (noted.size !== recipients) lost.push(`${recipients - noted.size} recipients have no row`)
  for (const [id, { state, code }] of noted) {
    states[state] = (states[state] ?? 0) + 1
    const came = times.get(id) ?? 0
    if (REACHED.has(state) ? came === 0 : state !== 'bounced')
      lost.push(`${id}: ${state} ${code}, came ${came} times`)
    if (came <= 1) continue
    repeated += came - 1
    byKill += Math.min(came - 1, allowed?.get(id) ?? 0)
    const most = 1 + (allowed?.get(id) ?? 0) + (lostYes.get(id) ?? 0)
    if (came > most) doubled.push(`${id}: came ${came} times where ${most} are explained`)
  }
  return { recipients, taken: times.size, states, lost, doubled, repeated, byKill }
}
