import { openVault } from '../../src/runtime/node/compose.ts'
import { readConfig } from '../../src/runtime/node/config.ts'
import { breakEach } from './p08-control.ts'
import { Readers } from './p08-readers.ts'
import { LEVELS, checkStored, keysFolderOf, rotateThere, statusOf, unfinished } from './p08-rotating.ts'
import type { ProofReport } from './report.ts'
import { ENOUGH_FOR_ANYBODY, ServiceProcess, TENANT } from './service-process.ts'

// P8: rotation without down-time. Every level is rotated while people's data is read: no read fails. The service is killed in
// the middle of rotations, goes on with them when it starts again, and everybody's data opens.

/** `rounds`: how often each level is rotated beside the reads. */
type Size = { persons: number; lanes: number; rounds: number; kills: number }

/** What sessions are issued for: the same after each start, wherever the service then listens. */
const PUBLIC_URL = 'https://vault.test'

export async function short(): Promise<ProofReport> {
  return prove({ persons: 100, lanes: 2, rounds: 2, kills: 4 })
}

export async function full(): Promise<ProofReport> {
  return prove({ persons: 2_000, lanes: 4, rounds: 10, kills: 200 })
}

/** More than any rotation here takes. */
const RESUMED_WITHIN_MS = 60_000

async function prove(size: Size): Promise<ProofReport> {
  const service = new ServiceProcess()
  process.env['CLOAKROOM_PUBLIC_URL'] = PUBLIC_URL
  try {
    await service.setDailyQuota(ENOUGH_FOR_ANYBODY)
    await service.start()
    const readers = await Readers.open(service, size.persons, size.lanes)
    const steps = await rotateUnderLoad(service, readers, size.rounds)
    const undisturbed = readers.reads
    const killed = await killAndResume(service, readers, steps, size.kills)
    await readers.readAll()
    readers.close()
    await service.stop()
    const stored = await checkFolder(service.dataFolder)
    const { sound, ...broken } = await breakEach()
    return {
      figures: {
        persons: size.persons,
        'rotations beside reads': LEVELS.length * size.rounds,
        'reads beside them': undisturbed,
        kills: size.kills,
        'of these in the middle': killed.inTheMiddle,
        'reads in all': readers.reads,
        'failed reads': readers.failures.length,
      },
      failures: [
        ...readers.failures,
        ...killed.failures,
        ...stored,
        ...(sound === 0 ? [] : ['the sound job loses people']),
      ],
      control: {
        broken: `jobs that write ${Object.keys(broken).join(', ')}`,
        // Each of them has to be found.
        found: Math.min(...Object.values(broken)),
      },
    }
  } finally {
    delete process.env['CLOAKROOM_PUBLIC_URL']
    service.discard()
  }
}

/** @returns how many steps each level took. */
async function rotateUnderLoad(
  { dataFolder }: ServiceProcess,
  readers: Readers,
  rounds: number,
): Promise<ReadonlyMap<string, number>> {
  const steps = new Map<string, number>()
  readers.start()
  for (const level of Array.from({ length: rounds }, () => LEVELS).flat()) {
    let taken = 0
    await rotateThere(dataFolder, level, () => (taken += 1))
    steps.set(level, taken)
  }
  await readers.stop()
  await readers.readAll()
  return steps
}

type Killed = { inTheMiddle: number; failures: readonly string[] }

async function killAndResume(
  service: ServiceProcess,
  readers: Readers,
  steps: ReadonlyMap<string, number>,
  kills: number,
): Promise<Killed> {
  let inTheMiddle = 0
  const failures: string[] = []
  for (let i = 0; i < kills; i++) {
    const level = LEVELS[i % LEVELS.length] ?? 'wrap'
    readers.start()
    const answered = await killAtStep(service, level, 1 + (i % (steps.get(level) ?? 1)))
    await readers.stop()
    await service.start()
    if (!answered) inTheMiddle += 1
    readers.start()
    const left = await waitUntilThrough(service.dataFolder)
    await readers.stop()
    if (left.length > 0) failures.push(`${level}: not through after a kill: ${left.join()}`)
  }
  return { inTheMiddle, failures }
}

/** @returns whether the rotation was answered before the process was gone. */
async function killAtStep(
  service: ServiceProcess,
  level: (typeof LEVELS)[number],
  step: number,
): Promise<boolean> {
  let seen = 0
  let killing: Promise<void> | undefined
  const kill = () => (killing ??= service.kill())
  const answered = await rotateThere(service.dataFolder, level, () => {
    if (++seen >= step) void kill()
  })
  await kill()
  return answered
}

/** @returns what is still under way when the time is over. */
async function waitUntilThrough(dataFolder: string): Promise<readonly string[]> {
  const until = performance.now() + RESUMED_WITHIN_MS
  let left = unfinished(await statusOf(dataFolder))
  while (left.length > 0 && performance.now() < until) {
    await new Promise((resolve) => setTimeout(resolve, 20))
    left = unfinished(await statusOf(dataFolder))
  }
  return left
}

async function checkFolder(dataFolder: string): Promise<readonly string[]> {
  const env = { CLOAKROOM_DATA: dataFolder, CLOAKROOM_KEYS: keysFolderOf(dataFolder) }
  const { vault, close } = await openVault(readConfig(env))
  const failures = await checkStored(vault, TENANT)
  await close()
  return failures
}
