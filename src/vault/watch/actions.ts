import { timedId } from '../../core/id.ts'
import type { HoldId, SignalId, TenantId } from '../../core/id.ts'
import { HOUR_MS, SECOND_MS, after } from '../../core/time.ts'
import type { Instant } from '../../core/time.ts'
import type { Change } from '../changes.ts'
import { systemEvent } from '../incidents/steps.ts'
import type { Vault } from '../vault.ts'
import type { Hold } from './hold.ts'
import { incidentOf } from './open-incident.ts'
import type { Action, WatchSettings } from './settings.ts'
import type { Alert, Found, Signal } from './signal.ts'

/** What a signal sets off: its writes, and what the signal then says of it. */
export type Acted = {
  changes: readonly Change[]
  said: Pick<Signal, 'actions' | 'hold' | 'incident' | 'alerts'>
}

type Setting = {
  vault: Vault
  tenant: TenantId
  now: Instant
  settings: WatchSettings
  signal: SignalId
  /** What it says, for an incident's title. */
  sentence: string
  /** Holds that go into the same commit: those above this one in the list add theirs. */
  placing: Hold[]
}

/** What was found late, in a log that is being caught up with, stops nobody: they have gone, or have been stopped. */
const ACTS_WITHIN_MS = HOUR_MS
const MANY_HOLDS = 1_000

export function actionsFor({ actions }: WatchSettings, { detector, severity }: Found): readonly Action[] {
  return (actions[detector] ?? actions['all'] ?? {})[severity] ?? []
}

/** By the tenant's settings. What is left out, and why, is said too. */
export async function act(setting: Setting, found: Found): Promise<Acted> {
  const { settings } = setting
  const wanted = actionsFor(settings, found)
  const said: string[] = []
  const changes: Change[] = []
  const alerts = wanted.includes('alert') ? alertsFor(setting) : []
  if (alerts.length > 0) said.push('alert')
  const mode = wanted.find((one) => one === 'suspend' || one === 'hold' || one === 'slow')
  let hold: HoldId | null = null
  if (mode) {
    const why = await whyNotHeld(setting, found)
    if (why) said.push(why)
    else {
      const placed = placeHold(setting, found, mode)
      changes.push(...placed.changes)
      hold = placed.hold.id
      setting.placing.push(placed.hold)
      said.push(mode)
    }
  }
  const incident = wanted.includes('incident') ? await incidentOf(setting, found) : undefined
  if (incident) {
    changes.push(...incident.changes)
    said.push('incident')
  }
  return { changes, said: { actions: said, hold, incident: incident?.id ?? null, alerts } }
}

function alertsFor({ vault, settings, now }: Setting): readonly Alert[] {
  return settings.alertChannels
    .filter((channel) => vault.channels.has(channel) && (channel !== 'email' || settings.alertEmail !== null))
    .map((channel) => ({ channel, state: 'queued', attempts: 0, nextAt: now, code: null }))
}

/** A word for why nobody is held, where the settings ask for it. */
async function whyNotHeld(
  { vault, tenant, now, settings, placing }: Setting,
  found: Found,
): Promise<string | undefined> {
  const { about, implicated, at } = found
  if (about === null) return 'not_held_nobody'
  if (about.startsWith('key_') && implicated.party === undefined) return 'not_held_platform'
  if (now - at > ACTS_WITHIN_MS) return 'not_held_late'
  const holds = await vault.store.listHolds(tenant, { active: true }, { limit: MANY_HOLDS })
  const live = [...holds.rows, ...placing]
  if (live.some(({ suspect, mode }) => suspect === about && mode === 'stop')) return 'held_already'
  const recent = live.filter(({ placedBy, placedAt }) => placedBy === null && placedAt > now - HOUR_MS)
  const parties = await vault.store.listParties(tenant, { status: 'active' }, { limit: MANY_HOLDS })
  const most = Math.max(1, Math.floor(settings.maxHeldShare * parties.rows.length))
  return recent.length >= most ? 'not_held_limit' : undefined
}

function placeHold(
  { vault, tenant, now, settings, signal }: Setting,
  { about }: Found,
  action: 'suspend' | 'hold' | 'slow',
): { hold: Hold; changes: readonly Change[] } {
  const id = timedId('hld', vault.random, now)
  const mode = action === 'slow' ? 'slow' : 'stop'
  const until = action === 'suspend' ? null : after(now, settings.holdS * SECOND_MS)
  const { id: event, append } = systemEvent(vault, tenant, now, {
    type: 'hold.placed',
    code: mode,
    hold: id,
    signal,
  })
  if (about === null) throw new Error('a hold on nobody')
  const hold: Hold = {
    id,
    suspect: about,
    mode,
    signal,
    placedBy: null,
    placedAt: now,
    until,
    event,
    clearedAt: null,
    clearedBy: null,
    clearedEvent: null,
    version: 1,
  }
  return {
    hold,
    changes: [
      { type: 'risk_hold.insert', hold },
      { type: 'hold.put', holder: id, suspects: [about], mode, until },
      append,
    ],
  }
}
