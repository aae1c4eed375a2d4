import { onFolder } from './deployment.ts'
import { CLOAKROOM, broken } from './service-process.ts'
import { whyNoFaults } from './p01-p03-strace.ts'
import { FILE_SIZE_LIMIT, PASSING } from './p02-p03-faults.ts'
import { KILL, LOST_SYNC, passing, provoke } from './p02-provoked.ts'
import type { Provoked, Trouble } from './p02-provoked.ts'
import type { ProofReport } from './report.ts'

// P2: no reveal without its event. Every value is found nowhere else, so whatever is shown of a person is known to be theirs;
// and for all of it there is an event in the log that is found in the end.

export type Size = { reveals: number; people: number; lanes: number; revealsATrouble: number }

/** The share of the reveals that meet locks: they need a service of their own. */
const LOCKED_SHARE = 0.2
const CONTROL_PATIENCE_MS = 200

export async function short(): Promise<ProofReport> {
  return prove({ reveals: 1_200, people: 20, lanes: 16, revealsATrouble: 100 }, 'skipped')
}

export async function full(): Promise<ProofReport> {
  return prove({ reveals: 100_000, people: 200, lanes: 32, revealsATrouble: 250 }, 'failure')
}

/** @param missing what it is when a fault cannot be made on this machine. */
export async function prove(size: Size, missing: 'skipped' | 'failure'): Promise<ProofReport> {
  const { alone, shared, leftOut } = await troublesHere()
  const reveals = Math.round(size.reveals * (1 - LOCKED_SHARE))
  const first = await provoke({ ...size, deploy: onFolder, program: CLOAKROOM, reveals, troubles: alone })
  const locked = await provoke({ ...size, ...shared, deploy: onFolder, reveals: size.reveals - reveals })
  const control = await loseEvents(size)
  return {
    figures: {
      'troubles of these kinds': [...alone, ...shared.troubles].map(({ name }) => name).join(', '),
      ...(leftOut.length > 0 && { skipped: leftOut.join('; ') }),
      ...figuresOf([first, locked]),
    },
    failures: [...first.failures, ...locked.failures, ...(missing === 'failure' ? leftOut : [])],
    control,
  }
}

/** What several runs saw, together. */
export function figuresOf(runs: readonly Provoked[]): ProofReport['figures'] {
  const sum = (of: (run: Provoked) => number) => runs.reduce((total, run) => total + of(run), 0)
  return {
    'troubles made': sum(({ troubles }) => troubles),
    reveals: sum(({ book }) => book.asked),
    'that showed somebody': sum(({ book }) => book.showing),
    'refused, 503': sum(({ book }) => book.refused),
    'broken off': sum(({ book }) => book.brokenOff),
    'of these in the middle': sum(({ book }) => book.brokenInside),
    'bytes of personal data': sum(({ book }) => book.bytes),
    'of these without an event': sum(({ bytesWithoutEvent }) => bytesWithoutEvent),
    'disclosures in the log': sum(({ events }) => events),
  }
}

type Here = {
  alone: Trouble[]
  shared: { program: readonly string[]; troubles: Trouble[] }
  leftOut: string[]
}

async function troublesHere(): Promise<Here> {
  const alone: Trouble[] = [KILL]
  const leftOut: string[] = []
  const shared = { program: CLOAKROOM, troubles: [KILL] }
  for (const fault of PASSING) {
    const why = await fault.whyNot()
    if (why !== undefined) leftOut.push(`${fault.name}: ${why}`)
    else if (fault.program === CLOAKROOM) alone.push(passing(fault))
    else Object.assign(shared, { program: fault.program, troubles: [passing(fault), KILL] })
  }
  const why = await whyNoFaults()
  if (why === undefined) alone.push(LOST_SYNC)
  else leftOut.push(`${LOST_SYNC.name}: ${why}`)
  return { alone, shared, leftOut }
}

/** Answers before the commit: what it shows while nothing can be written never has an event. */
async function loseEvents({ people, lanes }: Size): Promise<ProofReport['control']> {
  const { bytesWithoutEvent } = await provoke({
    deploy: onFolder,
    program: broken('p02-early-service.ts'),
    reveals: 300,
    people: Math.min(people, 20),
    lanes,
    troubles: [passing(FILE_SIZE_LIMIT, CONTROL_PATIENCE_MS)],
    revealsATrouble: 100,
  })
  return { broken: 'an answer before the commit', found: bytesWithoutEvent }
}
