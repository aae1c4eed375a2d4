import { isVaultError } from '../../core/errors.ts'
import type { EventId, SubjectId, TenantId } from '../../core/id.ts'
import { parseRfc3339 } from '../../core/time.ts'
import { readLeaf } from '../audit/event.ts'
import type { Change } from '../changes.ts'
import type { Vault } from '../vault.ts'
import { planSignal, settingsOf } from '../watch/raise.ts'
import type { Together } from '../watch/raise.ts'
import { alarmsOf } from './alarm.ts'
import type { DatedTouch } from './alarm.ts'
import type { NotedTouch } from './canary.ts'
import { notedTouch, touchOf } from './touches.ts'
import type { Touch } from './touches.ts'

/** Somebody who copies everything meets all canaries at once; the rest is for the next round. */
const EVENTS_A_ROUND = 500

/** A stretch without a touch costs little to go through again: it is written down only now and then. */
const WRITTEN_AT = 10_000

/**
 * The job: raises what touched a canary since the last round. It follows the log, so that no look is slower for it and none is lost by a
 * kill; where the log has come to, and the signals, are one commit.
 */
export async function lookOutForTouches(vault: Vault): Promise<void> {
  const failed: unknown[] = []
  for (const { tenant, walked } of await vault.store.listCanaryWalks()) {
    try {
      await lookOut(vault, tenant, walked)
    } catch (error) {
      // Another process was faster, or a signal was settled meanwhile: the next round begins with what is stored.
      if (!isVaultError(error, 'conflict')) failed.push(error)
    }
  }
  if (failed.length > 0) throw failed.at(-1)
}

async function lookOut(vault: Vault, tenant: TenantId, walked: number): Promise<void> {
  const { size } = await vault.store.logHead(tenant)
  const [events, noted] = await Promise.all([
    walked < size
      ? vault.store.listCanaryEvents(tenant, { from: walked, to: size }, EVENTS_A_ROUND)
      : ([] as const),
    vault.store.listCanaryTouches(tenant, EVENTS_A_ROUND),
  ])
  const isAll = events.length < EVENTS_A_ROUND
  const to = isAll ? size : (events.at(-1)?.index ?? walked) + 1
  const seen = events.flatMap(({ id, subject, bytes }) => dated(bytes, (leaf) => touchOf(id, subject, leaf)))
  const touches = [...seen, ...(await withLeaves(vault, tenant, noted))]
  if (touches.length === 0 && noted.length === 0 && isAll && to - walked < WRITTEN_AT) return
  await vault.store.commit(tenant, [
    ...(to > walked ? [{ type: 'canary.walk', from: walked, to } as const] : []),
    ...noted.map(({ event, subject }): Change => ({ type: 'canary.settle', event, subject })),
    ...(await raised(vault, tenant, touches)),
  ])
}

type Undirected = Omit<DatedTouch, 'plantedWith'>

/** Nothing of an event whose time is over: there is nothing left in it. */
function dated(
  bytes: Uint8Array,
  touch: (leaf: Record<string, unknown>) => Touch | undefined,
): readonly Undirected[] {
  if (bytes.length === 0) return []
  const leaf = readLeaf(bytes)
  const found = touch(leaf)
  const at = parseRfc3339(String(leaf['at']))
  return found && at !== undefined ? [{ ...found, at }] : []
}

async function withLeaves(
  vault: Vault,
  tenant: TenantId,
  noted: readonly NotedTouch[],
): Promise<readonly Undirected[]> {
  const leaves = new Map<EventId, Uint8Array>()
  for (const { event } of noted) {
    const stored = leaves.has(event) ? undefined : await vault.store.findEvent(tenant, event)
    if (stored) leaves.set(event, stored.bytes)
  }
  return noted.flatMap((one) =>
    dated(leaves.get(one.event) ?? new Uint8Array(), (leaf) => notedTouch(one, leaf)),
  )
}

async function raised(
  vault: Vault,
  tenant: TenantId,
  touches: readonly Undirected[],
): Promise<readonly Change[]> {
  const directed: DatedTouch[] = []
  const counted: Change[] = []
  for (const [subject, group] of Map.groupBy(touches, (touch): SubjectId => touch.subject)) {
    const canary = await vault.store.findCanary(tenant, subject)
    const last = group.at(-1)
    if (!canary || canary.retiredAt !== null || !last) continue
    directed.push(...group.map((touch) => ({ ...touch, plantedWith: canary.party })))
    counted.push({ type: 'canary.touched', subject, count: group.length, at: last.at })
  }
  if (directed.length === 0) return []
  const settings = await settingsOf(vault, tenant)
  const together: Together = { holds: [], signals: [] }
  const signals: Change[] = []
  for (const told of alarmsOf(directed.toSorted((a, b) => a.at - b.at))) {
    signals.push(...(await planSignal(vault, tenant, settings, told, together)).changes)
  }
  return [...counted, ...signals]
}
