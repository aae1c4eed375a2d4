import { HOUR_MS, after } from '../../../core/time.ts'
import type { Instant } from '../../../core/time.ts'
import { unreachable } from '../../../core/errors.ts'
import type { Caller } from './caller.ts'
import type { DrillClock } from './drill-clock.ts'
import { issueKey, scan } from './made-vault.ts'
import type { MadeVault, Parcel, Party, Scanner } from './made-vault.ts'
import type { DrillKind, Suspects } from './order.ts'

/** What happened, and what the vault should find of it. */
export type MadeLeak = {
  suspects: Suspects
  from: Instant
  to: Instant
  /** How many persons it touched. */
  touched: number
  /** How somebody came to know. */
  tip: string
  /** One more look by the suspect, for when it has been stopped. @returns what it was told. */
  tryAgain: (() => Promise<string>) | undefined
}

/** The first scan at night; the next follow at these distances, until the last, six hours before anybody notices. */
const STARTS_BEFORE_MS = 30 * HOUR_MS
const ENDS_BEFORE_MS = 6 * HOUR_MS
const LOOKS = 4

/** A third of one courier's parcels, looked at by somebody who had no reason to. */
export async function makeLeak(
  kind: DrillKind,
  { platform, as }: { platform: Caller; as: (credential: string) => Caller },
  { couriers, parcels }: MadeVault,
  clock: DrillClock,
  awareAt: Instant,
): Promise<MadeLeak> {
  const courier = couriers[0] as Party
  const window = { from: after(awareAt, -STARTS_BEFORE_MS - HOUR_MS), to: awareAt }
  if (kind === 'copied_store') {
    const suspects: Suspects = { key_versions: [{ kind: 'wrap', version: 1 }] }
    const tip = 'A copy of the database is offered for sale, with the wrapping key of version 1.'
    return { ...window, suspects, touched: parcels.length, tip, tryAgain: undefined }
  }
  const { suspects, scanner, tip } = await castSuspect(kind, courier, platform, as)
  const own = parcels.filter(({ courier: { id } }) => id === courier.id)
  const taken = own.filter((_, at) => at % 3 === 0)
  await lookInTheNight(scanner, taken, clock, awareAt)
  const [first] = taken
  const tryAgain = async () => answerTo(scanner, first?.waybill ?? '')
  return { ...window, suspects, touched: taken.length, tip, tryAgain }
}

type Suspect = { suspects: Suspects; scanner: Scanner; tip: string }

async function castSuspect(
  kind: Exclude<DrillKind, 'copied_store'>,
  courier: Party,
  platform: Caller,
  as: (credential: string) => Caller,
): Promise<Suspect> {
  const { caller, id: party, name } = courier
  switch (kind) {
    case 'credential_leak': {
      const key = await issueKey(platform, as, party, 'depot')
      const scanner = { caller: key.caller, operator: { id: 'emp-3', device: 'hh-0003' } }
      const tip = `The key of a depot of ${name} is found in a public repository.`
      return { suspects: { credentials: [key.id] }, scanner, tip }
    }
    case 'insider': {
      const scanner = { caller, operator: { id: 'emp-7', device: 'hh-0003' } }
      const tip = `An employee of ${name} has scanned at night, far from any route.`
      return { suspects: { operators: ['emp-7'] }, scanner, tip }
    }
    case 'lost_handheld': {
      const scanner = { caller, operator: { id: 'emp-3', device: 'hh-0007' } }
      const tip = `${name} reports a handheld that was lost two days ago, unlocked.`
      return { suspects: { devices: ['hh-0007'] }, scanner, tip }
    }
    default:
      return unreachable(kind)
  }
}

async function lookInTheNight(
  scanner: Scanner,
  parcels: readonly Parcel[],
  clock: DrillClock,
  awareAt: Instant,
): Promise<void> {
  const span = (STARTS_BEFORE_MS - ENDS_BEFORE_MS) / (LOOKS - 1)
  for (let look = 0; look < LOOKS; look++) {
    clock.be(after(awareAt, look * span - STARTS_BEFORE_MS))
    const now = parcels.filter((_, at) => at % LOOKS === look)
    await scan(
      scanner,
      now.map(({ waybill }) => waybill),
    )
  }
}

type Denied = { code?: string; items?: { status: string; code?: string }[] }

async function answerTo({ caller, operator }: Scanner, waybill: string): Promise<string> {
  const body = { purpose: 'delivery', operator, items: [{ key: 'again', waybill }] }
  const { status, bytes } = await caller.try('/v1/reveal', { body })
  const answer = JSON.parse(new TextDecoder().decode(bytes)) as Denied
  const item = answer.items?.[0]
  return item ? `${item.status} ${item.code ?? ''}`.trim() : `${status} ${answer.code ?? ''}`.trim()
}
