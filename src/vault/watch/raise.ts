import { isVaultError } from '../../core/errors.ts'
import { timedId } from '../../core/id.ts'
import type { EventId, TenantId } from '../../core/id.ts'
import { HOUR_MS } from '../../core/time.ts'
import type { Instant } from '../../core/time.ts'
import type { Change } from '../changes.ts'
import { systemEvent } from '../incidents/steps.ts'
import type { Vault } from '../vault.ts'
import { act } from './actions.ts'
import type { Hold } from './hold.ts'
import { DEFAULT_SETTINGS } from './settings.ts'
import type { WatchSettings } from './settings.ts'
import { sentenceOf } from './sentences.ts'
import { SIGNAL_SEVERITIES } from './signal.ts'
import type { Found, Signal } from './signal.ts'

/** What is found about the same again within this time is one signal. */
export const GROUPED_MS = 24 * HOUR_MS
/** A dismissal moves the limit for the one it was about, so far and no further; a confirmation takes all of that back. */
const EASED_BY_DISMISSAL = 1.5
const MOST_EASED = 4
const MOST_EVIDENCE = 20
const LOOKED_BACK = 10
const MAX_ATTEMPTS = 5

/** What was found, since when, how far beyond the limit, and how often since it was last told. */
export type Told = { found: Found; since: Instant; score: number; times: number }

/** What several decisions of one commit have done so far, each signal as it is after them. */
export type Together = { holds: Hold[]; signals: Signal[] }

/** What becomes of it: writes, and the signal as it is after them. None: it was dismissed before, and is not beyond the moved limit. */
export type Raised = { changes: readonly Change[]; signal: Signal | undefined; isNew: boolean }

/** By how much the limit is moved for whom these signals were about, the newest first. */
export function easeOf(before: readonly Signal[]): number {
  let ease = 1
  for (const { state } of before) {
    if (state === 'confirmed') break
    if (state === 'dismissed') ease *= EASED_BY_DISMISSAL
  }
  return Math.min(ease, MOST_EASED)
}

/**
 * Decides on one thing that was found; reads, and writes nothing itself.
 * @param together what goes into the same commit, to which it adds its own.
 */
export async function planSignal(
  vault: Vault,
  tenant: TenantId,
  settings: WatchSettings,
  { found, since, score, times }: Told,
  together: Together = { holds: [], signals: [] },
): Promise<Raised> {
  const { detector, about } = found
  const stored = await vault.store.listSignalsAbout(tenant, detector, about, LOOKED_BACK)
  const before = overlaid(stored, together.signals, found)
  const [last] = before
  const same = last && last.state !== 'dismissed' && found.at - last.lastAt < GROUPED_MS ? last : undefined
  if (same) return noted(together, addedTo(same, found, times))
  if (score < easeOf(before)) return { changes: [], signal: undefined, isNew: false }
  return noted(together, await newSignal(vault, tenant, settings, { found, since, times }, together.holds))
}

function noted(together: Together, raised: Raised): Raised {
  if (raised.signal) together.signals.unshift(raised.signal)
  return raised
}

/** As they will be once the commit stands: each once, what was last found first; ids of one moment have no order. */
function overlaid(
  stored: readonly Signal[],
  planned: readonly Signal[],
  { detector, about }: Found,
): readonly Signal[] {
  const own = planned.filter((one) => one.detector === detector && one.about === about)
  const all = new Map([...own, ...stored].toReversed().map((one) => [one.id, one]))
  return [...all.values()].toSorted((a, b) => b.lastAt - a.lastAt)
}

function addedTo(signal: Signal, found: Found, times: number): Raised {
  const graver = SIGNAL_SEVERITIES.indexOf(found.severity) > SIGNAL_SEVERITIES.indexOf(signal.severity)
  const now: Signal = {
    ...signal,
    severity: graver ? found.severity : signal.severity,
    figures: found.figures,
    evidence: evidenceOf([...signal.evidence, ...found.evidence]),
    count: signal.count + times,
    lastAt: Math.max(signal.lastAt, found.at) as Instant,
  }
  const put: Change = { type: 'signal.put', signal: now, expectedVersion: signal.version }
  return { changes: [put], signal: { ...now, version: signal.version + 1 }, isNew: false }
}

/** The first ones and the last: how it began, and how it went on. */
function evidenceOf(events: readonly EventId[]): readonly EventId[] {
  const once = [...new Set(events)]
  if (once.length <= MOST_EVIDENCE) return once
  return [...once.slice(0, MOST_EVIDENCE / 2), ...once.slice(-MOST_EVIDENCE / 2)]
}

async function newSignal(
  vault: Vault,
  tenant: TenantId,
  settings: WatchSettings,
  { found, since, times }: Omit<Told, 'score'>,
  placing: Hold[],
): Promise<Raised> {
  const now = vault.clock.now()
  const { at, ...what } = found
  const id = timedId('sig', vault.random, now)
  const seen = { count: times, firstAt: since, lastAt: at }
  const sentence = sentenceOf({ ...found, ...seen })
  const acted = await act({ vault, tenant, now, settings, signal: id, sentence, placing }, found)
  const details = { type: 'signal.raised', signal: id, code: found.detector } as const
  const { id: event, append } = systemEvent(vault, tenant, now, details)
  const signal: Signal = {
    ...what,
    ...seen,
    ...acted.said,
    evidence: evidenceOf(found.evidence),
    id,
    state: 'open',
    event,
    settled: null,
    version: 1,
  }
  return { changes: [{ type: 'signal.insert', signal }, append, ...acted.changes], signal, isNew: true }
}

export async function settingsOf(vault: Vault, tenant: TenantId): Promise<WatchSettings> {
  return (await vault.store.findWatch(tenant))?.settings ?? DEFAULT_SETTINGS
}

/**
 * Raises a signal that no detector of the log has found, such as a canary that was touched: durable once resolved, with its event and
 * whatever the tenant's settings do at this severity. The same again within a day is counted on the one that is there.
 * @returns undefined if nothing came of it, as the like was dismissed before.
 */
export async function raiseSignal(vault: Vault, tenant: TenantId, found: Found): Promise<Signal | undefined> {
  const settings = await settingsOf(vault, tenant)
  for (let attempt = 1; ; attempt++) {
    const { changes, signal } = await planSignal(vault, tenant, settings, {
      found,
      since: found.at,
      score: 1,
      times: 1,
    })
    if (changes.length === 0) return signal
    try {
      await vault.store.commit(tenant, changes)
      return signal
    } catch (error) {
      if (!isVaultError(error, 'conflict') || attempt === MAX_ATTEMPTS) throw error
    }
  }
}
