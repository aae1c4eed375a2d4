import { randomInt } from 'node:crypto'
import type { Arbitrary } from 'fast-check'
import { createApp } from '../../src/http/app.ts'
import type { AppParts } from '../../src/http/app.ts'
import type { HttpLogEntry } from '../../src/http/log.ts'
import { openHarness } from '../http/harness.ts'
import type { Harness } from '../http/harness.ts'
import { echoing, throwing } from './p13-broken.ts'
import { callsOf } from './p13-calls.ts'
import type { Call } from './p13-calls.ts'
import { openCast } from './p13-cast.ts'
import type { Platforms } from './p13-cast.ts'
import { readDocument } from './p13-document.ts'
import type { Service } from './p13-document.ts'
import { logFaults } from './p13-log.ts'
import { Run } from './p13-run.ts'
import type { Target } from './p13-run.ts'
import { throwBytes } from './p13-sockets.ts'
import type { ProofReport } from './report.ts'

// P13: bad input never hurts.

export type Size = { calls: number; onSockets: number; seed: number }

/** A cast lasts so long: what is generated ends parties, sessions and people. */
const STRETCH = 1_000
/** Seeds of stretches lie so far apart that each has some to spare. */
const SEEDS_EACH = 100

export async function short(): Promise<ProofReport> {
  return prove({ calls: 3_000, onSockets: 300, seed: 13 })
}

/** `CLOAKROOM_FUZZ_SEED` repeats an earlier run. */
export async function full(): Promise<ProofReport> {
  const seed = Number(process.env['CLOAKROOM_FUZZ_SEED'] ?? randomInt(1_000_000))
  return prove({ calls: 1_000_000, onSockets: 20_000, seed })
}

type Bench = {
  harness: Harness
  platforms: Platforms
  service: Service
  /** Made once: making the generators is dearer than what they then make. */
  generated: Arbitrary<Call>
  parts: AppParts
  logged: HttpLogEntry[]
}

async function openBench(): Promise<Bench> {
  const harness = await openHarness()
  const logged: HttpLogEntry[] = []
  const parts: AppParts = {
    vault: harness.vault,
    log: (entry) => logged.push(entry),
    metrics: { observe: () => undefined, render: () => Promise.resolve('cloakroom_up 1\n') },
    readiness: () => Promise.resolve({ store: true, log: true, keys: true }),
    version: '0.0.0-fuzz',
  }
  const platforms = { fuzz: await harness.addTenant('default'), other: await harness.addTenant('other') }
  const service = await readDocument(harness.app)
  return { harness, platforms, service, generated: callsOf(service), parts, logged }
}

export async function prove({ calls, onSockets, seed }: Size): Promise<ProofReport> {
  const crashes: string[] = []
  const crash = (error: unknown) => crashes.push(`crash: ${String(error)}`)
  process.on('unhandledRejection', crash).on('uncaughtException', crash)
  const bench = await openBench()
  try {
    const app = createApp(bench.parts)
    const target: Target = (request) => app.fetch(request)
    const started = performance.now()
    const run = await fuzz(bench, target, calls, seed, true)
    const rate = run.calls / ((performance.now() - started) / 1_000)
    const wire = await throwBytes(target, bench.platforms.fuzz, onSockets, seed)
    const logs = await Promise.all(['default', 'other'].map((name) => logFaults(bench.harness.store, name)))
    const control = await runControls(bench, seed)
    return {
      figures: {
        seed,
        calls: run.calls,
        'calls/s': Math.round(rate),
        'slowest batch, ms': Math.round(run.slowestMs),
        'routes that also answered well': `${run.succeeded.size} of ${bench.service.routes.length}`,
        ...statusesOf(run),
        'on sockets': wire.requests,
        'of these refused below the app': wire.bare,
        'events in the logs': logs.reduce((sum, { events }) => sum + events, 0),
      },
      failures: [
        ...crashes,
        ...run.failures,
        ...wire.faults,
        ...logs.flatMap(({ faults }) => faults),
        ...pollution(),
        ...shallow(run, bench.service),
      ],
      control,
    }
  } finally {
    process.off('unhandledRejection', crash).off('uncaughtException', crash)
    await bench.harness.close()
  }
}

async function fuzz(
  { harness, platforms, service, generated, logged }: Bench,
  target: Target,
  calls: number,
  seed: number,
  shrinks: boolean,
): Promise<Run> {
  const run = new Run({ target, service, calls: generated, logged, shrinks })
  for (let stretch = 0; run.calls < calls; stretch++) {
    const cast = await openCast(harness, platforms)
    await run.stretch(cast, seed * 1_000_000 + stretch * SEEDS_EACH, Math.min(STRETCH, calls - run.calls))
    const alive = await target(new Request('http://vault.test/healthz'))
    if (alive.status !== 200) run.failures.push(`after ${run.calls} calls: /healthz answers ${alive.status}`)
  }
  return run
}

function statusesOf(run: Run): Record<string, number> {
  const sorted = [...run.statuses].sort(([a], [b]) => a - b)
  return Object.fromEntries(sorted.map(([status, count]) => [`answered ${status}`, count]))
}

/** Keys like `__proto__` have left nothing behind in the process. */
function pollution(): string[] {
  return 'polluted' in {} || 'polluted' in Object ? ['Object.prototype was changed'] : []
}

/** After so many calls each route has answered well, or the calls never get to what is behind its checks. */
const DEEP_AFTER = 100_000

function shallow({ calls, succeeded }: Run, { routes }: Service): string[] {
  if (calls < DEEP_AFTER) return []
  return routes.filter(({ name }) => !succeeded.has(name)).map(({ name }) => `never answered well: ${name}`)
}

const CONTROL_CALLS = 1_200

async function runControls(bench: Bench, seed: number): Promise<ProofReport['control']> {
  const silent = { ...bench.parts, log: () => undefined }
  const typeError = await fuzz(bench, throwing(silent), CONTROL_CALLS, seed, false)
  const echo = await fuzz(bench, echoing(silent), CONTROL_CALLS, seed, false)
  const found = [
    typeError.failures.filter((line) => line.includes('500')).length,
    echo.failures.filter((line) => line.includes('echo')).length,
  ]
  return {
    broken: `a TypeError on one input (${found[0]}), a refusal that quotes its input (${found[1]})`,
    found: Math.min(...found),
  }
}
