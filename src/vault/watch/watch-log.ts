import { isVaultError } from '../../core/errors.ts'
import type { SubjectId, TenantId } from '../../core/id.ts'
import { DAY_MS, HOUR_MS, SECOND_MS, after } from '../../core/time.ts'
import type { Instant } from '../../core/time.ts'
import type { Change } from '../changes.ts'
import type { ScannedEvent } from '../store.ts'
import type { Vault } from '../vault.ts'
import { watchedEvent } from './event.ts'
import type { WatchedEvent } from './event.ts'
import { Gathered } from './gather.ts'
import type { Group } from './gather.ts'
import { planSignal, settingsOf } from './raise.ts'
import type { Together, Told } from './raise.ts'
import { Runner } from './runner.ts'
import type { WatchSettings } from './settings.ts'

/** Some milliseconds of work, after which others have their turn. */
const EVENTS_A_STEP = 500
/** Of one tenant, before the next one has its turn. */
const STEPS_A_ROUND = 40
const TENANTS_A_ROUND = 1_000
/** What was learned is written at least this often; a kill costs a second look at as many events. */
const WRITTEN_EVERY_MS = 2 * SECOND_MS
const WRITTEN_AT = 5_000
const CLEANED_EVERY_MS = HOUR_MS
/** What nothing has touched for so long is forgotten. */
const FORGOTTEN_AFTER_MS = 45 * DAY_MS
const FORGOTTEN_A_STEP = 1_000

/** A tenant's detectors at work, between two writes. */
export type Working = {
  runner: Runner
  settings: WatchSettings
  settingsVersion: number
  version: number
  /** The next event to be looked at, and the one that the store knows of. */
  position: number
  written: number
  writtenAt: number
  cleanedAt: number
  gathered: Gathered
}

/**
 * The job: takes what the log has grown by through the detectors, and raises what they find. What they know, how far they are and what
 * they found are one commit: after a kill it goes on from there, and finds nothing twice and leaves nothing out.
 * @throws whatever the last tenant's failed of, and where a detector threw, with its name. All others were looked at.
 */
export async function watchLogs(vault: Vault): Promise<void> {
  if (!vault.watch.on) return
  const failed: unknown[] = []
  for (const tenant of await vault.store.listWatchesBehind(TENANTS_A_ROUND)) {
    try {
      await watchLog(vault, tenant)
    } catch (error) {
      vault.watch.working.delete(tenant)
      // Another process was faster, or somebody set something: the next round begins with what is stored.
      if (!isVaultError(error, 'conflict')) failed.push(error)
    }
  }
  if (failed.length > 0) throw failed.at(-1)
  const thrown = vault.watch.takeThrown()
  if (thrown) throw new Error(`detector ${thrown.detector} threw`, { cause: thrown.error })
}

/** When there is something to look at. */
export async function nextWatch(vault: Vault): Promise<Instant | undefined> {
  if (!vault.watch.on) return undefined
  const behind = await vault.store.listWatchesBehind(1)
  return behind.length > 0 ? vault.clock.now() : undefined
}

async function watchLog(vault: Vault, tenant: TenantId): Promise<void> {
  const working = await workingOn(vault, tenant)
  for (let step = 0; step < STEPS_A_ROUND; step++) {
    const { rows, next } = await vault.store.scanEvents(
      tenant,
      { from: null, to: null },
      working.position - 1,
      EVENTS_A_STEP,
    )
    const events = rows.flatMap((row) => readable(vault, row) ?? [])
    await lookAt(vault, tenant, working, events)
    vault.watch.looked += rows.length
    working.position = (rows.at(-1)?.index ?? working.position - 1) + 1
    await writeIfDue(vault, tenant, working)
    if (next === null) return
  }
}

/** A leaf that cannot be read is for `fsck` to find: what comes behind it is looked at all the same. */
function readable(vault: Vault, row: ScannedEvent): WatchedEvent | undefined {
  try {
    return watchedEvent(row)
  } catch (error) {
    vault.watch.failed('leaf', error)
    return undefined
  }
}

/** What this process has at work, if that is still what is stored. */
async function workingOn(vault: Vault, tenant: TenantId): Promise<Working> {
  const watch = await vault.store.findWatch(tenant)
  const known = vault.watch.working.get(tenant)
  const version = watch?.version ?? 0
  const settingsVersion = watch?.settingsVersion ?? 0
  if (known && known.version === version && known.settingsVersion === settingsVersion) return known
  const settings = await settingsOf(vault, tenant)
  const position = watch?.cursor ?? 0
  const working: Working = {
    runner: new Runner(settings.parameters, (detector, error) => vault.watch.failed(detector, error)),
    settings,
    settingsVersion,
    version,
    position,
    written: position,
    writtenAt: vault.clock.now(),
    cleanedAt: 0,
    gathered: new Gathered(),
  }
  vault.watch.working.set(tenant, working)
  return working
}

async function lookAt(
  vault: Vault,
  tenant: TenantId,
  { runner, gathered }: Working,
  events: readonly WatchedEvent[],
): Promise<void> {
  const run = async (some: readonly WatchedEvent[]) => {
    const plan = runner.plan(some)
    const missing = runner.missing(plan)
    if (missing.length > 0) runner.give(missing, await vault.store.findWatchCells(tenant, missing))
    return runner.run(plan)
  }
  const { made, facts } = await run(events)
  gathered.add(made)
  if (facts.length > 0) gathered.add((await run(facts)).made)
}

async function writeIfDue(vault: Vault, tenant: TenantId, working: Working): Promise<void> {
  const now = vault.clock.now()
  const due = working.gathered.due()
  const isDue = now - working.writtenAt >= WRITTEN_EVERY_MS || working.runner.dirty >= WRITTEN_AT
  if (due.length === 0 && (!isDue || working.position === working.written)) return
  const raised: Change[] = []
  const together: Together = { holds: [], signals: [] }
  for (const group of due) {
    const told = await toldOf(vault, tenant, group)
    const { changes } = await planSignal(vault, tenant, working.settings, told, together)
    raised.push(...changes)
  }
  const stale = await staleCells(vault, tenant, working, now)
  const { position: cursor, version: expectedVersion } = working
  const cells = [...stale.map((key) => ({ key, state: null, at: now })), ...working.runner.take()]
  await vault.store.commit(tenant, [{ type: 'watch.step', cursor, expectedVersion, cells }, ...raised])
  working.gathered.told(due)
  Object.assign(working, { version: expectedVersion + 1, written: cursor, writtenAt: now })
}

/** A finding as whoever reads it needs it: a person by its id, and the events that it rests on. */
async function toldOf(vault: Vault, tenant: TenantId, group: Group): Promise<Told> {
  const { detector, finding, event } = group.made
  const { score, ...what } = finding
  const subject =
    detector === 'crowd' && what.code === 'crowd' ? await subjectOf(vault, tenant, event.person) : undefined
  const found = {
    ...what,
    ...(subject && { about: subject, implicated: { subject } }),
    detector,
    evidence: group.evidence,
    at: event.at,
  }
  return { found, since: group.firstAt, score, times: group.times }
}

async function subjectOf(
  vault: Vault,
  tenant: TenantId,
  person: number | null,
): Promise<SubjectId | undefined> {
  if (person === null) return undefined
  const [facts] = await vault.store.listPersonFacts(tenant, person, person)
  return facts?.subject
}

async function staleCells(
  vault: Vault,
  tenant: TenantId,
  working: Working,
  now: Instant,
): Promise<readonly string[]> {
  if (now - working.cleanedAt < CLEANED_EVERY_MS) return []
  working.cleanedAt = now
  return vault.store.listStaleCells(tenant, after(now, -FORGOTTEN_AFTER_MS), FORGOTTEN_A_STEP)
}
