import { seeded } from '../../scripts/seeded.ts'
import { concat } from '../../src/core/bytes.ts'
import { HASH_BYTES, leafHash } from '../../src/tlog/merkle.ts'
import { examineEvent } from '../../src/vault/log/fsck/leaf.ts'
import { check } from '../vault/log/inspected.ts'
import { whileTampered } from '../vault/log/tampering.ts'
import { CHANGES, HANDS, carryOut } from './p04-attacks.ts'
import type { Attack } from './p04-attacks.ts'
import { cleanLogs } from './p04-clean.ts'
import { insideCopy, openAttacked } from './p04-store.ts'
import type { Attacked } from './p04-store.ts'
import type { ProofReport } from './report.ts'

// P4: whoever changes a log is found offline, by whoever has its key and the last checkpoint that a witness has seen.

export type Size = { attacks: number; cleanLogs: number }

const EVENTS = 60
const SNAPSHOTS = 12
/** Of the attacks, so many are shown to the blind checks too. */
const CONTROL_ATTACKS = 180
/** And of bits flipped in rows alone, where the hash is all that can tell. */
const CONTROL_FLIPS = 60
/** A check prepares its statements anew, and taking an attack back visits all that its connection has: so, a new connection. */
const ATTACKS_A_CONNECTION = 100

export async function short(): Promise<ProofReport> {
  return prove({ attacks: 360, cleanLogs: 20 })
}

export async function full(): Promise<ProofReport> {
  return prove({ attacks: 10_000, cleanLogs: 1_000 })
}

export async function prove(size: Size): Promise<ProofReport> {
  const at = await openAttacked(EVENTS, SNAPSHOTS)
  try {
    const tally = await attackAll(at, size.attacks)
    const clean = await cleanLogs(size.cleanLogs)
    const rolledBack = await setBackAll(at)
    const { control, figures } = tally
    return {
      figures: {
        attacks: size.attacks,
        ...figures,
        'set back whole': rolledBack.tried,
        'clean logs': clean.logs,
        'events in them': clean.events,
        'false alarms': clean.alarms.length,
      },
      failures: [...tally.failures, ...rolledBack.failures, ...clean.alarms],
      control: {
        broken: 'a check that believes the hash beside the bytes; and one without the witnessed checkpoint',
        // Each has to miss something, or what it leaves out is not what finds it.
        found: Math.min(control.believing, control.unwitnessed, rolledBack.unwitnessed),
      },
    }
  } finally {
    await at.close()
  }
}

/** All that anybody can do, in turn. */
const ATTACKS: readonly Attack[] = HANDS.flatMap((hand) => CHANGES.map((kind) => ({ hand, kind })))

type Missed = { believing: number; unwitnessed: number }

async function attackAll(whole: Attacked, count: number) {
  let at = whole
  const next = seeded(44)
  const control: Missed = { believing: 0, unwitnessed: 0 }
  const failures: string[] = []
  const figures: Record<string, number> = Object.fromEntries(CHANGES.map((kind) => [kind, 0]))
  for (let i = 0; i < count; i++) {
    const attack = ATTACKS[i % ATTACKS.length]!
    if (i % ATTACKS_A_CONNECTION === 0) at = reconnected(at)
    const seen = await attackOnce(at, attack, next, i < CONTROL_ATTACKS)
    if (seen.found === 0) failures.push(`attack ${i}, ${attack.kind}, ${attack.hand}: not found`)
    if (seen.blind?.believing === 0) control.believing += 1
    if (seen.blind?.unwitnessed === 0) control.unwitnessed += 1
    figures[attack.kind]! += 1
  }
  for (let i = 0; i < CONTROL_FLIPS; i++) {
    const seen = await attackOnce(at, { hand: 'plain', kind: 'flip' }, next, true)
    if (seen.blind?.believing === 0) control.believing += 1
  }
  const { found } = await look(at, false)
  at.client.close()
  if (found > 0) failures.push(`${found} findings with everything put back`)
  return { failures, control, figures }
}

function reconnected(at: Attacked): Attacked {
  const copy = at.client.serialize()
  at.client.close()
  return { ...at, ...insideCopy(copy) }
}

function attackOnce(at: Attacked, attack: Attack, next: () => number, blindly: boolean): Promise<Seen> {
  const nothing = () => undefined
  return whileTampered(at.client, nothing, async () => {
    await carryOut(at, attack, next)
    return look(at, blindly)
  })
}

type Seen = { found: number; blind: Missed | undefined }

/** What the check finds; and what it would if it were blind in one way or the other. */
async function look(at: Attacked, blindly: boolean): Promise<Seen> {
  const { reader } = at
  const given = { verifiers: [at.verifier], witnessed: [at.witnessed] }
  const whole = await check({ reader: reader(), ...given })
  if (!blindly) return { found: whole.findings.length, blind: undefined }
  const believing = await check({ reader: reader(), ...given }, believe)
  const unwitnessed = await check({ reader: reader(), ...given, witnessed: [] })
  const blind = { believing: believing.findings.length, unwitnessed: unwitnessed.findings.length }
  return { found: whole.findings.length, blind }
}

/** Broken: what is stored as the hash is taken for the hash, and the bytes for what was hashed. */
const believe: typeof examineEvent = (tenant, row) => {
  const examined = examineEvent(tenant, { ...row, leafHash: leafHash(row.bytes) })
  return { ...examined, hash: row.leafHash.length === HASH_BYTES ? concat(row.leafHash) : examined.hash }
}

/** The store as it was at earlier times: without fault in itself, and the witness has seen more. */
async function setBackAll(at: Attacked) {
  const failures: string[] = []
  let unwitnessed = 0
  for (const [i, copy] of at.earlier.entries()) {
    const inside = insideCopy(copy)
    const seen = await look({ ...at, ...inside }, true)
    inside.client.close()
    if (seen.found === 0) failures.push(`set back to copy ${i}: not found`)
    if (seen.blind?.unwitnessed === 0) unwitnessed += 1
  }
  return { tried: at.earlier.length, failures, unwitnessed }
}
